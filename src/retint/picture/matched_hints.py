"""Hints from the places of a picture that match a reference.

Matched places get the colours of their match. Where nothing matches, anchors repeat what the
network predicts on its own, so that the colours of the matches do not spread there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32
from retint.color.resize import average
from retint.colorizers import is_varied
from retint.hints import Hint, Hints, colors_of
from retint.hints.length import Share
from retint.picture.compared import box_of
from retint.picture.correspondence import CELLS
from retint.picture.pipeline import View

NO_MATCH = -2.0
"""Likeness of cells without a match."""
EVERY = 2
"""Cells between hints; with more of them, spreading them takes seconds (`parts/kriging.py`)."""
APART = 4
"""Cells between anchors, the hints that repeat what the network predicts."""


@dataclass(frozen=True)
class Followed:
    """The matches of the cells of a picture, row by row from the top."""

    likeness: Float32
    """Likeness to their match [cells]; `NO_MATCH` if there is none."""
    which: NDArray[np.intp]
    """Number of the reference picture [cells]."""
    chroma: Float32
    """a*, b* [cells, 2]."""

    @property
    def share(self) -> float:
        """Share of the cells that have a match."""
        return float(self.matched.mean())

    @property
    def matched(self) -> NDArray[np.bool_]:
        """Whether a cell has a match [cells]."""
        return self.likeness > NO_MATCH

    @property
    def used(self) -> set[int]:
        """The numbers of the reference pictures that some cell follows."""
        return set(self.which[self.matched].tolist())


def hints_of(view: View, found: Followed, every: int = EVERY) -> Hints:
    """Hints from the matches of a picture, at most one for `every` x `every` cells."""
    cells = _followed(found, every)
    points = hints_at(view, cells, found.chroma[cells])
    return Hints(points, anchors=_anchors(view, found) if points else ())


def places_of(view: View, found: Followed) -> list[tuple[int, float, float]]:
    """The positions of these hints: the number of the reference picture that each is from, and x
    and y as shares of the width and height.
    """
    height, width = view.photo.size
    places = []
    for cell in _followed(found, EVERY):
        x, y = _place(view, cell)
        places.append((int(found.which[cell]), x / width, y / height))
    return places


def _followed(found: Followed, every: int) -> list[int]:
    """The cells that become hints."""
    return [cell for cell in _thinned(found.likeness, every) if found.matched[cell]]


def _anchors(view: View, found: Followed) -> tuple[Hint, ...]:
    """Hints that repeat what the method predicts, where nothing near has a match; none if each of
    its predictions is another one.
    """
    if is_varied(type(view.pipeline.colorizer)):
        return ()
    far = ~_near(found.matched, APART + 1)
    chroma = average(view.prediction.alone()[view.framed.covered], (CELLS, CELLS)).reshape(-1, 2)
    cells = np.arange(CELLS**2).reshape(CELLS, CELLS)
    chosen = cells[APART // 2 :: APART, APART // 2 :: APART].reshape(-1)
    chosen = chosen[far[chosen]]
    return hints_at(view, chosen.tolist(), chroma[chosen])


def _near(matched: NDArray[np.bool_], side: int) -> NDArray[np.bool_]:
    """Whether there is a match among the `side` x `side` cells around each [cells]."""
    grid = matched.reshape(CELLS, CELLS).astype(np.uint8)
    return cv2.dilate(grid, np.ones((side, side), np.uint8)).reshape(-1) > 0


def _thinned(likeness: Float32, every: int) -> Sequence[int]:
    """The cell that is most like its match in each square of `every` x `every` cells."""
    grid = likeness.reshape(CELLS, CELLS)
    chosen = []
    for row in range(0, CELLS, every):
        for column in range(0, CELLS, every):
            some = grid[row : row + every, column : column + every]
            down, across = divmod(int(some.argmax()), some.shape[1])
            chosen.append((row + down) * CELLS + column + across)
    return chosen


def hints_at(view: View, cells: Sequence[int], chroma: Float32) -> tuple[Hint, ...]:
    """Hints in the centres of cells, with a*, b* [cells, 2]."""
    (height, width), small = view.photo.size, view.framed.small
    places = [_place(view, cell) for cell in cells]
    rows = [int(y / height * small.shape[0]) for _, y in places]
    columns = [int(x / width * small.shape[1]) for x, _ in places]
    colors = colors_of(small[rows, columns], chroma) if places else []
    return tuple(
        Hint(Share.of(x, width), Share.of(y, height), color, thing=False)
        for (x, y), color in zip(places, colors, strict=True)
    )


def _place(view: View, cell: int) -> tuple[float, float]:
    """The centre of a cell in pixels, x and y."""
    down, across = ((each + 0.5) / CELLS for each in divmod(cell, CELLS))
    box = box_of(view)
    return box.left + across * box.inner[1], box.top + down * box.inner[0]
