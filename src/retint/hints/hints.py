"""All colour hints of one picture.

    >>> hints = Hints.parse(["120,80,#b03a2e", "40%,30%,navy"])
    >>> hints.points[1].color
    'navy'

A colorizer gets hints as planes at its working size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retint.color import lab
from retint.color.lab import Float32
from retint.errors import UsageError
from retint.hints import entries
from retint.hints.canvas import Canvas, around, feathered
from retint.hints.colors import chroma_of
from retint.hints.shapes import (
    EVERYWHERE,
    Hint,
    Polygon,
    Rectangle,
    Shape,
    Stroke,
    is_thing,
    point_of,
)

ALIKE = 15.0
"""Standard deviation in L* for the similarity between a hint with limited reach and its
surroundings.
"""
MAX_SHAPES = 10_000
"""Maximum number of points, rectangles and points of lines; no drawing needs more."""


@dataclass(frozen=True)
class Hints:
    """All hints of one picture.

    Where hints overlap, points cover strokes, strokes cover polygons, and polygons cover
    rectangles.

    Raises
    ------
    UsageError
        If there are more than `MAX_SHAPES`.
    """

    points: tuple[Hint, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    rectangles: tuple[Rectangle, ...] = ()
    polygons: tuple[Polygon, ...] = ()
    anchors: tuple[Hint, ...] = field(default=(), repr=False)
    """Points that repeat what a method predicts, so that other hints do not spread there; drawn
    below everything else, and looks change their colours.
    """

    def __post_init__(self) -> None:
        # The time to draw a line grows with its points.
        lines = sum(len(stroke.points) for stroke in self.strokes)
        lines += sum(len(polygon.points) for polygon in self.polygons)
        lines += sum(len(point.without) for point in self.points)
        check_count(len(self.points) + lines + len(self.rectangles))

    def __bool__(self) -> bool:
        return bool(self.anchors or self.points or self.strokes or self.rectangles or self.polygons)

    def __iter__(self) -> Iterator[Shape]:
        """All shapes in the order in which they are drawn."""
        yield from self.anchors
        yield from self.rectangles
        yield from self.polygons
        yield from self.strokes
        yield from self.points

    def __add__(self, other: Hints) -> Hints:
        return Hints(
            self.points + other.points,
            self.strokes + other.strokes,
            self.rectangles + other.rectangles,
            self.polygons + other.polygons,
            self.anchors + other.anchors,
        )

    @property
    def stated(self) -> Hints:
        """The hints without anchors."""
        return replace(self, anchors=()) if self.anchors else self

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Hints:
        """Parse points written as "x,y,color" or "x,y,color@reach", split at the first two commas.

        They colour the things that they lie on, or with a reach, as in "40%,30%,navy@0.4", what is
        similar within it.

        Raises
        ------
        UsageError
            If one of them has another form.
        """
        return cls(points=tuple(point_of(text) for text in texts))

    @property
    def unbounded(self) -> Hints:
        """The hints with unlimited reach that colour more than a thing."""
        wide = self._those(lambda each: each.reach >= EVERYWHERE and not is_thing(each))
        return replace(wide, anchors=self.anchors)

    @property
    def things(self) -> Hints:
        """The hints that colour a thing each."""
        return self._those(is_thing)

    @property
    def shapes(self) -> Hints:
        """All other hints."""
        return self._those(lambda each: not is_thing(each))

    @property
    def without_things(self) -> Hints:
        """The hints for a method that knows no things."""
        points = (
            replace(each, thing=False, without=()) if each.thing else each for each in self.points
        )
        return replace(self, points=tuple(points))

    def within(self, reach: float) -> Hints:
        """The hints with at most that reach."""

        def nearer(shapes: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(replace(each, reach=min(each.reach, reach)) for each in shapes)

        return Hints(*map(nearer, (self.points, self.strokes, self.rectangles, self.polygons)))

    def _those(self, wanted: Callable[[Shape], bool]) -> Hints:
        def kept(shapes: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(each for each in shapes if wanted(each))

        return Hints(*map(kept, (self.points, self.strokes, self.rectangles, self.polygons)))

    def content(self, size: tuple[int, int]) -> dict[str, Any]:
        """The content of a hints file for them, for a picture of that height and width."""
        return entries.content({name: getattr(self, name) for name in entries.SHAPES}, size)

    def planes(self, size: tuple[int, int], lightness: Float32) -> Float32:
        """Draw the hints in the form that a colorizer takes.

        Parameters
        ----------
        size
            Height and width of the whole picture.
        lightness
            L* [h, w] at the working size. A hint keeps its hue; its chroma is reduced to what that
            lightness allows.

        Returns
        -------
        [h, w, 3]: a*, b*, and 1 where there is a hint; 0 elsewhere.

        Raises
        ------
        PhotoError
            If a hint lies outside the picture.
        """
        canvas = Canvas(size, lightness.shape)
        whose = np.zeros(lightness.shape, np.int32)
        told = [(0.0, 0.0, 0.0)]
        for number, shape in enumerate(self, 1):
            shape.drawn(canvas, whose, number)
            told.append((*chroma_of(shape.color), 1.0))
        planes = np.array(told, np.float32)[whose]
        hinted = whose > 0
        planes[hinted, :2] = lab.in_gamut(lightness[hinted], planes[hinted, :2])
        return planes

    def mask(self, size: tuple[int, int]) -> NDArray[np.uint8]:
        """Pixels that any hint covers in a picture of that size [H, W]; raises like `planes`."""
        canvas = Canvas(size, size)
        found = np.zeros(size, np.uint8)
        for shape in self:
            shape.drawn(canvas, found)
        return found

    def bounds(self, size: tuple[int, int], lightness: Float32) -> Float32 | None:
        """Area of hints with limited reach [h, w], in [0, 1]; None if there are
        none.

        Takes and raises the same as `planes`.
        """
        bounded = [each for each in self if each.reach < EVERYWHERE]
        if not bounded:
            return None
        canvas = Canvas(size, lightness.shape)
        found = np.zeros(lightness.shape, np.float32)
        short = min(lightness.shape)
        for shape in bounded:
            mask = shape.drawn(canvas)
            if shape.reach > 0 and mask.any():
                shown = around(mask, lightness, shape.reach * short / 2, ALIKE)
            else:
                shown = feathered(mask)
            np.maximum(found, shown, out=found)
        return found


def check_count(count: int) -> None:
    """Raise UsageError if there are too many shapes and points of lines."""
    if count > MAX_SHAPES:
        raise UsageError(f"{count} hints are too many; the maximum is {MAX_SHAPES}")
