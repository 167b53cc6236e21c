"""A child process that reads pictures under limits and reports the outcomes.

It takes a line of "file" or "stream" and a path, and answers a line: "ok", or what is wrong.
Anything else it does (dying, saying nothing, taking too long) is a fault of the reader.
"""

from __future__ import annotations

import io
import os
import resource
import selectors
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .patience import TICK, Patience

MEMORY = 3 << 30
"""Bytes of address space: numpy, OpenCV and Pillow take most of one before any picture."""
SECONDS = 10.0
"""Of the process: see `Patience`."""


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    import numpy as np

    from retint import files
    from retint.errors import PhotoError
    from retint.files import formats

    files.encode(files.Photo(np.zeros((64, 64, 3), np.uint8)), files.FORMATS["PNG"])
    print("idle", flush=True)
    for line in sys.stdin:
        how, _, name = line.rstrip("\n").partition(" ")
        path = Path(name)
        before = megabytes_anew()
        try:
            source = io.BytesIO(path.read_bytes()) if how == "stream" else path
            photo = files.read(source, max_pixels=10**7)
            files.encode(photo, formats.kept(photo.format))
            print(f"{megabytes() - before} ok", flush=True)
        except PhotoError as error:
            print(f"{megabytes() - before} refused: {str(error)!r}", flush=True)


def megabytes_anew() -> int:
    """What the process takes; from now on its peak counts from there."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return megabytes()


def megabytes() -> int:
    """The most that the process has taken (its parent's peak is not counted in, as getrusage's)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    return 0


@dataclass
class Count:
    """What came of the files of a kind."""

    read: int = 0
    refused: int = 0
    failed: int = 0
    seconds: float = 0.0
    """Of the slowest, without what other programs took."""
    megabytes: int = 0
    """The most that they took above the idle process."""


class Reader:
    """The other side: restarts the process when it has died or hung."""

    def __init__(self, module: str = "tests.reader", seconds: float = SECONDS) -> None:
        self._module, self._seconds = module, seconds
        self._process: subprocess.Popen[str] | None = None
        self._megabytes = 0
        self.counts: dict[str, Count] = {}

    def __call__(self, path: Path, kind: str = "others", *, streamed: bool = False) -> str:
        """What came of a picture; starts with "fault" where the reader failed."""
        count = self.counts.setdefault(kind, Count())
        process = self._process or self._start()
        patience, self._megabytes = Patience(process.pid, self._seconds), 0
        answer = self._asked(process, path, "stream" if streamed else "file", patience)
        count.seconds = max(count.seconds, patience.spent)
        count.megabytes = max(count.megabytes, self._megabytes)
        if answer == "ok":
            count.read += 1
        elif answer.startswith("refused"):
            count.refused += 1
        else:
            count.failed += 1
            self.stop()
        return answer

    def table(self) -> str:
        """All counts, as a table of Markdown."""
        lines = [
            "| file | tried | read | refused | failed | slowest | memory above idle |",
            "|---|---|---|---|---|---|---|",
        ]
        for kind, c in self.counts.items():
            tried = c.read + c.refused + c.failed
            lines.append(
                f"| {kind} | {tried} | {c.read} | {c.refused} | {c.failed} | "
                f"{c.seconds:.2f} s | {c.megabytes} MB |"
            )
        return "\n".join(lines)

    def _asked(
        self, process: subprocess.Popen[str], path: Path, how: str, patience: Patience
    ) -> str:
        assert process.stdin is not None
        assert process.stdout is not None
        print(how, path, file=process.stdin, flush=True)
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            answered = selector.select(TICK)
            while not patience.is_over() and not answered:
                answered = selector.select(TICK)
            if not answered:
                return f"fault: nothing for {self._seconds:g} s"
        peak, _, answer = process.stdout.readline().strip().partition(" ")
        if not peak.removeprefix("-").isdecimal():
            return f"fault: {peak} {answer}" if peak else "fault: the process died"
        self._megabytes = max(0, int(peak))
        return answer

    def _start(self) -> subprocess.Popen[str]:
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"}, cwd=Path(__file__).parents[1],
        )  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "idle\n"
        return self._process

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


if __name__ == "__main__":
    main()
