"""retint's default network: predicts colors alone or from hints, and how certain they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from retint.color.lab import Float32
from retint.color.resize import linear
from retint.colorizers.base import GUIDED, Look
from retint.colorizers.options import GuidedOptions
from retint.colorizers.parts import kriging, onnx_outline, semantics, things
from retint.colorizers.parts.network import Network, Networked, SideBySide, load_own
from retint.colorizers.parts.richness import Richness
from retint.errors import UsageError
from retint.hints.distance import unknown
from retint.hints.dots import Dots
from retint.weights import shipped

STEPS = (2, 4, 8, 16, 32)
"""Pixels per cell of each of the encoder's feature maps."""
MAPS = tuple(f"map{step}" for step in STEPS)
"""The encoder's outputs in the file."""
KEPT = tuple(f"kept{step}" for step in STEPS)
"""The decoder's inputs for these maps."""
CLASSIFIER = ".classify."
"""Part of the names of the weights of the layer that scores colours."""
QUARTER = 4
"""Pixels per cell of the features that are scored."""
SMALLER = {
    "lightness": 1,
    **dict(zip(KEPT, STEPS, strict=True)),
    "kept_quarter": QUARTER,
    "hints": 1,
}
"""How many times each input is smaller than the picture."""
RICHNESS = Richness(faint=0.8, strong=1.3, middle=20)
"""Factors for chroma far from all hints; chosen on val/."""
EVENED = Richness(faint=1.0, strong=1.2, middle=20)
"""Factors after colors were evened out, because averages are less colorful; chosen on val/."""


class Parts:
    """Encoder, decoder and scores, stored side by side in one file."""

    def __init__(self, network: Network) -> None:
        self._path = network.path
        self._run = SideBySide(network, SMALLER)

    def encode(self, lightness: Float32) -> list[Float32]:
        """Compute the feature maps of L* / 100 [N, 1, H, W], finest first."""
        return self._run(MAPS, {"lightness": lightness})

    def decode(self, maps: list[Float32], hints: Float32) -> tuple[Float32, Float32]:
        """Compute a*b* / 100 from feature maps and hints [N, 3, H, W], and features for `score`."""
        kept = dict(zip(KEPT, maps, strict=True))
        chroma, quarter = self._run(("chroma", "quarter"), {**kept, "hints": hints})
        return chroma, quarter

    def score(self, quarter: Float32) -> Float32:
        """Compute a*b* / 100 of the scored colors and the certainty, [N, 3, h, w]."""
        (scored,) = self._run(["scored"], {"kept_quarter": quarter})
        return scored

    def shares(self, quarter: Float32) -> Float32:
        """Probabilities [..., 313] of the colours of `color.bins` from features [..., C].

        The file states their mean only, so its last layer is computed here.

        Raises
        ------
        UsageError
            If the file stores that layer in another way.
        """
        weight, bias = self._classifier
        scores = quarter @ weight.T + bias
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=-1, keepdims=True), np.float32)

    @cached_property
    def _classifier(self) -> tuple[Float32, Float32]:
        """Weights [313, C] and biases [313]."""
        found = onnx_outline.weights(self._path, CLASSIFIER)
        by_size = {each.ndim: each for each in found.values()}
        if set(by_size) != {1, 4}:
            raise UsageError(f"the network in {self._path} scores no colors")
        return by_size[4][..., 0, 0], by_size[1]


@dataclass(frozen=True)
class Recognizer:
    """The shipped networks that recognize objects."""

    semantics: Network
    things: Network | None
    """None if this installation has no file of it."""


class GuidedLook(Look):
    """A picture and its mirror image after the encoder."""

    takes_hints = True
    knows_things = True

    def __init__(
        self, parts: Parts, lightness: Float32, recognizer: Recognizer | None = None
    ) -> None:
        super().__init__(GUIDED)
        self._parts, self._recognizer = parts, recognizer
        self._lightness = _with_mirror(lightness[None]) / np.float32(100)
        self._maps = parts.encode(self._lightness)
        self._plane = lightness
        self._scene: semantics.Scene | None = None
        self._alone: Float32 | None = None
        self._finder: things.Finder | None = None

    def _chroma(self, hints: Float32 | None) -> Float32:
        """The average for the picture and its mirror image."""
        answer = self._even(self.told(hints), hints)
        if hints is None:
            return answer
        return kriging.corrected(answer, self._plane, hints)

    def spread(self, dots: Dots) -> Float32 | None:
        """By the things that the recognizer finds."""
        if self._recognizer is None or self._recognizer.things is None:
            return None
        if self._finder is None:
            found = semantics.seen(self._recognizer.semantics, self._plane)
            layers = [found[name][0] for name in semantics.LAYERS]
            self._finder = things.Finder(self._recognizer.things, layers, self._plane)
        return things.spread(self._finder, dots, self._plane)

    def _even(self, answer: Float32, hints: Float32 | None) -> Float32:
        """Even out a*, b* [H, W, 2] over objects, if `semantics` is on."""
        if self._recognizer is None:
            return answer
        if self._scene is None:
            self._scene = semantics.Scene(self._recognizer.semantics, self._plane)
        if self._alone is None:
            self._alone = answer if hints is None else self.told(None)
        evened = self._scene.even(answer, self._alone, unknown(hints))
        return enriched(evened, hints, EVENED)

    def told(self, hints: Float32 | None) -> Float32:
        """a*, b* [H, W, 2] that the network predicts; it may deviate from the hints."""
        chroma, _ = self._decoded(hints)
        return enriched(self._answer(chroma), hints, RICHNESS)

    def _certainty(self, hints: Float32 | None) -> Float32:
        """From the entropy of the color scores."""
        _, quarter = self._decoded(hints)
        certainty: Float32 = self._enlarged(_mean(self._parts.score(quarter)))[..., 2].clip(0, 1)
        return certainty

    def scores_at(self, row: int, column: int) -> Float32:
        """Averaged over the picture and its mirror image, and over cells around the pixel."""
        _, quarter = self._decoded(None)
        rows, columns = (
            slice(max(0, each // QUARTER - 1), each // QUARTER + 2) for each in (row, column)
        )
        shares = self._parts.shares(_mean(quarter)[rows, columns])
        return np.asarray(shares.mean(axis=(0, 1)), np.float32)

    def seen(self, hints: Float32 | None = None) -> tuple[dict[str, Float32], Float32]:
        """Inputs and outputs of the network by their names in the file, and a*, b* [H, W, 2].

        The former are of the picture alone, without its mirror image; the latter are not enriched.
        """
        chroma, quarter = self._decoded(hints)
        everything = {
            "lightness": self._lightness,
            **dict(zip(MAPS, self._maps, strict=True)),
            "chroma": chroma,
            "scored": self._parts.score(quarter),
            "hints": _with_mirror(self._planes(hints)),
        }
        return {name: planes[:1] for name, planes in everything.items()}, self._answer(chroma)

    def _answer(self, chroma: Float32) -> Float32:
        """a*, b* [H, W, 2] of the outputs for the picture and its mirror image."""
        return _mean(chroma) * np.float32(100)

    def _decoded(self, hints: Float32 | None) -> tuple[Float32, Float32]:
        """Chroma / 100 and features to be scored, of the picture and its mirror image."""
        return self._parts.decode(self._maps, _with_mirror(self._planes(hints)))

    def _planes(self, hints: Float32 | None) -> Float32:
        """Hints [3, H, W], with chroma / 100."""
        planes = np.zeros((3, *self._lightness.shape[2:]), np.float32)
        if hints is not None:
            planes[:2] = hints[..., :2].transpose(2, 0, 1) / np.float32(100)
            planes[2] = hints[..., 2]
        return planes

    def _enlarged(self, planes: Float32) -> Float32:
        return linear(planes, self._plane.shape)


class GuidedUNet(Networked):
    """Runs the guided U-Net: the encoder once per picture, the decoder once per set of hints."""

    name = GUIDED
    summary = "our own: a U-Net that takes color hints, helped by object recognition (DINOv2)"
    trained_on_lite0 = True
    Options = GuidedOptions
    look_class = GuidedLook
    options: GuidedOptions

    def __init__(self, options: GuidedOptions) -> None:
        super().__init__(options)
        self._parts = Parts(self._network)
        self._recognizer: Recognizer | None = None
        if options.semantics:
            threads, device = options.threads, options.device
            there = shipped(things.NAME).is_file()
            self._recognizer = Recognizer(
                load_own(semantics.NAME, None, threads, device),
                load_own(things.NAME, None, threads, device) if there else None,
            )

    @property
    def weights(self) -> list[Path]:
        """The network's file, and that of the recognizer if it is used."""
        return super().weights + ([shipped(semantics.NAME)] if self._recognizer else [])

    @property
    def weights_of_things(self) -> list[Path]:
        """The file of the network that finds things, if it is used."""
        there = self._recognizer is not None and self._recognizer.things is not None
        return [shipped(things.NAME)] if there else []

    def look(self, lightness: Float32) -> GuidedLook:
        """Run the encoder on L* [H, W]."""
        return GuidedLook(self._parts, lightness, self._recognizer)


def enriched(chroma: Float32, hints: Float32 | None, by: Richness) -> Float32:
    """Multiply a*, b* [H, W, 2] by the factors of `by`, less near hints [H, W, 3]."""
    gain = by.gain(chroma)
    far = unknown(hints)
    if far is None:
        return chroma * gain
    return np.asarray(chroma * (1 + (gain - 1) * far[..., None]), np.float32)


def _mean(pair: Float32) -> Float32:
    """Average [2, C, H, W] of a picture and its mirror image to [H, W, C]."""
    mean: Float32 = (pair[0] + pair[1][..., ::-1]) / np.float32(2)
    return np.ascontiguousarray(mean.transpose(1, 2, 0))


def _with_mirror(planes: Float32) -> Float32:
    """Stack [C, H, W] with its mirror image to [2, C, H, W]."""
    return np.stack([planes, planes[..., ::-1]])
