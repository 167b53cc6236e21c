"""Collects what could not be read of a film, in few lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

APART = 1.0
"""Seconds within which losses of the same kind are reported as one."""
MOST_KEPT = 10_000
"""Maximum number of separate losses."""
MOST_LINES = 20


@dataclass
class _Run:
    """Consecutive losses of one kind."""

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
    """Losses of a film; each counts once, although a film is read several times."""

    def __init__(self) -> None:
        self._known: set[tuple[str, str, float | None]] = set()
        self._runs: list[_Run] = []
        self._last: dict[tuple[str, str], _Run] = {}
        self._more = False
        self._lines: dict[str, None] = {}
        self._remarks: dict[str, None] = {}

    def remark(self, what: str) -> None:
        """Add something that was converted, by which nothing is lost."""
        self._remarks[what] = None

    @property
    def remarks(self) -> list[str]:
        """What was converted, one line each; not among the losses."""
        return list(self._remarks)

    def say(self, what: str) -> None:
        """Add a loss without a time."""
        self._lines[what] = None

    def add(self, what: str, time: float | None, why: str = "") -> None:
        """Add a loss, such as "lost", with its time in seconds and its cause."""
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
        """One line each; losses with a time come first."""
        runs = list(self._runs)
        yield from map(str, runs[:MOST_LINES])
        if len(runs) > MOST_LINES or self._more:
            yield "and further errors that are not listed"
        yield from list(self._lines)


def _near(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(other - one) <= APART
