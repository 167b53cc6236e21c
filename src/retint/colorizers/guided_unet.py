"""Our own network: it guesses well alone, takes colour hints, and says how sure it is."""

from __future__ import annotations

import numpy as np

from retint.colorizers.network import Network
from retint.colorizers.networked import Networked, NetworkOptions
from retint.lab import Float32

STEPS = (2, 4, 8, 16, 32)
"""Pixels to a cell of each of the encoder's maps."""
MAPS = tuple(f"map{step}" for step in STEPS)
KEPT = tuple(f"kept{step}" for step in STEPS)
SCORED = 0.0
"""Share of the scored colours in the answer, the rest being regressed; chosen on val/."""


class GuidedUNet(Networked):
    """Runs the guided U-Net: the encoder once a picture, the decoder once a set of hints."""

    name = "guided-unet"

    def __init__(self, options: NetworkOptions) -> None:
        super().__init__(options)
        self._halves = Halves(self._network)

    def __call__(self, lightness: Float32) -> Float32:
        """L* [H, W] to a*, b* [H, W, 2]."""
        return self.look(lightness).chroma()

    def look(self, lightness: Float32) -> GuidedLook:
        """Look at L* [H, W] once, to colour it as often as one likes."""
        return GuidedLook(self._halves, lightness)


class Halves:
    """Encoder and decoder, which lie side by side in one file.

    ONNX Runtime wants all inputs and runs all of a graph, so the half that is not asked gets the
    smallest input there is.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        side = network.description.size.minimum
        self._no_picture = {"lightness": np.zeros((1, 1, side, side), np.float32)}
        self._no_maps = {
            name: np.zeros((1, network.channels(name), side // step, side // step), np.float32)
            for name, step in zip(KEPT, STEPS, strict=True)
        }
        self._no_maps["hints"] = np.zeros((1, 3, side, side), np.float32)

    def encode(self, lightness: Float32) -> list[Float32]:
        """L* / 100 [N, 1, H, W] to the encoder's maps, finest first."""
        return self._network.run(MAPS, {"lightness": lightness, **self._no_maps})

    def decode(self, maps: list[Float32], hints: Float32) -> Float32:
        """Those and hints [N, 3, H, W] to a*, b* over 100, the scored ones, certainty."""
        kept = dict(zip(KEPT, maps, strict=True))
        (answer,) = self._network.run(["answer"], {**self._no_picture, **kept, "hints": hints})
        return answer


class GuidedLook:
    """A picture, and its mirror image, as the encoder sees them."""

    def __init__(self, halves: Halves, lightness: Float32) -> None:
        self._halves = halves
        self._shape = lightness.shape
        self._maps = halves.encode(_with_mirror(lightness[None]) / np.float32(100))

    @property
    def features(self) -> Float32:
        """What places of 16 x 16 pixels are like: unit vectors [H/16, W/16, C]."""
        features = self._maps[STEPS.index(16)][0].transpose(1, 2, 0)
        features = features - features.mean(axis=(0, 1))
        lengths = np.linalg.norm(features, axis=-1, keepdims=True)
        return np.asarray(features / np.maximum(lengths, np.float32(1e-6)), np.float32)

    def chroma(self, hints: Float32 | None = None) -> Float32:
        """a*, b* [H, W, 2], with hints [H, W, 3]; the mean of the picture and its mirror image."""
        answer = self._answer(hints)
        chroma = answer[:2] + np.float32(SCORED) * (answer[2:4] - answer[:2])
        return np.ascontiguousarray(chroma.transpose(1, 2, 0)) * np.float32(100)

    def certainty(self, hints: Float32 | None = None) -> Float32:
        """How sure the network is [H, W], from the entropy of the colours that it scored."""
        certainty: Float32 = self._answer(hints)[4].clip(0, 1)
        return certainty

    def _answer(self, hints: Float32 | None) -> Float32:
        """[5, H, W]."""
        planes = np.zeros((3, *self._shape), np.float32)
        if hints is not None:
            planes[:2] = hints[..., :2].transpose(2, 0, 1) / np.float32(100)
            planes[2] = hints[..., 2]
        here, mirrored = self._halves.decode(self._maps, _with_mirror(planes))
        answer: Float32 = (here + mirrored[..., ::-1]) / np.float32(2)
        return answer


def _with_mirror(planes: Float32) -> Float32:
    """[C, H, W] to [2, C, H, W]."""
    return np.stack([planes, planes[..., ::-1]])
