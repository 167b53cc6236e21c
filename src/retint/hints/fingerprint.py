"""A hash of hints, for the manifests of batch runs and clusters."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

from retint.hints.hints import Hints
from retint.hints.shapes import Hint, Polygon, Rectangle, Stroke

ALWAYS: dict[type, tuple[str, ...]] = {
    Hints: ("points", "strokes", "rectangles", "polygons"),
    Hint: ("x", "y", "color", "radius", "reach"),
    Stroke: ("points", "color", "radius", "reach"),
    Rectangle: ("x", "y", "width", "height", "color", "reach"),
    Polygon: ("points", "color", "reach"),
}
"""Fields that are hashed whatever their value. Any field added later is hashed only if it differs
from its default: otherwise an update of retint would invalidate every manifest with hints."""
EARLIER: dict[str, Any] = {"thing": False}
"""What hints of earlier versions mean by a field that they lack, where that is not its default."""


def fingerprint(hints: Hints) -> str:
    """SHA-256 of all that hints contain, the same in every version of retint."""
    return hashlib.sha256(_text(hints).encode()).hexdigest()


def _text(value: Any) -> str:
    """The text that is hashed: that of `repr`, without new fields at their defaults."""
    if isinstance(value, tuple):
        inner = [_text(each) for each in value]
        return f"({', '.join(inner)}{',' * (len(inner) == 1)})"
    kind = type(value)
    if kind not in ALWAYS:
        return repr(value)
    fields = [
        f"{each.name}={_text(getattr(value, each.name))}"
        for each in dataclasses.fields(value)
        if each.name in ALWAYS[kind]
        or getattr(value, each.name) != EARLIER.get(each.name, each.default)
    ]
    return f"{kind.__name__}({', '.join(fields)})"
