"""Fills holes with the best-matching texture nearby.

Efros & Leung 1999, "Texture Synthesis by Non-parametric Sampling", by tiles instead of pixels. The
copy is shifted in brightness to join its new surroundings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32

TILE = 24
"""Side of the tiles in pixels."""
CONTEXT = 10
"""Pixels around a tile by which its match is found."""
REACH = 72
"""How far from the tile the match may be, in pixels."""
MOST_TILES = 600
"""With more, nothing is filled: so much texture would be invented."""

Box = tuple[slice, slice]


def fill(pixels: NDArray[Any], hole: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Fill a hole [H, W] in pixels [H, W, C], in place; return what could not be filled."""
    left = hole.copy()
    tiles = list(_tiles(hole))
    if len(tiles) > MOST_TILES:
        return left
    for tile in tiles:
        near = _wider(tile, CONTEXT, hole.shape)
        wide = _wider(tile, CONTEXT + REACH, hole.shape)
        inside = np.zeros_like(hole)[near]
        inside[_within(tile, near)] = left[tile]
        match = _match(pixels[wide], left[wide], pixels[near], ~left[near], inside)
        if match is None:
            continue
        top, bottom = match[0], match[0] + inside.shape[0]
        source = pixels[wide][top:bottom, match[1] : match[1] + inside.shape[1]]
        joined = source + _offset(pixels[near], source, ~left[near])
        if pixels.dtype.kind == "u":
            joined = np.rint(joined)
        pixels[near][inside] = joined.clip(0, _white(pixels)).astype(pixels.dtype)[inside]
        left[near][inside] = False
    return left


def _tiles(hole: NDArray[np.bool_]) -> Iterator[Box]:
    """The tiles that contain parts of the hole."""
    rows, columns = np.nonzero(hole)
    for row, column in sorted(set(zip(rows // TILE, columns // TILE, strict=True))):
        yield (
            slice(int(row) * TILE, (int(row) + 1) * TILE),
            slice(int(column) * TILE, (int(column) + 1) * TILE),
        )


def _wider(box: Box, by: int, size: tuple[int, ...]) -> Box:
    rows, columns = (
        slice(max(0, side.start - by), min(length, side.stop + by))
        for side, length in zip(box, size, strict=True)
    )
    return rows, columns


def _within(box: Box, outer: Box) -> Box:
    rows, columns = (
        slice(one.start - other.start, one.stop - other.start)
        for one, other in zip(box, outer, strict=True)
    )
    return rows, columns


def _match(
    pixels: NDArray[Any],
    unknown: NDArray[np.bool_],
    wanted: NDArray[Any],
    known: NDArray[np.bool_],
    inside: NDArray[np.bool_],
) -> tuple[int, int] | None:
    """Row and column where `wanted` fits best among pixels [h, w, C]; None if nowhere."""
    if not known.any():
        return None
    template = _grey(wanted)
    differences = cv2.matchTemplate(
        _grey(pixels), template, cv2.TM_SQDIFF, mask=known.astype(np.float32)
    )
    holes = cv2.matchTemplate(unknown.astype(np.float32), inside.astype(np.float32), cv2.TM_CCORR)
    differences[(holes > 0.5) | ~np.isfinite(differences)] = np.inf
    row, column = np.unravel_index(int(differences.argmin()), differences.shape)
    return (int(row), int(column)) if np.isfinite(differences[row, column]) else None


def _offset(wanted: NDArray[Any], source: NDArray[Any], known: NDArray[np.bool_]) -> Float32:
    """Smooth difference [h, w, C] by which the source is darker than its new surroundings."""
    weight = known.astype(np.float32)[..., None]
    difference = (wanted.astype(np.float32) - source.astype(np.float32)) * weight
    spread = cv2.GaussianBlur(np.dstack([difference, weight]), (0, 0), CONTEXT)
    return np.asarray(spread[..., :-1] / np.maximum(spread[..., -1:], 1e-3), np.float32)


def _grey(pixels: NDArray[Any]) -> Float32:
    """Mean of the channels in [0, 1]."""
    return np.asarray(
        pixels.mean(axis=2, dtype=np.float32) / np.float32(_white(pixels)), np.float32
    )


def _white(pixels: NDArray[Any]) -> float:
    return float(np.iinfo(pixels.dtype).max) if pixels.dtype.kind == "u" else 1.0
