"""Follows the hints of one frame through its shot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from retint.color.lab import Float32
from retint.film.flow import Carrier, Flow
from retint.film.options import moment
from retint.film.stages import pulse
from retint.hints import Hint, Hints
from retint.hints.canvas import Canvas
from retint.hints.entries import SHAPES
from retint.hints.file import hints_of, read_content
from retint.hints.length import Length, Share, pixels

LEAST_TRUST = 0.15
"""Minimum reliability of the motion; below it a position is not followed."""
MOST_AWAY = 0.02
"""Distance from the edge, as a share of the frame, at which a position counts as gone."""
SPREAD = 24
"""Maximum number of positions that represent a line or an area."""
NEAR = 0.15
"""Reach of the points of an area whose colour stays inside it."""
SOUGHT = 8
"""Half the side in pixels of the patch by which a position is recognised."""
AWAY = 0.12
"""Search distance around the position where it was lost, as a share of the frame."""
ALIKE = 0.92
"""Minimum correlation of a match."""
MARKED = 3.0
"""Standard deviation of L* below which a patch is not distinctive."""
PATCH = 2
"""Half the side in pixels of the area whose median motion a position follows."""


TimeOf = Callable[[float], float]
"""Returns the time in seconds of a frame by its number in the film."""


@dataclass(frozen=True)
class Timed:
    """Hints of one frame of a film."""

    time: float
    """Its time in seconds since the film's first frame."""
    hints: Hints


def read_timed(path: Path, time_of: TimeOf, start: float = 0.0) -> list[Timed]:
    """Read a hints file whose shapes may have a `time` in seconds, or a `frame`, whose time
    `time_of` returns.

    Both count from the first frame of the film. Shapes with neither belong to the first frame that
    is coloured, at `start` seconds. Raises UsageError like `read_hints`.
    """
    return timed_of(read_content(path), time_of, start)


def timed_of(content: dict[str, Any], time_of: TimeOf, start: float = 0.0) -> list[Timed]:
    """Convert the content of such a file to hints; raises UsageError if it is invalid."""
    hints_of(content)  # reports an invalid file before its times are read
    by_time: dict[float, dict[str, list[Any]]] = {}
    for name in SHAPES:
        for each in content.get(name, []):
            of_then = by_time.setdefault(_second(each, time_of, start), {})
            of_then.setdefault(name, []).append(each)
    nothing: dict[str, list[Any]] = {name: [] for name in SHAPES}
    return [
        Timed(time, hints_of({**content, **nothing, **of_then}))
        for time, of_then in sorted(by_time.items(), key=lambda each: each[0])
    ]


def _second(entry: dict[str, Any], time_of: TimeOf, start: float) -> float:
    """The time of a shape."""
    if "time" in entry:
        return moment(entry["time"])
    return time_of(moment(entry["frame"])) if "frame" in entry else start


@dataclass(frozen=True)
class Place:
    """Position of a hint in a frame, in shares of its size."""

    x: float
    y: float


class Tracks:
    """Hints that are followed through a shot.

    Parameters
    ----------
    lightness
        L* [h, w] of all its frames.
    times
        Their times in seconds.
    """

    def __init__(self, lightness: Sequence[Float32], times: Sequence[float]) -> None:
        self._lightness, self._times = lightness, np.array(times)
        self._tracks: list[tuple[Hints, list[list[Place | None]]]] = []

    def follow(self, hints: Hints, size: tuple[int, int], time: float) -> None:
        """Add hints for the frame (height, width) at a time in seconds."""
        points = as_points(hints, size)
        places = [place_of(each, size) for each in points.points]
        self._tracks.append((points, followed(self._lightness, self._number(time), places)))

    def __call__(self, number: int) -> Hints:
        """The hints for a frame of the shot, by its number there."""
        found = Hints()
        for points, places in self._tracks:
            if number < len(places):
                found += at(points, places[number])
        return found

    def at(self, time: float) -> Hints:
        """The hints for the frame nearest to a time in seconds."""
        return self(self._number(time))

    def _number(self, time: float) -> int:
        return int(np.argmin(np.abs(self._times - time)))


def followed(
    lightness: Sequence[Float32], start: int, places: Sequence[Place]
) -> list[list[Place | None]]:
    """Positions of each place of frame `start` in all frames of a shot; None where it is lost.

    A lost place, such as one that was covered by something, is searched for in all following
    frames: by its appearance in frame `start`, near its last position.

    Parameters
    ----------
    lightness
        L* [h, w] of all frames of the shot.
    """
    found: list[list[Place | None]] = [[None] * len(places) for _ in lightness]
    found[start] = list(places)
    flow = Flow()
    for step in (1, -1):
        now: list[Place | None] = list(places)
        k = start
        looks = [_Look.of(lightness[start], each) for each in places]
        while 0 <= k + step < len(lightness) and (any(now) or any(looks)):
            pulse()
            motion = flow(lightness[k], lightness[k + step])
            # Warps to the next frame, with the reliability of each pixel.
            carrier = Carrier.of(motion.second, motion.first, motion.onward, motion.back)
            k += step
            now = [each and _move(each, carrier) for each in now]
            for which, look in enumerate(looks):
                if look is None:
                    continue
                if now[which] is None:
                    now[which] = look.found(lightness[k])
                if (place := now[which]) is not None:
                    look.last = place
            found[k] = now
    return found


@dataclass
class _Look:
    """The appearance of a place, and its last position."""

    patch: Float32
    last: Place

    @classmethod
    def of(cls, lightness: Float32, place: Place) -> _Look | None:
        """None if the place is not distinctive."""
        height, width = lightness.shape
        row, column = int(place.y * height), int(place.x * width)
        if not (SOUGHT <= row < height - SOUGHT and SOUGHT <= column < width - SOUGHT):
            return None
        patch = lightness[row - SOUGHT : row + SOUGHT + 1, column - SOUGHT : column + SOUGHT + 1]
        return cls(patch, place) if patch.std() > MARKED else None

    def found(self, lightness: Float32) -> Place | None:
        """The place near its last position, if the match is certain."""
        height, width = lightness.shape
        row, column = int(self.last.y * height), int(self.last.x * width)
        down, across = int(AWAY * height) + SOUGHT, int(AWAY * width) + SOUGHT
        top, left = max(0, row - down), max(0, column - across)
        window = lightness[top : row + down + 1, left : column + across + 1]
        if min(window.shape) < 2 * SOUGHT + 1:
            return None
        likeness = cv2.matchTemplate(window, self.patch, cv2.TM_CCOEFF_NORMED)
        _, most, _, (x, y) = cv2.minMaxLoc(likeness)
        if most < ALIKE:
            return None
        return Place((left + x + SOUGHT + 0.5) / width, (top + y + SOUGHT + 0.5) / height)


def _move(place: Place, carrier: Carrier) -> Place | None:
    height, width = carrier.trust.shape
    row, column = int(place.y * height), int(place.x * width)
    rows = slice(max(0, row - PATCH), row + PATCH + 1)
    columns = slice(max(0, column - PATCH), column + PATCH + 1)
    if np.median(carrier.trust[rows, columns]) < LEAST_TRUST:
        return None
    ys, xs = np.indices(carrier.trust.shape, dtype=np.float32)
    across = float(np.median((carrier.x - xs)[rows, columns]))
    down = float(np.median((carrier.y - ys)[rows, columns]))
    x, y = place.x + across / width, place.y + down / height
    inside = all(MOST_AWAY < each < 1 - MOST_AWAY for each in (x, y))
    return Place(x, y) if inside else None


def at(hints: Hints, places: Sequence[Place | None]) -> Hints:
    """The points of `as_points` at their positions in a frame, without lost ones."""
    points = [
        _moved_to(place, hint)
        for hint, place in zip(hints.points, places, strict=True)
        if place is not None
    ]
    return Hints(tuple(points))


def _moved_to(place: Place, hint: Hint) -> Hint:
    """A point at a position; what is not part of its thing moves with it."""
    across, down = place.x - pixels(hint.x, 1), place.y - pixels(hint.y, 1)
    without = tuple(
        _shares(min(max(pixels(x, 1) + across, 0), 1), min(max(pixels(y, 1) + down, 0), 1))
        for x, y in hint.without
    )
    x, y = _shares(place.x, place.y)
    return replace(hint, x=x, y=y, without=without)


def _shares(x: float, y: float) -> tuple[Share, Share]:
    return Share.of(x, 1), Share.of(y, 1)


def as_points(hints: Hints, size: tuple[int, int]) -> Hints:
    """Convert all shapes to points that can be followed, in shares of the frame; lines and areas
    become a few points.
    """

    def share(x: Length, y: Length) -> tuple[Share, Share]:
        return _shares(pixels(x, size[1]) / size[1], pixels(y, size[0]) / size[0])

    def in_shares(hint: Hint) -> Hint:
        x, y = share(hint.x, hint.y)
        return replace(hint, x=x, y=y, without=tuple(share(*place) for place in hint.without))

    points = [in_shares(each) for each in hints.points]
    canvas = Canvas(size, size)
    for shape in hints:
        if isinstance(shape, Hint):
            continue
        rows, columns = np.nonzero(shape.drawn(canvas))
        chosen = np.linspace(0, len(rows) - 1, min(len(rows), SPREAD)).astype(int)
        points += [
            Hint(
                Share.of(float(columns[k]), size[1]), Share.of(float(rows[k]), size[0]),
                shape.color, reach=shape.reach or NEAR, thing=False,
            )
            for k in chosen
        ]  # fmt: skip
    return Hints(tuple(points))


def place_of(hint: Hint, size: tuple[int, int]) -> Place:
    """The position of a hint in a frame of that size, in shares."""
    height, width = size
    return Place(pixels(hint.x, width) / width, pixels(hint.y, height) / height)
