"""JPEG coefficients read and written by jpeglib, in processes of their own.

jpeglib is C code that meets strangers' files: where it dies it takes no batch with it. The process
reads a file's coefficients while its chroma is still being computed here.
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
"""How long a file may take."""
FAILED = "its JPEG data made the reader of coefficients fail"


class UnreadableError(PhotoError):
    """A file whose coefficients cannot be had; its pixels may be."""


@dataclass(frozen=True)
class Rewritten:
    """A file with other chroma, and what its lightness is known by."""

    content: bytes
    sha256: str
    """Of luma's coefficients and their table."""


def is_there() -> bool:
    """Whether `retint[exact]` is installed."""
    return importlib.util.find_spec("jpeglib") is not None


class Coefficients:
    """A file that is open in a process of its own."""

    def __init__(self, worker: _Worker, content: bytes) -> None:
        self._worker, self._content = worker, content

    def with_chroma(
        self, planes: tuple[NDArray[np.uint8], NDArray[np.uint8]], sampling: tuple[int, int]
    ) -> Rewritten:
        """A JPEG file whose luma is kept to the last coefficient, with those planes of chroma.

        Parameters
        ----------
        planes
            Cb and Cr [h, w], at their own size.
        sampling
            Pixels of luma to one of chroma, across and down.

        Raises
        ------
        UnreadableError
            If the file cannot be read.
        """
        # The scans of a grey file can stay as they are; those of three components are coded anew.
        if (luma := scans.read(self._content)) is not None:
            sha256 = self.fingerprint()  # it fails for what cannot be read
            return Rewritten(scans.in_color(luma, planes, sampling), sha256)
        head = {"do": "chroma", "shape": planes[0].shape, "sampling": sampling}
        said, content = self._worker.ask(head, np.stack(planes).tobytes())
        return Rewritten(content, said["sha256"])

    def without_chroma(self) -> bytes:
        """A grey JPEG file of the same luma; raises UnreadableError."""
        return self._worker.ask({"do": "grey"}, b"")[1]

    def fingerprint(self) -> str:
        """What the file's lightness is known by; raises UnreadableError."""
        return str(self._worker.ask({"do": "fingerprint"}, b"")[0]["sha256"])


@contextmanager
def opened(content: bytes) -> Iterator[Coefficients]:
    """A JPEG file, read by another process while this one goes on.

    What is wrong with it is said, as UnreadableError, when something is asked of it.
    """
    worker = _waiting_worker() or _Worker()
    try:
        worker.send({"do": "open"}, content)
        yield Coefficients(worker, content)
    except BaseException:
        worker.end()  # it may be in the middle of something
        raise
    if worker.is_alive:
        _idle.append(worker)


_idle: list[_Worker] = []
"""Processes that wait for the next file; as many as were ever busy at once."""


def _waiting_worker() -> _Worker | None:
    try:
        return _idle.pop()
    except IndexError:  # another thread may have been faster
        return None


class _Worker:
    """The other process."""

    def __init__(self) -> None:
        # Not multiprocessing: it would run a caller's script again.
        self._process = children.start(
            WORKER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def send(self, head: dict[str, Any], content: bytes) -> None:
        """Ask for something; raises UnreadableError where the process has died."""
        stream = self._process.stdin
        assert stream is not None
        try:
            stream.write(json.dumps({**head, "bytes": len(content)}).encode() + b"\n")
            stream.write(content)
            stream.flush()
        except OSError:
            raise UnreadableError(FAILED) from None

    def ask(self, head: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
        """Ask for something and wait for it; raises UnreadableError."""
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
