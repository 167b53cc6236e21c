"""The shapes of colour hints: points, strokes, rectangles and polygons.

Coordinates refer to the whole upright picture, x from the left and y from the top.
"""

from __future__ import annotations

from dataclasses import dataclass

from retint.errors import UsageError
from retint.hints.canvas import Canvas, Plane
from retint.hints.colors import chroma_of
from retint.hints.length import Length, Share, pixels
from retint.numbers import a_number, is_number, number_of, range_text, shortened

RADIUS = Share(1.5)
"""Default radius, as a share of the short side."""
EVERYWHERE = 1.0
"""Reach of a hint that colours everything similar to its position."""


def checked_thing(value: object) -> bool:
    """Whether a hint colours a thing; raises UsageError for other values than true and false."""
    if not isinstance(value, bool):
        raise UsageError(f"thing must be true or false, not {shortened(value)}")
    return value


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
        checked_thing(self.thing)
        if self.thing and self.reach != EVERYWHERE:
            raise UsageError("a hint has either a reach or a thing, not both")
        if self.without and not self.thing:
            raise UsageError("only a hint that colors a thing can exclude places")

    def drawn(self, canvas: Canvas, onto: Plane | None = None, number: int = 1) -> Plane:
        """Draw the shape on a plane, by default an empty one."""
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
        """Draw the shape on a plane, by default an empty one."""
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
        """Draw the shape on a plane, by default an empty one."""
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
        """Draw the shape on a plane, by default an empty one."""
        return canvas.polygon(self.points, onto, number)


Shape = Hint | Stroke | Rectangle | Polygon


def point_of(text: str) -> Hint:
    """Parse a point; see `Hints.parse`."""
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


def is_thing(shape: Shape) -> bool:
    """Whether a shape colours a thing."""
    return isinstance(shape, Hint) and bool(shape.thing)


def _check(color: str, reach: float, *lengths: Length) -> None:
    for length in lengths:
        pixels(length, 1)
    if not is_number(reach) or not 0 <= reach <= 1:
        wanted = a_number(float, range_text(0, None, EVERYWHERE))
        raise UsageError(f"reach must be {wanted}, not {shortened(reach)}")
    chroma_of(color)
