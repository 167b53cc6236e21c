"""How long a process has worked or idled; other programs that keep it waiting do not count.

A limit of seconds on the wall's clock fails on a busy machine, and says nothing of the program.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

TICK = 0.1
"""Seconds between two looks."""
NANO = 1e-9


class Patience:
    """Lasts for some seconds of a process: of its processor time, or of time in which it idles.

    Not counted is the time in which its threads waited for a processor, as Linux keeps account of
    (elsewhere it counts), nor that in which it was stopped together with who looks.
    """

    def __init__(self, pid: int, seconds: float) -> None:
        self._threads = Path(f"/proc/{pid}/task")
        self._seconds = seconds
        self._accounts = self._read()
        self._looked = time.monotonic()
        self._worked = self._idled = 0.0

    @property
    def spent(self) -> float:
        """Seconds that have passed by the last look."""
        return max(self._worked, self._idled)

    def is_over(self) -> bool:
        """Look whether the process has used up its time; to be asked every tick."""
        now, accounts = time.monotonic(), self._read()
        worked = waited = 0.0
        for thread, (work, wait) in accounts.items():
            before = self._accounts.get(thread, (0.0, 0.0))
            worked, waited = worked + work - before[0], waited + wait - before[1]
        # Who looks late was kept from looking, and so was the process, perhaps.
        self._idled += min(now - self._looked, 2 * TICK) - waited
        self._worked += worked
        self._looked, self._accounts = now, accounts
        return self.spent >= self._seconds

    def _read(self) -> dict[str, tuple[float, float]]:
        """Seconds on a processor and seconds of waiting for one, of each thread."""
        found = {}
        for path in self._threads.glob("*/schedstat"):
            with suppress(OSError):  # the thread has ended
                work, wait, _ = path.read_text().split()
                found[path.parent.name] = int(work) * NANO, int(wait) * NANO
        return found
