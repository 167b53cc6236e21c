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
    """What was lost; what is found again counts once, as a film is walked over more than once."""

    def __init__(self) -> None:
        self._known: set[tuple[str, str, float | None]] = set()
        self._runs: list[_Run] = []
        self._last: dict[tuple[str, str], _Run] = {}
        self._more = False
        self._said: dict[str, None] = {}

    def say(self, what: str) -> None:
        """One that has no time."""
        self._said[what] = None

    def add(self, what: str, time: float | None, why: str = "") -> None:
        """What happened, such as "lost", at which second, and why."""
        if (what, why, time) in self._known:
            return
        if len(self._known) >= MOST_KEPT:
            self._more = True
            return
        self._known.add((what, why, time))
        run = self._last.get((what, why))
        if run is not None and _near(run.last, time):
            run.last, run.count = time, run.count + 1
            return
        run = self._last[what, why] = _Run(what, why, time, time)
        self._runs.append(run)

    def __iter__(self) -> Iterator[str]:
        """A line each, those that have a time first."""
        runs = list(self._runs)
        yield from map(str, runs[:MOST_LINES])
        if len(runs) > MOST_LINES or self._more:
            yield "and more of it is broken than is listed here"
        yield from list(self._said)


def _near(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(other - one) <= APART
