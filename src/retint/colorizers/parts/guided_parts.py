"""The parts of the guided U-Net, run from its file."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from retint.color.lab import Float32
from retint.colorizers.parts import onnx_outline
from retint.colorizers.parts.network import Network, SideBySide
from retint.errors import UsageError

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
