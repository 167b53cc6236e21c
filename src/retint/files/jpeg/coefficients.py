"""Reads and writes JPEG coefficients with jpeglib, in child processes.

jpeglib is C code that processes untrusted files; if it crashes, the batch continues. The process
reads a file's coefficients while its chroma is being computed here.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retint import children
from retint.errors import PhotoError
from retint.files.jpeg import scans

WORKER = "retint.files.jpeg.worker"
SECONDS = 60
"""Time limit per file."""
FAILED = "reading its JPEG coefficients failed"


class UnreadableError(PhotoError):
    """The coefficients of a file cannot be read; its pixels may still be readable."""


@dataclass(frozen=True)
class Rewritten:
    """A file with new chroma, and the hash of its lightness."""

    content: bytes
    sha256: str
    """Hash of the luma coefficients and their table."""


def is_there() -> bool:
    """Whether `retint[exact]` is installed."""
    return importlib.util.find_spec("jpeglib") is not None


class Coefficients:
    """A file opened in a child process."""

    def __init__(self, worker: _Worker, content: bytes) -> None:
        self._worker, self._content = worker, content

    def with_chroma(
        self, planes: tuple[NDArray[np.uint8], NDArray[np.uint8]], sampling: tuple[int, int]
    ) -> Rewritten:
        """Write a JPEG file with all luma coefficients unchanged, and new planes of chroma.

        Parameters
        ----------
        planes
            Cb and Cr [h, w], at their own size.
        sampling
            Luma pixels per chroma pixel, horizontally and vertically.

        Raises
        ------
        UnreadableError
            If the file cannot be read.
        """
        # The scans of a grey file are copied unchanged; those of three components are encoded
        # again.
        if (luma := scans.read(self._content)) is not None:
            sha256 = self.fingerprint()  # fails for unreadable files
            return Rewritten(scans.in_color(luma, planes, sampling), sha256)
        head = {"do": "chroma", "shape": planes[0].shape, "sampling": sampling}
        said, content = self._worker.ask(head, np.stack(planes).tobytes())
        return Rewritten(content, said["sha256"])

    def without_chroma(self) -> bytes:
        """A grey JPEG file with the same luma; raises UnreadableError."""
        return self._worker.ask({"do": "grey"}, b"")[1]

    def fingerprint(self) -> str:
        """Hash of the file's lightness; raises UnreadableError."""
        return str(self._worker.ask({"do": "fingerprint"}, b"")[0]["sha256"])


@contextmanager
def opened(content: bytes) -> Iterator[Coefficients]:
    """Open a JPEG file in another process, without waiting for it.

    Errors are raised as UnreadableError by later calls.
    """
    worker = _waiting_worker() or _Worker()
    try:
        worker.send({"do": "open"}, content)
        yield Coefficients(worker, content)
    except BaseException:
        worker.end()  # it may be busy
        raise
    if worker.is_alive:
        _idle.append(worker)


def begin() -> None:
    """Start a process for the next file, unless one waits for it."""
    if not _idle:
        _idle.append(_Worker())


_idle: list[_Worker] = []
"""Idle processes; at most as many as were busy at the same time."""


def _waiting_worker() -> _Worker | None:
    try:
        return _idle.pop()
    except IndexError:  # another thread took it
        return None


class _Worker:
    """The child process."""

    def __init__(self) -> None:
        # Not multiprocessing, which would run a caller's script again.
        self._process = children.start(
            WORKER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def send(self, head: dict[str, Any], content: bytes) -> None:
        """Send a request; raises UnreadableError if the process has died."""
        stream = self._process.stdin
        assert stream is not None
        try:
            stream.write(json.dumps({**head, "bytes": len(content)}).encode() + b"\n")
            stream.write(content)
            stream.flush()
        except OSError:
            raise UnreadableError(FAILED) from None

    def ask(self, head: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
        """Send a request and wait for the response; raises UnreadableError."""
        late = threading.Timer(SECONDS, self._process.kill)
        late.start()
        try:
            self.send(head, content)
            stream = self._process.stdout
            assert stream is not None
            said = json.loads(stream.readline() or b"{}")
            answer = stream.read(said.get("bytes", 0))
        finally:
            late.cancel()
        if not said or len(answer) < said["bytes"]:
            raise UnreadableError(FAILED)
        if "error" in said:
            raise UnreadableError(f"its coefficients cannot be read ({said['error']})")
        return said, answer

    def end(self) -> None:
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if stream is not None:
                    stream.close()
        self._process.wait()
