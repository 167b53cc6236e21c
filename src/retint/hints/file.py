"""Hints files: JSON, with coordinates in pixels of a picture of their `size`."""

from __future__ import annotations

import functools
import json
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from retint.errors import UsageError
from retint.files.confined import open_existing
from retint.hints.entries import SHAPES, VERSION
from retint.hints.hints import Hints, check_count
from retint.hints.length import Share
from retint.hints.shapes import RADIUS, Hint, Polygon, Rectangle, Stroke, checked_thing
from retint.numbers import is_number, number_of, shortened

MAX_BYTES = 1 << 24
"""Maximum size of a file; one with 10,000 hints has a few million bytes."""


def read_hints(path: str | os.PathLike[str]) -> Hints:
    """Read a hints file; its coordinates are pixels of a picture of its `size`.

    `{"version": 1, "size": [w, h], "points": [{"x", "y", "color", "radius"}],
    "strokes": [{"points": [[x, y], ...], "color", "radius"}],
    "polygons": [{"points": [[x, y], ...], "color"}],
    "rectangles": [{"x", "y", "width", "height", "color"}]}`; all lists and radii are optional,
    each shape may have a "reach", and a point may be a "thing", with places [[x, y], ...] that it
    is "without" (`Hint`).

    Raises
    ------
    UsageError
        If the file cannot be read or is invalid; the message names the position of the error.
    """
    content = read_content(Path(path))
    try:
        return hints_of(content)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def read_content(path: Path) -> dict[str, Any]:
    """Read a JSON object in UTF-8, UTF-16 or UTF-32 from a file; raises UsageError."""
    raw = read_bytes(path)
    try:
        # Editors on Windows write a byte-order mark, or UTF-16.
        content = json.loads(raw.decode(json.detect_encoding(raw)))
    except (RecursionError, ValueError) as error:
        raise UsageError(f"{path} is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise UsageError(f"{path} does not contain one JSON object")
    return content


def hints_of(content: Any) -> Hints:
    """Convert the parsed JSON of a hints file to hints.

    Raises
    ------
    UsageError
        If it is invalid; the message names the position of the error.
    """
    return _Reader(content).hints()


def read_bytes(path: Path) -> bytes:
    """The bytes of a file that can be read repeatedly; raises UsageError.

    A pipe that a shell makes (`<(...)`) gives its content only once, and each film of a folder
    reads its hints anew.
    """
    try:
        status = path.stat()
        raw = _of_pipe(path, status.st_ino) if stat.S_ISFIFO(status.st_mode) else _bytes(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    if len(raw) > MAX_BYTES:
        raise UsageError(f"{path} is larger than {MAX_BYTES >> 20} MiB")
    return raw


@functools.lru_cache(maxsize=1)
def _of_pipe(path: Path, _inode: int) -> bytes:
    """The bytes of a pipe; the next one of the same name has another inode."""
    return _bytes(path)


def _bytes(path: Path) -> bytes:
    """The bytes of a file, up to one more than are allowed; raises OSError."""
    with open_existing(path) as file:
        return file.read(MAX_BYTES + 1)


class _Reader:
    """Converts the parsed JSON of a hints file to hints in shares of the picture."""

    def __init__(self, content: Any) -> None:
        if not isinstance(content, dict):
            raise UsageError("a hints file must contain one JSON object")
        if content.get("version") != VERSION:
            raise UsageError(f"version must be {VERSION}, not {shortened(content.get('version'))}")
        known = {"version", "size", *SHAPES}
        if strange := sorted(content.keys() - known):
            raise UsageError(
                f"unknown key {shortened(strange[0])}; known: {', '.join(sorted(known))}"
            )
        size = content.get("size")
        if not (isinstance(size, list) and len(size) == 2 and all(is_number(n) for n in size)):
            raise UsageError("size must be [width, height] in pixels")
        if min(size) <= 0:
            raise UsageError("size must be [width, height] in pixels, both above 0")
        self.content = content
        self.width, self.height = size

    def hints(self) -> Hints:
        # Counted before they are created, since there may be very many.
        check_count(sum(len(found) for found in map(self._list, SHAPES)))
        return Hints(
            tuple(self._each("points", self._point)),
            tuple(self._each("strokes", self._stroke)),
            tuple(self._each("rectangles", self._rectangle)),
            tuple(self._each("polygons", self._polygon)),
        )

    def _each(self, name: str, build: Any) -> Iterable[Any]:
        for k, entry in enumerate(self._list(name)):
            try:
                yield build(dict(entry))
            except UsageError as error:
                raise UsageError(f"{name}[{k}]: {error}") from None
            except KeyError as error:
                raise UsageError(f"{name}[{k}] lacks {error}") from None
            except (TypeError, ValueError):
                raise UsageError(f"{name}[{k}] is not a valid hint") from None

    def _list(self, name: str) -> list[Any]:
        entries = self.content.get(name, [])
        if not isinstance(entries, list):
            raise UsageError(f"{name} must be a list")
        return entries

    def _point(self, entry: dict[str, Any]) -> Hint:
        x, y = self._across(entry["x"]), self._down(entry["y"])
        thing = checked_thing(entry.get("thing", False))
        reach, without = _reach(entry, Hint), self._places(entry.get("without", ()))
        return Hint(x, y, entry["color"], self._radius(entry), reach, thing, without)

    def _stroke(self, entry: dict[str, Any]) -> Stroke:
        points = self._points(entry)
        return Stroke(points, entry["color"], self._radius(entry), _reach(entry, Stroke))

    def _polygon(self, entry: dict[str, Any]) -> Polygon:
        return Polygon(self._points(entry), entry["color"], _reach(entry, Polygon))

    def _points(self, entry: dict[str, Any]) -> tuple[tuple[Share, Share], ...]:
        return self._places(entry["points"])

    def _places(self, places: Iterable[Any]) -> tuple[tuple[Share, Share], ...]:
        return tuple((self._across(x), self._down(y)) for x, y in places)

    def _rectangle(self, entry: dict[str, Any]) -> Rectangle:
        return Rectangle(
            self._across(entry["x"]),
            self._down(entry["y"]),
            self._across(entry["width"]),
            self._down(entry["height"]),
            entry["color"],
            _reach(entry, Rectangle),
        )

    def _radius(self, entry: dict[str, Any]) -> Share:
        if "radius" not in entry:
            return RADIUS
        return _share(entry["radius"], min(self.width, self.height))

    def _across(self, value: Any) -> Share:
        return _share(value, self.width)

    def _down(self, value: Any) -> Share:
        return _share(value, self.height)


def _reach(entry: dict[str, Any], kind: type[Any]) -> Any:
    """The reach of an entry, which the shape checks, or the default of its kind."""
    return entry.get("reach", kind.reach)


def _share(value: Any, whole: float) -> Share:
    if isinstance(value, str):
        raise UsageError(f"{shortened(value)} is not a number")
    try:
        return Share.of(number_of(value), whole)
    except ValueError as error:
        raise UsageError(str(error)) from None
