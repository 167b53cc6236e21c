"""The child process that reads and writes JPEG coefficients (`coefficients`).

Requests and responses are one line of JSON, followed by the number of bytes that it states.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from retint.files.jpeg.tables import chroma_table, quantized


class Opened:
    """A JPEG file with its coefficients in memory."""

    def __init__(self, content: bytes) -> None:
        import jpeglib

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "in.jpg")
            path.write_bytes(content)
            self._jpeg = jpeglib.read_dct(str(path))
            self._jpeg.load()
        self._table: NDArray[np.uint16] = self._jpeg.qt[self._jpeg.quant_tbl_no[0]]

    @cached_property
    def sha256(self) -> str:
        """Hash of the luma coefficients and their table."""
        luma = np.ascontiguousarray(self._jpeg.Y, "<i2")
        found = hashlib.sha256(luma.data)
        found.update(np.ascontiguousarray(self._table, "<u2").tobytes())
        return found.hexdigest()

    def with_chroma(
        self, planes: tuple[NDArray[np.uint8], NDArray[np.uint8]], sampling: tuple[int, int]
    ) -> bytes:
        """The same luma with new planes; `sampling` is luma to chroma, across and down."""
        import jpeglib

        table, (blue, red) = self._quantize(planes)
        made = jpeglib.from_dct(
            self._jpeg.Y, blue, red, qt=np.stack([self._table, table]), quant_tbl_no=[0, 1, 1]
        )
        made.samp_factor = np.array([sampling[::-1], (1, 1), (1, 1)])
        return self._write(made, (self._jpeg.height, self._jpeg.width))

    def _quantize(
        self, planes: tuple[NDArray[np.uint8], NDArray[np.uint8]]
    ) -> tuple[NDArray[np.uint16], list[NDArray[np.int16]]]:
        """The chroma table, and the coefficients of both planes."""
        source = self._jpeg
        own = source.num_components == 3
        table = source.qt[source.quant_tbl_no[1]] if own else chroma_table(self._table)
        with ThreadPoolExecutor(2) as pool:
            return table, list(pool.map(lambda plane: quantized(plane, table), planes))

    def without_chroma(self) -> bytes:
        """The same luma without chroma."""
        import jpeglib

        made = jpeglib.from_dct(self._jpeg.Y, qt=self._table[None], quant_tbl_no=[0])
        return self._write(made, (self._jpeg.height, self._jpeg.width))

    def _write(self, made: Any, size: tuple[int, ...]) -> bytes:
        made.height, made.width = size
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder, "out.jpg")
            made.write_dct(str(target))
            return target.read_bytes()


def main() -> None:
    """Process requests until the input ends."""
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # libraries must not print into the responses
    opened: Opened | None = None
    why = ""  # it could not be opened
    while line := asked.readline():
        head = json.loads(line)
        payload = asked.read(head["bytes"])
        try:
            if head["do"] == "open":
                opened, why = None, ""
                opened = Opened(payload)
                _ = opened.sha256  # computed while the other process computes colours
                continue
            if opened is None:
                _answer(answers, {"error": why}, b"")
                continue
            content, sha256 = b"", ""
            if head["do"] == "chroma":
                content = opened.with_chroma(
                    _planes(payload, head["shape"]), tuple(head["sampling"])
                )
                sha256 = opened.sha256
            elif head["do"] == "grey":
                content = opened.without_chroma()
            else:
                sha256 = opened.sha256
            _answer(answers, {"sha256": sha256}, content)
        except Exception as error:  # jpeglib may raise anything
            why = type(error).__name__
            if head["do"] != "open":  # reported with the next request
                _answer(answers, {"error": why}, b"")


def _planes(payload: bytes, shape: list[int]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    both = np.frombuffer(payload, np.uint8).reshape(2, *shape)
    return both[0], both[1]


def _answer(answers: BinaryIO, head: dict[str, Any], content: bytes) -> None:
    answers.write(json.dumps({**head, "bytes": len(content)}).encode() + b"\n")
    answers.write(content)
    answers.flush()


if __name__ == "__main__":
    main()
