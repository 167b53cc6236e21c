"""Colour hints: colours that the user knows.

    >>> hints = Hints.parse(["120,80,#b03a2e", "40%,30%,navy"])
    >>> hints.points[1].color
    'navy'

Coordinates refer to the whole upright picture, x from the left and y from the top. A colorizer gets
hints as planes at its working size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retint.color import lab
from retint.color.lab import Float32
from retint.color.names import rgb_of
from retint.errors import UsageError
from retint.hints.canvas import Canvas, Plane, around, feathered
from retint.hints.length import Length, Share, pixels
from retint.numbers import is_number, number_of, shortened

RADIUS = Share(1.5)
"""Default radius, as a share of the short side."""
EVERYWHERE = 1.0
"""Reach of a hint that colours everything similar to its position."""
ALIKE = 15.0
"""Standard deviation in L* for the similarity between a hint with limited reach and its
surroundings.
"""
VERSION = 1
"""Version of the hints file format (`retint.hints.file`)."""
MAX_SHAPES = 10_000
"""Maximum number of points, rectangles and points of lines; no drawing needs more."""


@dataclass(frozen=True)
class Hint:
    """A spot of colour.

    Parameters
    ----------
    x, y
        From the left and from the top: pixels, or "40%" of the width or height.
    color
        A CSS colour or a name from the XKCD survey: "navy", "dusty rose", "#b03a2e",
        "rgb(176, 58, 46)", "hsl(6, 59%, 43%)".
    radius
        Pixels, or a percentage of the short side.
    reach
        How far it colours surroundings of similar lightness, in short sides, from 0 (only
        itself) to below 1; at 1 it colours everything that looks similar to the network.
    thing
        Whether it colours the thing that it lies on, in place of a reach; by default if the reach
        is 1. Where a method knows no things, it colours everything that looks similar.
    without
        Places (x, y) that are not part of that thing.

    Raises
    ------
    UsageError
        If a length, the reach or the colour is invalid, or if there are both a reach and a thing,
        or places without a thing.
    """

    x: Length
    y: Length
    color: str
    radius: Length = RADIUS
    reach: float = EVERYWHERE
    thing: bool | None = None
    without: tuple[tuple[Length, Length], ...] = ()

    def __post_init__(self) -> None:
        beside = (length for place in self.without for length in place)
        _check(self.color, self.reach, self.x, self.y, self.radius, *beside)
        if self.thing is None:
            object.__setattr__(self, "thing", self.reach == EVERYWHERE)
        if not isinstance(self.thing, bool):
            raise UsageError(f"thing must be true or false, not {shortened(self.thing)}")
        if self.thing and self.reach != EVERYWHERE:
            raise UsageError("a hint has either a reach or a thing, not both")
        if self.without and not self.thing:
            raise UsageError("only a hint of a thing has places that are not part of it")

    def drawn(self, canvas: Canvas, onto: Plane | None = None, number: int = 1) -> Plane:
        """Draw it on a plane, or on an empty one."""
        return canvas.stroke(((self.x, self.y),), self.radius, onto, number)


@dataclass(frozen=True)
class Stroke:
    """A line of colour through points (x, y)."""

    points: tuple[tuple[Length, Length], ...]
    color: str
    radius: Length = RADIUS
    reach: float = EVERYWHERE

    def __post_init__(self) -> None:
        if not self.points:
            raise UsageError("a stroke needs at least one point")
        lengths = (length for point in self.points for length in point)
        _check(self.color, self.reach, self.radius, *lengths)

    def drawn(self, canvas: Canvas, onto: Plane | None = None, number: int = 1) -> Plane:
        """Draw it on a plane, or on an empty one."""
        return canvas.stroke(self.points, self.radius, onto, number)


@dataclass(frozen=True)
class Rectangle:
    """A rectangle of colour."""

    x: Length
    y: Length
    width: Length
    height: Length
    color: str
    reach: float = EVERYWHERE

    def __post_init__(self) -> None:
        _check(self.color, self.reach, self.x, self.y, self.width, self.height)

    def drawn(self, canvas: Canvas, onto: Plane | None = None, number: int = 1) -> Plane:
        """Draw it on a plane, or on an empty one."""
        return canvas.rectangle(self.x, self.y, self.width, self.height, onto, number)


@dataclass(frozen=True)
class Polygon:
    """An outlined region; its colour stays inside unless `reach` is larger."""

    points: tuple[tuple[Length, Length], ...]
    color: str
    reach: float = 0.0

    def __post_init__(self) -> None:
        if len(self.points) < 3:
            raise UsageError("a polygon needs at least three points")
        lengths = (length for point in self.points for length in point)
        _check(self.color, self.reach, *lengths)

    def drawn(self, canvas: Canvas, onto: Plane | None = None, number: int = 1) -> Plane:
        """Draw it on a plane, or on an empty one."""
        return canvas.polygon(self.points, onto, number)


Shape = Hint | Stroke | Rectangle | Polygon


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
        return cls(points=tuple(_parse(text) for text in texts))

    @property
    def unbounded(self) -> Hints:
        """The hints with unlimited reach that colour more than a thing."""
        wide = self._those(lambda each: each.reach >= EVERYWHERE and not _is_thing(each))
        return replace(wide, anchors=self.anchors)

    @property
    def things(self) -> Hints:
        """The hints that colour a thing each."""
        return self._those(_is_thing)

    @property
    def shapes(self) -> Hints:
        """All other hints."""
        return self._those(lambda each: not _is_thing(each))

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
        height, width = size

        def place(x: Length, y: Length) -> list[float]:
            return [round(pixels(x, width), 3), round(pixels(y, height), 3)]

        def entry(each: Shape) -> dict[str, Any]:
            found: dict[str, Any]
            if isinstance(each, Stroke | Polygon):
                found = {"points": [place(*point) for point in each.points]}
            else:
                found = dict(zip("xy", place(each.x, each.y), strict=True))
            if isinstance(each, Rectangle):
                lengths = place(each.width, each.height)
                found |= dict(zip(("width", "height"), lengths, strict=True))
            found["color"] = each.color
            if isinstance(each, Hint | Stroke):
                found["radius"] = round(pixels(each.radius, min(size)), 3)
            if each.reach != type(each).reach:
                found["reach"] = each.reach
            if _is_thing(each):
                found["thing"] = True
            if isinstance(each, Hint) and each.without:
                found["without"] = [place(*point) for point in each.without]
            return found

        shapes = {
            name: [entry(each) for each in getattr(self, name)]
            for name in ("points", "strokes", "polygons", "rectangles")
        }
        present = {name: each for name, each in shapes.items() if each}
        return {"version": VERSION, "size": [width, height], **present}

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


def chroma_of(color: str) -> tuple[float, float]:
    """a*, b* of a CSS colour or a colour name.

    Raises
    ------
    UsageError
        If there is no such colour.
    """
    _, a, b = lab.rgb_to_lab(np.array(rgb_of(color), np.uint8))
    return float(a), float(b)


def color_of(lightness: float, chroma: Float32) -> str:
    """Format CIELAB as "#rrggbb": L*, and a*, b* [2], which are reduced to what L* allows."""
    rgb = np.empty((1, 1, 3), np.uint8)
    lab.merge(np.full((1, 1), lightness, np.float32), chroma.reshape(1, 1, 2), out=rgb)
    return "#" + "".join(f"{level:02x}" for level in rgb[0, 0])


def _parse(text: str) -> Hint:
    parts = [part.strip() for part in text.split(",", 2)]
    if len(parts) < 3:
        raise UsageError(
            f"a hint must be x,y,color, such as 120,80,#b03a2e or 40%,30%,navy, not {text!r}"
        )
    x, y, color = parts
    color, at, reach = color.partition("@")
    if not at:
        return Hint(x, y, color)
    try:
        near = number_of(reach)
    except ValueError:
        raise UsageError(
            f"a reach must be a number, such as in 40%,30%,navy@0.4, not {shortened(reach)}"
        ) from None
    return Hint(x, y, color.rstrip(), reach=near, thing=False)


def _is_thing(shape: Shape) -> bool:
    return isinstance(shape, Hint) and bool(shape.thing)


def _check(color: str, reach: float, *lengths: Length) -> None:
    for length in lengths:
        pixels(length, 1)
    if not is_number(reach) or not 0 <= reach <= 1:
        raise UsageError(f"reach must be between 0 and {EVERYWHERE:g}, not {shortened(reach)}")
    chroma_of(color)
