"""Evens out colors over objects that a vision transformer recognizes.

DINOv2 (Oquab et al. 2023, "DINOv2: Learning Robust Visual Features without Supervision") describes
each cell of a 16 x 16 grid by a token. Cells of one object have similar tokens, even across shading
and folds. A small head predicts from the tokens which colors such cells tend to have.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache

import cv2
import numpy as np

from retint.color import lab
from retint.color.lab import Float32
from retint.color.resize import average, cubic
from retint.colorizers.parts.network import Network
from retint.colorizers.parts.richness import Richness
from retint.colorizers.parts.skin import drawn_together, probable

NAME = "semantics"
"""Name of the network and of its file."""
SIDE, GRID = 224, 16
"""Side of the network's square input in pixels, and of its output in cells."""
GREY = "grey"
"""The network's input: sRGB grey [1, 1, 224, 224] in [0, 1]."""
LAYERS = ["layer8", "layer12"]
"""Outputs of the 8th and the last block [1, 257, 384]: of the whole picture, then of each cell."""
OUTPUTS = ["tokens", "predicted"]
"""Unit vectors [1, 256, 768] for the cells, and a*, b* [1, 32, 32, 2] for their quarters."""
TRUST = Richness(faint=0.3, strong=0.6, middle=18)
"""Weight of the colors that the head predicts, by their own chroma; the rest is the decoder's.

A mean of scored colors is strong only if the head is sure of the hue. Chosen on val/.
"""
ALIKE = 0.1
"""Difference in cosine similarity of tokens that makes a cell count e times as much."""
NEAR = 14.0
"""Distance between cells that share colors, in cells, as a standard deviation."""
AS_LIGHT = 12.0
"""Their difference in L*, likewise."""


class Scene:
    """One picture after recognition.

    Parameters
    ----------
    lightness
        L* [H, W].
    skin
        The network of `parts.skin`; None to leave skin as it is.
    """

    def __init__(self, network: Network, lightness: Float32, skin: Network | None = None) -> None:
        self._lightness = cells(lightness)
        found = seen(network, lightness)
        tokens, predicted = (found[name][0] for name in OUTPUTS)
        self.tokens: Float32 = tokens.reshape(GRID, GRID, -1)
        """Unit vectors [16, 16, C]."""
        self._predicted = predicted
        layers = {name: found[name] for name in LAYERS}
        self._skin = None if skin is None else probable(skin, layers)

    def even(self, chroma: Float32, alone: Float32, unknown: Float32 | None = None) -> Float32:
        """a*, b* [H, W, 2] evened out; texture finer than a cell stays.

        Parameters
        ----------
        alone
            a*, b* that the decoder predicts without hints.
        unknown
            Distance of each pixel [H, W] from hints, from 0 to 1, by which the head's weight is
            multiplied; None for 1 everywhere.
        """
        side = len(self._predicted)
        own = cells(alone, side)
        change = TRUST.at(self._predicted) * (self._predicted - own)
        if self._skin is not None:
            change = change + drawn_together(own + change, self._skin)
        if unknown is not None:
            change *= cells(unknown, side)[..., None]
        mixed = (cells(chroma) + cells(change)).reshape(-1, 2)
        shared = cv2.gemm(self._shares, mixed, 1, None, 0)  # type: ignore[call-overload]  # None is missing in stubs
        evening = (shared - mixed).reshape(GRID, GRID, 2)
        size = chroma.shape[:2]
        return np.asarray(chroma + cubic(change, size) + cubic(evening, size), np.float32)

    @cached_property
    def _shares(self) -> Float32:
        """How much each cell's color counts for each other cell [256, 256]; rows add up to 1."""
        tokens = self.tokens.reshape(GRID * GRID, -1)
        alike = cv2.gemm(tokens, tokens, 1, None, 0, flags=cv2.GEMM_2_T)  # type: ignore[call-overload]
        rows, columns = (each.reshape(-1) for each in np.indices((GRID, GRID)))
        apart = (rows[:, None] - rows) ** 2 + (columns[:, None] - columns) ** 2
        light = self._lightness.reshape(-1)
        differing = (light[:, None] - light) ** 2
        scores = alike / ALIKE - apart / (2 * NEAR**2) - differing / (2 * AS_LIGHT**2)
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)


def cells(planes: Float32, side: int = GRID) -> Float32:
    """Means of the cells [side, side, ...] of planes [H, W, ...]."""
    return average(planes, (side, side))


def square(lightness: Float32) -> Float32:
    """sRGB grey [224, 224] in [0, 1] of L* [H, W], squeezed to a square."""
    grey = lab.grey_of(lightness, np.dtype(np.float32))
    return (average if min(grey.shape) > SIDE else cubic)(grey, (SIDE, SIDE))


def seen(network: Network, lightness: Float32) -> Mapping[str, Float32]:
    """All outputs of the network for L* [H, W], by name; not to be written to.

    They are kept for a while, since several parts of a method ask for the same picture.
    """
    return _seen(network, square(lightness).tobytes())


@lru_cache(maxsize=8)
def _seen(network: Network, grey: bytes) -> Mapping[str, Float32]:
    picture = np.frombuffer(grey, np.float32).reshape(1, 1, SIDE, SIDE)
    names = [*OUTPUTS, *LAYERS]
    return dict(zip(names, network.run(names, {GREY: picture}), strict=True))
