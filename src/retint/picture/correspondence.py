"""Finds places of two pictures that show the same thing.

DINOv2 describes cells of a picture by tokens (`colorizers/parts/semantics.py`). Those of its 8th
block tell the parts of things apart better than those of the last (Amir et al. 2022, "Deep ViT
Features as Dense Visual Descriptors", section 4). A match must be mutual: the best match of a
place's best match must lie beside that place (best buddies, Dekel et al. 2015).
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32
from retint.color.resize import average, cubic, linear
from retint.colorizers.parts import semantics
from retint.colorizers.parts.framed import turned
from retint.colorizers.parts.network import Network

CELLS = 2 * semantics.GRID
"""Cells of a picture in each direction: each quarter is shown to the network on its own."""
SIDE = 2 * semantics.SIDE
"""Height and width in pixels to which a picture is squeezed."""
BLOCK = "layer8"
"""The network's output that is compared."""
CONTEXT = 0.4
"""Weight of the tokens of the whole picture, the rest is that of the tokens of its quarters."""
BESIDE = 2.0
"""Distance in cells by which the match of a match may miss its place."""
UNLIKE = 20.0
"""Difference in L* that lowers the likeness of two cells by `DIMMED`."""
DIMMED = 0.1
SUPPORT = 3
"""Minimum number of the 8 cells around a match whose matches are around its match as well."""
SPREAD = 3.0
"""Distance in cells that counts as around a match."""
FEWEST = 8
"""Number of matches from which the difference in exposure of two pictures is estimated."""
AROUND = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if (y, x) != (0, 0)]
"""Offsets of these cells."""
STRETCH = 2.0
"""Maximum ratio of their contrasts."""
CHANNELS = 128
"""Maximum number of channels that OpenCV resizes at once."""


class Tokens(NamedTuple):
    """Descriptions of the cells of a picture; rows of cells from the top, as in the file."""

    near: Float32
    """Of the quarters [cells, C]."""
    far: Float32
    """Of the whole picture, for the same cells [cells, C]."""
    lightness: Float32
    """L* [cells]."""


class Matches(NamedTuple):
    """The best match of each cell of a picture in another one."""

    cells: NDArray[np.intp]
    """Cell of the other picture for each cell [cells]."""
    likeness: Float32
    """Cosine similarity of their tokens, less for a difference in lightness [cells]."""
    mutual: NDArray[np.bool_]
    """Whether the match of the match is beside the cell [cells]."""
    exposure: tuple[float, float]
    """Factor and summand by which L* becomes that of the other picture."""

    @property
    def sure(self) -> NDArray[np.bool_]:
        """The mutual matches whose neighbours have matches near theirs [cells]."""
        rows, columns = (each.reshape(CELLS, CELLS) for each in np.divmod(self.cells, CELLS))
        mutual = self.mutual.reshape(CELLS, CELLS)
        planes = [np.pad(each.astype(np.float32), 1) for each in (rows, columns, mutual)]
        support = np.zeros((CELLS, CELLS), np.int64)
        for y, x in AROUND:
            there = [each[1 + y : CELLS + 1 + y, 1 + x : CELLS + 1 + x] for each in planes]
            apart = np.hypot(there[0] - rows, there[1] - columns)
            support += (there[2] > 0) & (apart <= SPREAD)
        return self.mutual & (support.reshape(-1) >= SUPPORT)


def tokens(network: Network, lightness: Float32, turn: int) -> Tokens:
    """Look at a picture.

    Parameters
    ----------
    lightness
        L* [SIDE, SIDE].
    turn
        Quarter turns clockwise after which the picture is upright.
    """
    upright = turned(lightness, turn)
    half = SIDE // 2
    rows = [
        np.concatenate([_grid(network, upright[y : y + half, x : x + half]) for x in (0, half)], 1)
        for y in (0, half)
    ]
    planes = np.concatenate(rows), _doubled(_grid(network, upright))
    near, context = (turned(each, -turn).reshape(CELLS**2, -1) for each in planes)
    return Tokens(near, context, average(lightness, (CELLS, CELLS)).reshape(-1))


def matched(one: Tokens, other: Tokens) -> Matches:
    """Match each cell of one picture with another picture."""
    alike = np.float32(1 - CONTEXT) * _cosines(one.near, other.near)
    alike += np.float32(CONTEXT) * _cosines(one.far, other.far)
    first = _best(alike, (1.0, 0.0))
    exposure = _exposure(one.lightness[first.mutual], other.lightness[first.cells[first.mutual]])
    expected = exposure[0] * one.lightness + exposure[1]
    apart = (expected[:, None] - other.lightness) / np.float32(UNLIKE)
    return _best(alike - np.float32(DIMMED) * apart**2, exposure)


def squeezed(planes: Float32) -> Float32:
    """Planes [H, W] or [H, W, C] at [SIDE, SIDE]."""
    return (average if min(planes.shape[:2]) > SIDE else cubic)(planes, (SIDE, SIDE))


def _best(alike: Float32, exposure: tuple[float, float]) -> Matches:
    cells = alike.argmax(axis=1)
    back = alike.argmax(axis=0)[cells]
    rows, columns = np.divmod(np.arange(len(cells)), CELLS)
    missed = np.hypot(rows[back] - rows, columns[back] - columns)
    return Matches(cells, alike.max(axis=1), missed <= BESIDE, exposure)


def _grid(network: Network, lightness: Float32) -> Float32:
    """Tokens [GRID, GRID, C] of a square."""
    found = semantics.seen(network, np.ascontiguousarray(lightness))[BLOCK][0]
    # The first token describes the whole square.
    return np.asarray(found[1:].reshape(semantics.GRID, semantics.GRID, -1), np.float32)


def _doubled(grid: Float32) -> Float32:
    """Features [GRID, GRID, C] for twice as many cells in each direction."""
    parts = np.split(grid, range(CHANNELS, grid.shape[-1], CHANNELS), axis=-1)
    return np.concatenate(
        [linear(np.ascontiguousarray(each), (CELLS, CELLS)) for each in parts], axis=-1
    )


def _cosines(one: Float32, other: Float32) -> Float32:
    """Similarity [N, M] of tokens [N, C] and [M, C] in what the two pictures do not share."""
    middle = (one.mean(axis=0) + other.mean(axis=0)) / 2
    product = cv2.gemm(  # type: ignore[call-overload]  # None is missing in stubs
        _unit(one - middle), _unit(other - middle), 1, None, 0, flags=cv2.GEMM_2_T
    )
    return np.asarray(product, np.float32)


def _unit(vectors: Float32) -> Float32:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.float32(1e-6)), np.float32)


def _exposure(one: Float32, other: Float32) -> tuple[float, float]:
    """Factor and summand that turn L* of matched cells [N] into those of the other picture."""
    if len(one) < FEWEST:
        return 1.0, 0.0
    ratio = float((other.std() + 1) / (one.std() + 1))
    factor = min(max(ratio, 1 / STRETCH), STRETCH)
    return factor, float(other.mean() - factor * one.mean())
