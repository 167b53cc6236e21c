"""Tells files that are complete from those that are still being written."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

State = tuple[int, int]
"""Size in bytes and modification time in nanoseconds."""


@dataclass
class Growth:
    """Watches the sizes of files; a scanner or a copy over the network writes slowly."""

    patience: float
    """Seconds without a change after which a file counts as complete."""
    clock: Callable[[], float] = time.monotonic
    _seen: dict[Path, tuple[State, float]] = field(default_factory=dict)

    def update(self, paths: Iterable[Path]) -> tuple[dict[Path, State], list[Path]]:
        """Look at the files; returns the complete ones with their states, and the others.

        Files that cannot be looked at are in neither.
        """
        now = self.clock()
        complete: dict[Path, State] = {}
        growing = []
        seen = {}
        for path in paths:
            try:
                found = path.stat()
            except OSError:
                continue
            state = (found.st_size, found.st_mtime_ns)
            before, since = self._seen.get(path, (None, now))
            seen[path] = (state, since if state == before else now)
            if now - seen[path][1] >= self.patience and state[0] > 0:
                complete[path] = state
            else:
                growing.append(path)
        self._seen = seen
        return complete, growing
