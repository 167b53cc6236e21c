"""A small diffusion model over chroma that samples several plausible colourings on a CPU.

The guided U-Net encodes the picture and predicts its colours. The diffusion samples the difference
between the true colours and that prediction, on a grid four times coarser. Hints are applied by the
guided U-Net, and the samples were trained to agree with them.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from retint.color.lab import Float32
from retint.color.resize import average, linear
from retint.colorizers.base import GUIDED, Colorizer, Look
from retint.colorizers.guided_unet import GuidedLook
from retint.colorizers.options import ChromaDiffusionOptions
from retint.colorizers.parts import octaves
from retint.colorizers.parts.ddim import sample
from retint.colorizers.parts.guided_parts import Parts
from retint.colorizers.parts.network import SideBySide, load_own
from retint.errors import WeightsError
from retint.weights import shipped

CELL = 4
"""Side of a diffusion cell in pixels of the picture."""
SPREAD = 12.0
"""Standard deviation in a*b* of a normalised sample."""
HINT_EVERY = 16
"""Spacing in pixels of the hints that pass a sample to the guide; 0 adds it to the prediction
instead.

A sample is coarse and ignores edges. As hints to the guided U-Net, its colours fill the objects
that they lie on. The value was chosen on val/ (`benchmarks/quality/diffusion.py`).
"""


class Signature(NamedTuple):
    """Names of inputs and outputs in the file."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


CONDITION = Signature(
    ("lightness", "map4", "map8", "map16", "chroma", "scored", "hints"),
    ("features", "known"),
)
"""Encodes the condition, once for all steps."""
DENOISE = Signature(("noisy", "kept_features", "kept_known", "time"), ("velocity",))
"""One denoising step."""
SMALLER = {
    "lightness": 1, "map4": 4, "map8": 8, "map16": 16, "chroma": 1, "scored": 4, "hints": 1,
    "noisy": 4, "kept_features": 8, "kept_known": 4, "time": 4,
}  # fmt: skip
"""How many times each input is smaller than the picture."""


class DiffusionLook(Look):
    """A picture opened with the guided U-Net, and samples around its prediction."""

    takes_hints = True

    def __init__(
        self,
        parts: SideBySide,
        guide: GuidedLook,
        options: ChromaDiffusionOptions,
        picture: int,
    ) -> None:
        super().__init__(ChromaDiffusion.name)
        self._parts, self._guide, self._options = parts, guide, options
        self._picture = picture

    def _chroma(self, hints: Float32 | None) -> Float32:
        """The first variant."""
        return self.variants(1, hints)[0]

    def _certainty(self, hints: Float32 | None) -> Float32:
        """The confidence of the guide."""
        return self._guide.certainty(hints)

    def _variants(self, count: int, hints: Float32 | None, base: Float32 | None) -> list[Float32]:
        """Samples that start from `base`, or from the prediction."""
        options = self._options
        seen, guess = self._guide.seen(hints)
        condition = self._condition(seen)
        height, width = condition[1].shape[2:]
        seeds = [(self._picture, options.seed + k) for k in range(count)]
        noise = np.stack([octaves.noise(seed, 2, height, width) for seed in seeds])
        start = np.zeros_like(noise)
        if base is not None:
            start += _in_cells(base - guess, height, width) / np.float32(SPREAD)
        distances = sample(
            lambda noisy, time: self._velocity(noisy, time, condition),
            start, noise, steps=options.steps, strength=options.strength,
        )  # fmt: skip
        samples = [guess + np.float32(SPREAD) * _enlarge(each, guess.shape) for each in distances]
        if not HINT_EVERY:
            return samples
        return [self._guide.told(_as_hints(each, hints)) for each in samples]

    def _condition(self, seen: dict[str, Float32]) -> tuple[Float32, Float32]:
        """Encoder features and the known values per cell."""
        features, known = self._parts(
            CONDITION.outputs, {name: seen[name] for name in CONDITION.inputs}
        )
        return features * np.float32(self._options.control_scale), known

    def _velocity(self, noisy: Float32, time: int, condition: tuple[Float32, Float32]) -> Float32:
        """The velocity with classifier-free guidance of `guidance_scale`."""
        scale = np.float32(self._options.guidance_scale)
        with_it = self._denoise(noisy, time, condition)
        if scale == 1:
            return with_it
        without = self._denoise(noisy, time, tuple(map(np.zeros_like, condition)))
        return without + scale * (with_it - without)

    def _denoise(self, noisy: Float32, time: int, condition: tuple[Float32, ...]) -> Float32:
        inputs = [noisy, *(np.repeat(each, len(noisy), axis=0) for each in condition)]
        inputs.append(np.full_like(noisy[:, :1], time))
        (velocity,) = self._parts(DENOISE.outputs, dict(zip(DENOISE.inputs, inputs, strict=True)))
        return velocity


class ChromaDiffusion(Colorizer):
    """Samples chroma around the guided U-Net's prediction."""

    name = "chroma-diffusion"
    summary = "our own: a small diffusion around guided-unet's prediction; vivid, several variants"
    trained_on_lite0 = True
    Options = ChromaDiffusionOptions
    look_class = DiffusionLook
    options: ChromaDiffusionOptions

    def __init__(self, options: ChromaDiffusionOptions) -> None:
        self.options = options
        network = load_own(self.name, options.weights, options.threads, options.device)
        guide = load_own(GUIDED, options.guide, options.threads, options.device)
        if network.description.beside != guide.description.fingerprint:
            which = (each or "the shipped file" for each in (options.weights, options.guide))
            raise WeightsError(
                "{} was not trained with {}: `weights` and `guide` must belong together".format(
                    *which
                )
            )
        self.native, self.size = network.description.native, network.description.size
        self._guide = Parts(guide)
        self._parts = SideBySide(network, SMALLER)

    @property
    def weights(self) -> list[Path]:
        """Its own file and that of its guide."""
        options = self.options
        return [options.weights or shipped(self.name), options.guide or shipped(GUIDED)]

    def look(self, lightness: Float32) -> DiffusionLook:
        """Open L* [H, W] to colour it repeatedly."""
        guide = GuidedLook(self._guide, lightness)
        return DiffusionLook(self._parts, guide, self.options, _signature(lightness))


def _signature(lightness: Float32) -> int:
    """A number derived from L* [H, W], so that pictures of an album do not share the tint of a
    seed.

    It is coarse, so that rounding differences between machines do not change it.
    """
    coarse = average(lightness, (8, 8))
    return zlib.crc32((coarse / 4).round().astype(np.uint8).tobytes())


def _as_hints(sample: Float32, hints: Float32 | None) -> Float32:
    """Convert a sample [H, W, 2] to hints [H, W, 3] on a grid; the user's hints override them."""
    told = np.zeros((*sample.shape[:2], 3), np.float32)
    places = slice(HINT_EVERY // 2, None, HINT_EVERY)
    told[places, places, :2] = sample[places, places]
    told[places, places, 2] = 1
    return told if hints is None else np.where(hints[..., 2:] > 0, hints, told)


def _in_cells(planes: Float32, height: int, width: int) -> Float32:
    """Average [H, W, 2] over cells: [2, h, w]."""
    return np.ascontiguousarray(average(planes, (height, width)).transpose(2, 0, 1))


def _enlarge(planes: Float32, shape: tuple[int, ...]) -> Float32:
    """Enlarge [2, h, w] to [H, W, 2]."""
    cells = np.ascontiguousarray(planes.transpose(1, 2, 0))
    return linear(cells, (shape[0], shape[1]))
