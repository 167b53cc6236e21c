"""The parts of a picture that get colours, at any size and under any orientation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.files.turn import STEPS


@dataclass(frozen=True)
class Box:
    """Rows and columns of the picture within its frame, in pixels of a height and width."""

    top: int
    bottom: int
    left: int
    right: int
    size: tuple[int, int]
    outline: tuple[tuple[float, float], ...] = ()
    """Corners (x, y) of the picture if it does not fill the box: tilted or oval."""

    @classmethod
    def whole(cls, size: tuple[int, int]) -> Box:
        """A picture without a frame."""
        return cls(0, size[0], 0, size[1], size)

    @property
    def is_whole(self) -> bool:
        return self == Box.whole(self.size)

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def inner(self) -> tuple[int, int]:
        """Height and width of the picture."""
        return self.bottom - self.top, self.right - self.left

    def mask(self, rows: slice) -> NDArray[np.bool_]:
        """Whether each pixel of some rows [n, W] is inside."""
        start, stop, _ = rows.indices(self.size[0])
        count = stop - start
        found = np.zeros((count, self.size[1]), np.bool_)
        top, bottom = (min(max(0, each - start), count) for each in (self.top, self.bottom))
        found[top:bottom, self.left : self.right] = True
        return found & self._shape(start, count) if self.outline else found

    def _shape(self, start: int, count: int) -> NDArray[np.bool_]:
        """What the outline contains of some rows [n, W]."""
        plane = np.zeros((count, self.size[1]), np.uint8)
        # Pixel centres, in 1/16 of a pixel.
        corners = (np.array(self.outline) - (0.5, start + 0.5)) * 16
        cv2.fillPoly(plane, [corners.round().astype(np.int32)], 1, shift=4)
        return plane > 0

    def turned(self, orientation: int) -> Box:
        """The box in a file of that EXIF orientation (Exif 2.32, section 4.6.4)."""
        top, bottom, left, right = self.top, self.bottom, self.left, self.right
        height, width = self.size
        swaps, across, down = STEPS[orientation]
        if across:
            left, right = width - right, width - left
        if down:
            top, bottom = height - bottom, height - top
        outline = tuple(
            (width - x if across else x, height - y if down else y) for x, y in self.outline
        )
        if not swaps:
            return Box(top, bottom, left, right, self.size, outline)
        outline = tuple((y, x) for x, y in outline)
        return Box(left, right, top, bottom, (width, height), outline)

    def at(self, size: tuple[int, int]) -> Box:
        """The box at another size, no larger than the picture."""
        (top, bottom), (left, right) = (
            _scaled(*ends, old, new)
            for ends, old, new in zip(
                ((self.top, self.bottom), (self.left, self.right)), self.size, size, strict=True
            )
        )
        down, across = size[0] / self.size[0], size[1] / self.size[1]
        outline = tuple((x * across, y * down) for x, y in self.outline)
        return Box(top, bottom, left, right, size, outline)


@dataclass(frozen=True)
class Boxes:
    """Several photographs on one page, as an area like `Box`."""

    parts: tuple[Box, ...]
    is_whole: ClassVar[bool] = False

    @property
    def size(self) -> tuple[int, int]:
        return self.parts[0].size

    def mask(self, rows: slice) -> NDArray[np.bool_]:
        """Whether each pixel of some rows [n, W] is inside of one."""
        found = self.parts[0].mask(rows)
        for each in self.parts[1:]:
            found |= each.mask(rows)
        return found

    def turned(self, orientation: int) -> Boxes:
        """The boxes in a file of that EXIF orientation."""
        return Boxes(tuple(each.turned(orientation) for each in self.parts))

    def at(self, size: tuple[int, int]) -> Boxes:
        """The boxes at another size, no larger than the photographs."""
        return Boxes(tuple(each.at(size) for each in self.parts))


Area = Box | Boxes
"""What gets colours."""


def _scaled(start: int, stop: int, old: int, new: int) -> tuple[int, int]:
    """A range of `old` lines among `new` ones, rounded inwards, with at least one line."""
    first = min(-(-start * new // old), new - 1)
    return first, max(stop * new // old, first + 1)
