"""Shapes of a whole picture, drawn on planes at a colorizer's working size."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.errors import PhotoError, UsageError
from retint.lab import Float32

Length = float | str
"""Pixels, or a share of the picture's width or height as "40%"."""
Mask = NDArray[np.uint8]
"""1 inside a shape, 0 elsewhere."""


class Canvas:
    """Finds out which pixels of the working size a shape covers.

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

    def rectangle(self, x: Length, y: Length, width: Length, height: Length) -> Mask:
        left, top = self._inside(x, y)
        right = min(left + pixels(width, self.width), self.width)
        bottom = min(top + pixels(height, self.height), self.height)
        mask = np.zeros(self.shape, np.uint8)
        rows = _span(top * self.scale_y, bottom * self.scale_y, self.shape[0])
        columns = _span(left * self.scale_x, right * self.scale_x, self.shape[1])
        mask[rows, columns] = 1
        return mask

    def stroke(self, points: tuple[tuple[Length, Length], ...], radius: Length) -> Mask:
        """A line through points, round at its ends."""
        small = self._small(points)
        thick = self.radius(radius)
        mask = np.zeros(self.shape, np.uint8)
        if len(small) > 1:
            cv2.polylines(mask, [_whole(small)], False, 1, max(1, round(2 * thick)))
        for x, y in small:
            _dab(mask, x, y, thick)
        return mask

    def polygon(self, points: tuple[tuple[Length, Length], ...]) -> Mask:
        """What a closed line goes around; where it crosses itself, by the even-odd rule."""
        small = self._small(points)
        mask = np.zeros(self.shape, np.uint8)
        cv2.fillPoly(mask, [_whole(small)], 1)
        return mask

    def radius(self, length: Length) -> float:
        """Of a shape, in pixels of the working size; no larger than covers everything."""
        radius = pixels(length, min(self.height, self.width))
        scale = math.sqrt(self.scale_x * self.scale_y)
        return min(radius * scale, 2.0 * max(self.shape))

    def _small(self, points: tuple[tuple[Length, Length], ...]) -> list[tuple[float, float]]:
        """Where points are among the pixels of the working size."""
        places = (self._inside(*point) for point in points)
        return [(x * self.scale_x - 0.5, y * self.scale_y - 0.5) for x, y in places]

    def _inside(self, x: Length, y: Length) -> tuple[float, float]:
        across, down = pixels(x, self.width), pixels(y, self.height)
        slack = 1 + 1e-9  # a share of a share of the width may be rounded up
        if across > self.width * slack or down > self.height * slack:
            picture = f"{self.width}x{self.height}"
            raise PhotoError(f"the hint at {x},{y} is outside the picture ({picture})")
        return across, down


def feathered(mask: Mask) -> Float32:
    """A mask without jags, in [0, 1]."""
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.0), np.float32)


def around(mask: Mask, lightness: Float32, sigma: float, alike: float) -> Float32:
    """How near, and how much as light (L*), the pixels are that a mask has, in [0, 1].

    Parameters
    ----------
    sigma, alike
        Standard deviations: of the distance in pixels, of the difference in L*.
    """
    distance = cv2.distanceTransform(1 - mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    level = float(lightness[mask > 0].mean())
    exponent = (distance / max(sigma, 0.5)) ** 2 + ((lightness - level) / alike) ** 2
    near = np.exp(-exponent / 2)
    near[mask > 0] = 1
    return np.asarray(near, np.float32)


def pixels(length: Length, whole: float) -> float:
    """A length in pixels, for a picture that is `whole` pixels long; raises UsageError."""
    text = str(length).strip()
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise UsageError(f"{text!r} is not a length: write pixels, or 40% of the picture")
    return value * whole / 100 if text.endswith("%") else value


def _dab(mask: Mask, x: float, y: float, radius: float) -> None:
    height, width = mask.shape
    row = min(max(round(y), 0), height - 1)
    column = min(max(round(x), 0), width - 1)
    mask[row, column] = 1  # however small the hint, the nearest pixel has it
    reach = math.ceil(radius)
    rows = slice(max(0, row - reach), row + reach + 1)
    columns = slice(max(0, column - reach), column + reach + 1)
    ys = np.arange(height)[rows, None] - y
    xs = np.arange(width)[None, columns] - x
    mask[rows, columns] |= (ys**2 + xs**2 <= radius**2).astype(np.uint8)


def _span(start: float, stop: float, length: int) -> slice:
    """The pixels whose middle is in between, and at least one."""
    first = min(max(math.ceil(start - 0.5), 0), length - 1)
    return slice(first, max(first + 1, math.ceil(stop - 0.5)))


def _whole(points: list[tuple[float, float]]) -> NDArray[np.int32]:
    return np.array(points, np.float32).round().astype(np.int32)
