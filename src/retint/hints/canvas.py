"""Draws shapes, given in coordinates of the whole picture, on planes of the working size."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32
from retint.errors import PhotoError
from retint.hints.length import Length, pixels
from retint.steps import checkpoint

Mask = NDArray[np.uint8]
"""1 inside a shape, 0 elsewhere."""
Plane = NDArray[Any]
"""A plane that shapes are drawn on, each with its own number: bytes, or 32 bits for many shapes."""
MOST_DRAWN = 5_000_000_000
"""Maximum number of pixels that all shapes of a picture cover together, counted each time they are
covered: some seconds of drawing.
"""
MOST_THICK = 32_767
"""Maximum line width in pixels that OpenCV can draw."""
BLUR_REACH = 8
"""Distance in pixels from a mask beyond which `feathered` has no effect."""


class Canvas:
    """Determines which pixels of the working size a shape covers.

    Parameters
    ----------
    size
        Height and width of the whole picture.
    shape
        The working size.
    """

    def __init__(self, size: tuple[int, int], shape: tuple[int, ...]) -> None:
        self.height, self.width = size
        self.shape = shape[:2]
        self.scale_y, self.scale_x = shape[0] / size[0], shape[1] / size[1]
        self._left = float(MOST_DRAWN)

    def rectangle(
        self, x: Length, y: Length, width: Length, height: Length,
        onto: Plane | None = None, number: int = 1,
    ) -> Plane:  # fmt: skip
        """Draw a rectangle on a plane, or on an empty one; as with all shapes, with a number.

        Raises
        ------
        PhotoError
            If it starts outside the picture, or the drawing limit is exceeded.
        """
        plane = self._plane(onto)
        left, top = self._inside(x, y)
        right = min(left + pixels(width, self.width), self.width)
        bottom = min(top + pixels(height, self.height), self.height)
        rows = _span(top * self.scale_y, bottom * self.scale_y, self.shape[0])
        columns = _span(left * self.scale_x, right * self.scale_x, self.shape[1])
        self._spend((rows.stop - rows.start) * (columns.stop - columns.start))
        plane[rows, columns] = number
        return plane

    def stroke(
        self, points: tuple[tuple[Length, Length], ...], radius: Length,
        onto: Plane | None = None, number: int = 1,
    ) -> Plane:  # fmt: skip
        """Draw a line through points, with round ends."""
        plane = self._plane(onto)
        small = self._small(points)
        thick = self.radius(radius)
        if len(small) > 1:
            line = _whole(small)
            self._spend(self._area(line, thick))
            cv2.polylines(plane, [line], False, number, min(max(1, round(2 * thick)), MOST_THICK))
        for x, y in small:
            self._spend(min(2 * thick, self.shape[0]) * min(2 * thick, self.shape[1]))
            _dab(plane, x, y, thick, number)
        return plane

    def polygon(
        self, points: tuple[tuple[Length, Length], ...],
        onto: Plane | None = None, number: int = 1,
    ) -> Plane:  # fmt: skip
        """Fill a closed line; where it crosses itself, by the even-odd rule."""
        plane = self._plane(onto)
        outline = _whole(self._small(points))
        across, down = np.ptp(outline, axis=0)
        # Filling examines every edge in each row that it crosses.
        self._spend(float(across) * float(down) + self._area(outline, 0.5))
        cv2.fillPoly(plane, [outline], number)
        return plane

    def place(self, x: Length, y: Length) -> tuple[float, float]:
        """A point in pixels of the working size, from its left and upper edge; raises as above."""
        across, down = self._inside(x, y)
        return across * self.scale_x, down * self.scale_y

    def _plane(self, onto: Plane | None) -> Plane:
        return np.zeros(self.shape, np.uint8) if onto is None else onto

    def _area(self, line: NDArray[np.int32], thick: float) -> float:
        """Approximate number of pixels that the segments of a line cover."""
        lengths = np.hypot(*np.diff(line.astype(np.float64), axis=0).T)
        return float(lengths.sum()) * min(2 * thick + 1, math.hypot(*self.shape))

    def _spend(self, drawn: float) -> None:
        checkpoint()
        self._left -= drawn
        if self._left < 0:
            raise PhotoError(
                f"the shapes cover more than {MOST_DRAWN / 1e6:,.0f} million pixels of this "
                "picture; draw fewer or smaller ones"
            )

    def radius(self, length: Length) -> float:
        """Radius of a shape in pixels of the working size, at most large enough to cover
        everything.
        """
        radius = pixels(length, min(self.height, self.width))
        scale = math.sqrt(self.scale_x * self.scale_y)
        return min(radius * scale, 2.0 * max(self.shape))

    def _small(self, points: tuple[tuple[Length, Length], ...]) -> list[tuple[float, float]]:
        """Convert points to pixels of the working size."""
        places = (self._inside(*point) for point in points)
        return [(x * self.scale_x - 0.5, y * self.scale_y - 0.5) for x, y in places]

    def _inside(self, x: Length, y: Length) -> tuple[float, float]:
        across, down = pixels(x, self.width), pixels(y, self.height)
        slack = 1 + 1e-9  # rounding may exceed the width
        if across > self.width * slack or down > self.height * slack:
            picture = f"{self.width}x{self.height}"
            raise PhotoError(f"the hint at {x},{y} is outside the picture ({picture})")
        return across, down


def feathered(mask: Mask) -> Float32:
    """A smoothed mask, in [0, 1]."""
    found = np.zeros(mask.shape, np.float32)
    left, top, width, height = cv2.boundingRect(mask)
    near = (
        slice(max(0, top - BLUR_REACH), top + height + BLUR_REACH),
        slice(max(0, left - BLUR_REACH), left + width + BLUR_REACH),
    )
    found[near] = cv2.GaussianBlur(mask[near].astype(np.float32), (0, 0), 1.0)
    return found


def around(mask: Mask, lightness: Float32, sigma: float, alike: float) -> Float32:
    """Similarity of each pixel to those of a mask, by distance and lightness (L*), in [0, 1].

    Parameters
    ----------
    sigma, alike
        Standard deviations of the distance in pixels and of the difference in L*.
    """
    distance = cv2.distanceTransform(1 - mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    level = float(lightness[mask > 0].mean())
    exponent = (distance / max(sigma, 0.5)) ** 2 + ((lightness - level) / alike) ** 2
    near = np.exp(-exponent / 2)
    near[mask > 0] = 1
    return np.asarray(near, np.float32)


def _dab(plane: Plane, x: float, y: float, radius: float, number: int) -> None:
    height, width = plane.shape
    row = min(max(round(y), 0), height - 1)
    column = min(max(round(x), 0), width - 1)
    plane[row, column] = number  # the nearest pixel, however small the hint
    rows = np.arange(max(0, math.ceil(y - radius)), min(height - 1, math.floor(y + radius)) + 1)
    half = np.sqrt(np.maximum(radius**2 - (rows - y) ** 2, 0))
    lefts = np.ceil(x - half).clip(0, width).astype(int)
    rights = (np.floor(x + half) + 1).clip(0, width).astype(int)
    # Row by row, so that only the pixels of the disc itself are touched.
    for at, left, right in zip(rows.tolist(), lefts.tolist(), rights.tolist(), strict=True):
        plane[at, left:right] = number


def _span(start: float, stop: float, length: int) -> slice:
    """The pixels whose centre lies in between, but at least one."""
    first = min(max(math.ceil(start - 0.5), 0), length - 1)
    return slice(first, max(first + 1, math.ceil(stop - 0.5)))


def _whole(points: list[tuple[float, float]]) -> NDArray[np.int32]:
    return np.array(points, np.float32).round().astype(np.int32)
