"""retint's default network: predicts colors alone or from hints, and how certain they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from retint.color.lab import Float32
from retint.color.resize import linear
from retint.colorizers.base import GUIDED, Look
from retint.colorizers.options import GuidedOptions
from retint.colorizers.parts import kriging, semantics, skin, things
from retint.colorizers.parts.guided_parts import MAPS, QUARTER, Parts
from retint.colorizers.parts.network import Networked
from retint.colorizers.parts.recognizer import Recognizer
from retint.colorizers.parts.richness import Richness
from retint.hints.distance import unknown
from retint.hints.dots import Dots
from retint.weights import shipped

RICHNESS = Richness(faint=0.8, strong=1.3, middle=20)
"""Factors for chroma far from all hints; chosen on val/."""
EVENED = Richness(faint=1.0, strong=1.2, middle=20)
"""Factors after colors were evened out, because averages are less colorful; chosen on val/."""


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
        far = unknown(hints)
        answer = self._even(self._told(hints, far), far)
        if hints is None:
            return answer
        return kriging.corrected(answer, self._plane, hints)

    def spread(self, dots: Dots) -> Float32 | None:
        """Spread dots over the things that the recognizer finds."""
        if self._recognizer is None or not self._recognizer.knows_things:
            return None
        if self._finder is None:
            found = semantics.seen(self._recognizer.semantics, self._plane)
            layers = [found[name][0] for name in semantics.LAYERS]
            self._finder = things.Finder(self._recognizer.things, layers, self._plane)
        return things.spread(self._finder, dots, self._plane)

    def _even(self, answer: Float32, far: Float32 | None) -> Float32:
        """Even out a*, b* [H, W, 2] over objects, if `semantics` is on; `far` as of `unknown`."""
        if self._recognizer is None:
            return answer
        if self._scene is None:
            known = self._recognizer
            self._scene = semantics.Scene(known.semantics, self._plane, known.skin)
        if self._alone is None:
            self._alone = answer if far is None else self.told(None)
        evened = self._scene.even(answer, self._alone, far)
        return enriched(evened, far, EVENED)

    def told(self, hints: Float32 | None) -> Float32:
        """a*, b* [H, W, 2] that the network predicts; it may deviate from the hints."""
        return self._told(hints, unknown(hints))

    def _told(self, hints: Float32 | None, far: Float32 | None) -> Float32:
        chroma, _ = self._decoded(hints)
        return enriched(self._answer(chroma), far, RICHNESS)

    def _certainty(self, hints: Float32 | None) -> Float32:
        """Compute the certainty from the entropy of the color scores."""
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
        self._recognizer: Recognizer | None = None
        if options.semantics:  # begins to load while the other network is loaded
            self._recognizer = Recognizer(options.threads, options.device)
        super().__init__(options)
        self._parts = Parts(self._network)

    @property
    def weights(self) -> list[Path]:
        """The network's file, and those of the recognizer if it is used."""
        recognizers = (semantics.NAME, skin.NAME) if self._recognizer else ()
        return super().weights + [shipped(name) for name in recognizers]

    @property
    def weights_of_things(self) -> list[Path]:
        """The file of the network that finds things, if it is used."""
        knows = self._recognizer is not None and self._recognizer.knows_things
        return [shipped(things.NAME)] if knows else []

    def look(self, lightness: Float32) -> GuidedLook:
        """Run the encoder on L* [H, W]."""
        return GuidedLook(self._parts, lightness, self._recognizer)


def enriched(chroma: Float32, far: Float32 | None, by: Richness) -> Float32:
    """Multiply a*, b* [H, W, 2] by the factors of `by`, less where `far` [H, W] is below 1."""
    gain = by.gain(chroma)
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
