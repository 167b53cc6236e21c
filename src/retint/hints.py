"""Colour hints: what a person knows and no network can see.

    >>> hints = Hints.parse(["120,80,#b03a2e", "40%,30%,navy"])
    >>> hints.points[1].color
    'navy'

Hints are given where they are on the whole picture, upright, x to the right and y down. A colorizer
gets them as planes at its working size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from PIL import ImageColor

from retint import lab
from retint.errors import PhotoError, UsageError
from retint.lab import Float32

Length = float | str
"""Pixels, or a share of the picture's width or height as "40%"."""

RADIUS = "1.5%"
"""Of a hint that names none; of the short side."""
VERSION = 1
"""Of the form that hints files have (`retint.hint_files`)."""
MAX_SHAPES = 10_000
"""Points, rectangles and points of strokes; a file with more is a mistake, not a drawing."""


@dataclass(frozen=True)
class Hint:
    """A spot of colour.

    Parameters
    ----------
    x, y
        From the left and from the top: pixels, or "40%" of the width or height.
    color
        Any CSS colour: "navy", "#b03a2e", "rgb(176, 58, 46)", "hsl(6, 59%, 43%)".
    radius
        Pixels, or a percentage of the short side.

    Raises
    ------
    UsageError
        If a length or the colour cannot be understood.
    """

    x: Length
    y: Length
    color: str
    radius: Length = RADIUS

    def __post_init__(self) -> None:
        for length in (self.x, self.y, self.radius):
            pixels(length, 1)
        chroma_of(self.color)


@dataclass(frozen=True)
class Stroke:
    """A line of colour through points (x, y)."""

    points: tuple[tuple[Length, Length], ...]
    color: str
    radius: Length = RADIUS

    def __post_init__(self) -> None:
        if not self.points:
            raise UsageError("a stroke needs at least one point")
        for length in (self.radius, *(length for point in self.points for length in point)):
            pixels(length, 1)
        chroma_of(self.color)


@dataclass(frozen=True)
class Rectangle:
    """A field of colour."""

    x: Length
    y: Length
    width: Length
    height: Length
    color: str

    def __post_init__(self) -> None:
        for length in (self.x, self.y, self.width, self.height):
            pixels(length, 1)
        chroma_of(self.color)


@dataclass(frozen=True)
class Hints:
    """All that is known of one picture; where hints overlap, points cover strokes cover rectangles.

    Raises
    ------
    UsageError
        If there are more than `MAX_SHAPES`.
    """

    points: tuple[Hint, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    rectangles: tuple[Rectangle, ...] = ()

    def __post_init__(self) -> None:
        # A stroke is as long to draw as it has points.
        drawn = sum(len(stroke.points) for stroke in self.strokes)
        count = len(self.points) + drawn + len(self.rectangles)
        if count > MAX_SHAPES:
            raise UsageError(f"{count} hints are too many; at most {MAX_SHAPES}")

    def __bool__(self) -> bool:
        return bool(self.points or self.strokes or self.rectangles)

    def __add__(self, other: Hints) -> Hints:
        return Hints(
            self.points + other.points,
            self.strokes + other.strokes,
            self.rectangles + other.rectangles,
        )

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Hints:
        """Points written as "x,y,color", split at the first two commas.

        Raises
        ------
        UsageError
            If one of them is written otherwise.
        """
        return cls(points=tuple(_parse(text) for text in texts))

    def content(self, size: tuple[int, int]) -> dict[str, Any]:
        """What a hints file would say of them, for a picture of that height and width."""
        height, width = size

        def place(x: Length, y: Length) -> list[float]:
            return [round(pixels(x, width), 3), round(pixels(y, height), 3)]

        def spot(each: Hint | Stroke) -> dict[str, Any]:
            radius = pixels(each.radius, min(size))
            return {"color": each.color, "radius": round(radius, 3)}

        points = [
            dict(zip("xy", place(each.x, each.y), strict=True)) | spot(each) for each in self.points
        ]
        strokes = [
            {"points": [place(*point) for point in each.points]} | spot(each)
            for each in self.strokes
        ]
        rectangles = [
            dict(zip("xy", place(each.x, each.y), strict=True))
            | dict(zip(("width", "height"), place(each.width, each.height), strict=True))
            | {"color": each.color}
            for each in self.rectangles
        ]
        shapes = {"points": points, "strokes": strokes, "rectangles": rectangles}
        said = {name: each for name, each in shapes.items() if each}
        return {"version": VERSION, "size": [width, height], **said}

    def planes(self, size: tuple[int, int], lightness: Float32) -> Float32:
        """The hints as a colorizer takes them.

        Parameters
        ----------
        size
            Height and width of the whole picture.
        lightness
            L* [h, w] at the working size. A hint keeps its hue; its chroma is lowered where that
            lightness cannot bear it.

        Returns
        -------
        [h, w, 3]: a*, b*, and 1 where there is a hint; 0 elsewhere.

        Raises
        ------
        PhotoError
            If a hint lies outside the picture.
        """
        canvas = _Canvas(size, lightness.shape)
        for rectangle in self.rectangles:
            canvas.rectangle(rectangle)
        for stroke in self.strokes:
            canvas.stroke(stroke)
        for point in self.points:
            canvas.stroke(Stroke(((point.x, point.y),), point.color, point.radius))
        planes = canvas.planes
        hinted = planes[..., 2] > 0
        planes[hinted, :2] = lab.in_gamut(lightness[hinted], planes[hinted, :2])
        return planes


def chroma_of(color: str) -> tuple[float, float]:
    """a*, b* of a CSS colour.

    Raises
    ------
    UsageError
        If there is no such colour.
    """
    try:
        rgb = ImageColor.getrgb(color.strip())[:3]
        if max(rgb) > 255:
            raise ValueError
    except (AttributeError, ValueError):
        raise UsageError(
            f"unknown colour {color!r}; write a CSS colour such as navy or #b03a2e"
        ) from None
    _, a, b = lab.rgb_to_lab(np.array(rgb, np.uint8))
    return float(a), float(b)


def color_of(lightness: float, chroma: Float32) -> str:
    """CIELAB as "#rrggbb": L*, and a*, b* [2], which are lowered where L* cannot bear them."""
    rgb = np.empty((1, 1, 3), np.uint8)
    lab.merge(np.full((1, 1), lightness, np.float32), chroma.reshape(1, 1, 2), out=rgb)
    return "#" + "".join(f"{level:02x}" for level in rgb[0, 0])


class _Canvas:
    """Planes at the working size that shapes of the whole picture are drawn on."""

    def __init__(self, size: tuple[int, int], shape: tuple[int, ...]) -> None:
        self.height, self.width = size
        self.planes = np.zeros((*shape, 3), np.float32)
        self.scale_y, self.scale_x = shape[0] / size[0], shape[1] / size[1]

    def rectangle(self, shape: Rectangle) -> None:
        left, top = self._inside(shape.x, shape.y)
        right = min(left + pixels(shape.width, self.width), self.width)
        bottom = min(top + pixels(shape.height, self.height), self.height)
        rows = self._span(top * self.scale_y, bottom * self.scale_y, self.planes.shape[0])
        columns = self._span(left * self.scale_x, right * self.scale_x, self.planes.shape[1])
        self.planes[rows, columns] = (*chroma_of(shape.color), 1)

    def stroke(self, shape: Stroke) -> None:
        places = [self._inside(*point) for point in shape.points]
        radius = pixels(shape.radius, min(self.height, self.width))
        radius *= (self.scale_x * self.scale_y) ** 0.5
        # A larger one covers everything as well.
        radius = min(radius, 2.0 * max(self.planes.shape[:2]))
        small = [(x * self.scale_x - 0.5, y * self.scale_y - 0.5) for x, y in places]
        mask = np.zeros(self.planes.shape[:2], np.uint8)
        if len(small) > 1:
            line = np.array(small, np.float32).round().astype(np.int32)
            cv2.polylines(mask, [line], False, 1, max(1, round(2 * radius)))
        for x, y in small:
            self._dab(mask, x, y, radius)
        self.planes[mask > 0] = (*chroma_of(shape.color), 1)

    def _dab(self, mask: Any, x: float, y: float, radius: float) -> None:
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

    def _inside(self, x: Length, y: Length) -> tuple[float, float]:
        across, down = pixels(x, self.width), pixels(y, self.height)
        slack = 1 + 1e-9  # a share of a share of the width may be rounded up
        if across > self.width * slack or down > self.height * slack:
            picture = f"{self.width}x{self.height}"
            raise PhotoError(f"the hint at {x},{y} is outside the picture ({picture})")
        return across, down

    @staticmethod
    def _span(start: float, stop: float, length: int) -> slice:
        """The pixels whose middle is in between, and at least one."""
        first = min(max(math.ceil(start - 0.5), 0), length - 1)
        return slice(first, max(first + 1, math.ceil(stop - 0.5)))


def _parse(text: str) -> Hint:
    parts = [part.strip() for part in text.split(",", 2)]
    if len(parts) < 3:
        raise UsageError(f"a hint is x,y,color, such as 120,80,#b03a2e or 40%,30%,navy: {text!r}")
    return Hint(*parts)


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
