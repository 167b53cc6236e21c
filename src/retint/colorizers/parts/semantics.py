"""Evens out colors over objects that a vision transformer recognizes.

DINOv2 (Oquab et al. 2023, "DINOv2: Learning Robust Visual Features without Supervision") describes
each cell of a 16 x 16 grid by a token. Cells of one object have similar tokens, even across shading
and folds. A small head predicts from the tokens which colors such cells tend to have.
"""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np

from retint.color import lab
from retint.color.lab import Float32
from retint.color.resize import average, cubic
from retint.colorizers.parts.network import Network

NAME = "semantics"
"""Name of the network and of its file."""
SIDE, GRID = 224, 16
"""Side of the network's square input in pixels, and of its output in cells."""
LAYERS = ("layer8", "layer12")
"""The network's outputs of its 8th and its last block."""
TRUST = np.float32(0.4)
"""Weight of the colors that the head predicts, the rest is the decoder's."""
ALIKE = 0.1
"""Difference in cosine similarity of tokens that makes a cell count e times as much."""
NEAR = 9.0
"""Distance between cells that share colors, in cells, as a standard deviation."""
AS_LIGHT = 12.0
"""Their difference in L*, likewise."""


class Scene:
    """One picture after recognition.

    Parameters
    ----------
    lightness
        L* [H, W].
    chroma
        a*, b* [H, W, 2] that the decoder predicts without hints.
    layers
        Whether to keep what the network's blocks say.
    """

    def __init__(
        self, network: Network, lightness: Float32, chroma: Float32, *, layers: bool = False
    ) -> None:
        self._lightness, self._chroma = cells(lightness), cells(chroma)
        inputs = {
            "grey": square(lightness)[None, None],
            "light": self._lightness.reshape(1, -1, 1),
            "chroma": self._chroma.reshape(1, -1, 2),
        }
        outputs = ["tokens", "predicted", *(LAYERS if layers else ())]
        tokens, predicted, *kept = network.run(outputs, inputs)
        self.tokens: Float32 = tokens[0].reshape(GRID, GRID, -1)
        """Unit vectors [16, 16, C]."""
        self.layers: list[Float32] = [each[0] for each in kept]
        """What the 8th and the last block say of the picture and of each cell, [257, 384] each."""
        self._predicted: Float32 = predicted[0].reshape(GRID, GRID, 2)

    def even(self, chroma: Float32, unknown: Float32 | None = None) -> Float32:
        """a*, b* [H, W, 2] evened out; texture finer than a cell stays.

        Parameters
        ----------
        unknown
            Distance of each pixel [H, W] from hints, from 0 to 1, by which the head's weight is
            multiplied; None for 1 everywhere.
        """
        coarse = cells(chroma)
        change = TRUST * (self._predicted - self._chroma)
        if unknown is not None:
            change *= cells(unknown)[..., None]
        mixed = np.ascontiguousarray(coarse + change).reshape(-1, 2)
        shared = cv2.gemm(self._shares, mixed, 1, None, 0).reshape(GRID, GRID, 2)  # type: ignore[call-overload]  # None is missing in stubs
        return np.asarray(chroma + cubic(shared - coarse, chroma.shape[:2]), np.float32)

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
