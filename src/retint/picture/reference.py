"""Hints from another picture.

Positions of the two pictures that look alike to the network's encoder are matched (as in He et al.
2018, "Deep Exemplar-based Colorization", section 3.1, which matches VGG features). The best matches
become hints, which the network treats like those of a person.
"""

from __future__ import annotations

import hashlib

import numpy as np

from retint.color import lab
from retint.color.lab import Float32
from retint.color.resize import shrink
from retint.errors import PhotoError
from retint.files import Photo
from retint.hints import Hint, Hints, color_of
from retint.hints.length import Share
from retint.picture.pipeline import Pipeline, View

LEAST_ALIKE = 0.5
"""Minimum cosine similarity between the features of two matched positions."""
MOST_HINTS = 60


class Reference:
    """A colour picture to take colours from.

    Raises
    ------
    PhotoError
        If the picture has no colours.
    UsageError
        If the method has no features to compare.
    """

    def __init__(self, pipeline: Pipeline, photo: Photo) -> None:
        if photo.pixels.ndim == 2:
            raise PhotoError("the reference picture has no colors")
        view = pipeline.open(photo)
        features = view.framed.features
        self.sha256 = hashlib.sha256(photo.pixels.tobytes()).hexdigest()
        self._features = features.reshape(-1, features.shape[-1])
        self._chroma = _cell_chroma(photo, view, features.shape[:2])

    def hints(self, view: View) -> Hints:
        """Hints for another picture at positions that match this one."""
        grid = view.framed.features
        rows, columns = grid.shape[:2]
        alike = grid.reshape(rows * columns, -1) @ self._features.T
        best = alike.argmax(axis=1)
        likeness = alike.max(axis=1)
        chosen = np.argsort(-likeness, kind="stable")[:MOST_HINTS]
        points = [
            _hint(view, divmod(int(cell), columns), (rows, columns), self._chroma[best[cell]])
            for cell in chosen
            if likeness[cell] >= LEAST_ALIKE
        ]
        return Hints(points=tuple(each for each in points if each is not None))


def _cell_chroma(photo: Photo, view: View, grid: tuple[int, ...]) -> Float32:
    """Mean a*, b* [cells, 2] of the cells that the features describe."""
    inside = view.framed.covered
    planes = np.moveaxis(lab.rgb_to_lab(photo.pixels)[..., 1:], -1, 0)
    small = [_resize(plane, view.framed.small.shape)[inside] for plane in planes]
    height, width = small[0].shape
    step_y, step_x = view.framed.seen[0] // grid[0], view.framed.seen[1] // grid[1]
    means = np.zeros((*grid, 2), np.float32)
    for row in range(grid[0]):
        for column in range(grid[1]):
            # The last cells may lie in mirrored padding; the nearest real pixels replace them.
            top, left = min(row * step_y, height - 1), min(column * step_x, width - 1)
            for k, plane in enumerate(small):
                means[row, column, k] = plane[top : top + step_y, left : left + step_x].mean()
    return means.reshape(-1, 2)


def _resize(plane: Float32, size: tuple[int, int]) -> Float32:
    # `shrink` expects the range of lightness, so chroma is mapped into it and back.
    return (shrink((plane + 128) / np.float32(2.56), size)) * np.float32(2.56) - 128


def _hint(view: View, cell: tuple[int, int], grid: tuple[int, int], chroma: Float32) -> Hint | None:
    """A hint in the centre of a cell, or None if the cell is not part of the picture."""
    height, width = view.framed.small.shape
    rows, columns = view.framed.covered
    y = rows.start + (cell[0] + 0.5) * view.framed.seen[0] / grid[0]
    x = columns.start + (cell[1] + 0.5) * view.framed.seen[1] / grid[1]
    if y >= rows.stop or x >= columns.stop:
        return None
    color = color_of(view.framed.small[int(y), int(x)], chroma)
    across, down = (Share(round(100 * at / whole, 3)) for at, whole in ((x, width), (y, height)))
    return Hint(across, down, color, thing=False)
