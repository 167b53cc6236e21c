"""A process that reads pictures for another one, under limits, and says what came of each.

It takes a path a line and answers a line: "ok", or what is wrong. Anything else it does (dying,
saying nothing, taking too long) is a fault of the reader.
"""

from __future__ import annotations

import os
import resource
import selectors
import subprocess
import sys
from pathlib import Path

MEMORY = 3 << 30
"""Bytes of address space: numpy, OpenCV and Pillow take most of one before any picture."""
SECONDS = 10.0


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    from retint import files
    from retint.errors import PhotoError
    from retint.files import formats

    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        try:
            photo = files.read(path, max_pixels=10**7)
            files.encode(photo, formats.kept(photo.format))
            print("ok", flush=True)
        except PhotoError as error:
            print(f"refused: {str(error)!r}", flush=True)


class Reader:
    """The other side: restarts the process when it has died or hung."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __call__(self, path: Path) -> str:
        """What came of a picture; starts with "fault" where the reader failed."""
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        print(path, file=process.stdin, flush=True)
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            if not selector.select(SECONDS):
                self.stop()
                return f"fault: nothing for {SECONDS:g} s"
        answer = process.stdout.readline().strip()
        if answer == "ok" or answer.startswith("refused"):
            return answer
        self.stop()
        return f"fault: {answer or 'the process died'}"

    def _start(self) -> subprocess.Popen[str]:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reader"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"}, cwd=Path(__file__).parents[1],
        )  # fmt: skip
        return self._process

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


if __name__ == "__main__":
    main()
