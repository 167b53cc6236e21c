"""Regions of a mask as hints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.errors import UsageError
from retint.hints.hints import Hints, check_count
from retint.hints.length import Share
from retint.hints.shapes import Polygon

HALF = 0.5
"""Value from which a pixel belongs to a region."""
LONGEST = 1024
"""Longest side at which outlines are found; methods draw hints smaller than that."""
TOLERANCE = 0.75
"""Largest distance in pixels between a line and the exact outline."""
Line = NDArray[Any]
"""Points x, y [N, 2] of a closed line."""


def regions(mask: NDArray[Any], color: str) -> Hints:
    """Outline the regions of a mask as polygons of one colour, which keep their holes.

    Parameters
    ----------
    mask
        [H, W], floats in [0, 1] or booleans; its size need not be that of the picture.
    color
        As of a `Hint`.

    Raises
    ------
    UsageError
        If the mask is empty or not of two dimensions, the colour is invalid, or there are too many
        outlines.
    """
    if mask.ndim != 2:
        raise UsageError(f"a mask must be [H, W], not {list(mask.shape)}")
    inside = np.asarray(mask >= HALF, np.uint8)
    if not inside.any():
        raise UsageError("the mask is empty; mark the places that have the color")
    if (scale := max(inside.shape) / LONGEST) > 1:
        size = [max(1, round(side / scale)) for side in reversed(inside.shape)]
        share = cv2.resize(inside.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        inside = np.asarray(share > 0, np.uint8)  # whatever is marked stays, however small
    return Hints(polygons=tuple(_polygon(line, inside.shape, color) for line in _lines(inside)))


def _lines(inside: NDArray[np.uint8]) -> Iterator[Line]:
    """A closed line for each region, which also runs around its holes."""
    found, tree = cv2.findContours(inside, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    lines = [cv2.approxPolyDP(each, TOLERANCE, True)[:, 0] for each in found]
    check_count(sum(map(len, lines)))  # before they are joined, which takes time
    holes: dict[int, list[Line]] = {}
    parents = tree[0, :, 3].tolist()
    for line, parent in zip(lines, parents, strict=True):
        holes.setdefault(parent, []).append(line)
    for number, parent in enumerate(parents):
        if parent < 0:
            yield _joined(lines[number], holes.get(number, []))


def _joined(line: Line, holes: list[Line]) -> Line:
    """One line around a region and its holes; it reaches each hole and returns by the same way,
    so that the even-odd rule leaves the hole out.
    """
    for hole in sorted(holes, key=lambda each: int(each[:, 0].min())):
        distances = np.abs(line[:, None] - hole[None]).sum(axis=-1)
        at, start = np.unravel_index(distances.argmin(), distances.shape)
        around = np.roll(hole, -int(start), axis=0)
        line = np.concatenate([line[: at + 1], around, around[:1], line[at:]])
    return line


def _polygon(line: Line, size: tuple[int, ...], color: str) -> Polygon:
    height, width = size
    points = [(Share.of(x + 0.5, width), Share.of(y + 0.5, height)) for x, y in line.tolist()]
    points += points[-1:] * (3 - len(points))  # a pixel or a row of them
    return Polygon(tuple(points), color)
