"""What could not be read of a film, in few lines however much it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

APART = 1.0
"""Seconds within which two losses of a kind are one line."""
MOST_KEPT = 10_000
"""Losses that are told apart."""
MOST_LINES = 20


@dataclass
class _Run:
    """Losses of a kind, one soon after the other."""

    what: str
    why: str
    first: float | None
    last: float | None
    count: int = 1

    def __str__(self) -> str:
        why = f": {self.why}" if self.why else ""
        if self.first is None:
            many = f" ({self.count} times)" if self.count > 1 else ""
            return f"{self.what} at an unknown time{many}{why}"
        if self.count == 1:
            return f"{self.what} at {self.first:.2f} s{why}"
        return f"{self.what} from {self.first:.2f} s to {self.last:.2f} s ({self.count} times){why}"


class Losses:
    """Losses in the order in which they were found; one that is found again counts once."""

    def __init__(self) -> None:
        self._known: set[tuple[str, str, float | None]] = set()
        self._lines: list[_Run | str] = []
        self._last: dict[tuple[str, str], _Run] = {}
        self._more = False

    def say(self, what: str) -> None:
        """One that has no time."""
        if self._is_new((what, "", None)):
            self._lines.append(what)

    def add(self, what: str, time: float | None, why: str = "") -> None:
        """What happened, such as "lost", at which second, and why."""
        if not self._is_new((what, why, time)):
            return
        run = self._last.get((what, why))
        if run is not None and _near(run.last, time):
            run.last, run.count = time, run.count + 1
            return
        run = self._last[what, why] = _Run(what, why, time, time)
        self._lines.append(run)

    def __iter__(self) -> Iterator[str]:
        """A line each."""
        lines = list(self._lines)
        yield from map(str, lines[:MOST_LINES])
        if len(lines) > MOST_LINES or self._more:
            yield "and more of it is broken than is listed here"

    def _is_new(self, loss: tuple[str, str, float | None]) -> bool:
        if loss in self._known:  # a film is walked over more than once
            return False
        if len(self._known) >= MOST_KEPT:
            self._more = True
            return False
        self._known.add(loss)
        return True


def _near(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(other - one) <= APART
