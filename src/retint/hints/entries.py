"""The content of a hints file: its version, and lists of entries, one per shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from retint.hints.length import Length, pixels
from retint.hints.shapes import Hint, Polygon, Rectangle, Shape, Stroke, is_thing

VERSION = 1
"""Version of the format."""
SHAPES: dict[str, type[Shape]] = {
    "points": Hint,
    "strokes": Stroke,
    "polygons": Polygon,
    "rectangles": Rectangle,
}
"""The lists of a hints file, with the shapes that they contain."""


def content(lists: Mapping[str, Iterable[Shape]], size: tuple[int, int]) -> dict[str, Any]:
    """The content of a hints file as JSON values, without empty lists.

    Parameters
    ----------
    lists
        The shapes of each of `SHAPES`.
    size
        Height and width of the picture, in whose pixels coordinates are stated.
    """
    height, width = size
    filled = {name: [_entry(each, size) for each in shapes] for name, shapes in lists.items()}
    present = {name: entries for name, entries in filled.items() if entries}
    return {"version": VERSION, "size": [width, height], **present}


def _entry(shape: Shape, size: tuple[int, int]) -> dict[str, Any]:
    """One shape, without defaults."""
    height, width = size

    def place(x: Length, y: Length) -> list[float]:
        return [round(pixels(x, width), 3), round(pixels(y, height), 3)]

    found: dict[str, Any]
    if isinstance(shape, Stroke | Polygon):
        found = {"points": [place(*point) for point in shape.points]}
    else:
        found = dict(zip("xy", place(shape.x, shape.y), strict=True))
    if isinstance(shape, Rectangle):
        lengths = place(shape.width, shape.height)
        found |= dict(zip(("width", "height"), lengths, strict=True))
    found["color"] = shape.color
    if isinstance(shape, Hint | Stroke):
        found["radius"] = round(pixels(shape.radius, min(size)), 3)
    if shape.reach != type(shape).reach:
        found["reach"] = shape.reach
    if is_thing(shape):
        found["thing"] = True
    if isinstance(shape, Hint) and shape.without:
        found["without"] = [place(*point) for point in shape.without]
    return found
