"""JPEG coefficients read and written by jpeglib, in a process of its own.

jpeglib is C code that meets strangers' files: where it dies it takes no batch with it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import multiprocessing
import os
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from retint.errors import PhotoError

T = TypeVar("T")
SECONDS = 60
"""How long a file may take."""

# The tables that libjpeg scales by quality (ITU-T T.81, tables K.1 and K.2).
LUMA = np.array([
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
    92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
]).reshape(8, 8)  # fmt: skip
CHROMA = np.full((8, 8), 99)
CHROMA[:4, :4] = [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]]


@dataclass(frozen=True)
class Rewritten:
    """A file with other chroma, and what its lightness is known by."""

    content: bytes
    sha256: str
    """Of luma's coefficients and their table."""


def is_there() -> bool:
    """Whether `retint[exact]` is installed."""
    return importlib.util.find_spec("jpeglib") is not None


def with_chroma(
    content: bytes, planes: tuple[NDArray[np.uint8], NDArray[np.uint8]], sampling: tuple[int, int]
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
    PhotoError
        If the file cannot be read.
    """
    return _apart(_rewritten, content, planes, sampling)


def without_chroma(content: bytes) -> bytes:
    """A grey JPEG file of the same luma; raises PhotoError."""
    return _apart(_greyed, content)


def fingerprint(content: bytes) -> str:
    """What a file's lightness is known by; raises PhotoError."""
    return _apart(_fingerprint, content)


class _Workers:
    """Processes that are started when they are needed, and anew when one has died."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    def __call__(self, function: Callable[..., T], *args: Any) -> T:
        with self._lock:
            if self._pool is None:
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(os.cpu_count(), mp_context=context)
            pool = self._pool
        try:
            return pool.submit(function, *args).result(timeout=SECONDS)
        except (BrokenProcessPool, TimeoutError):
            with self._lock:
                if self._pool is pool:
                    self._pool = None
            pool.shutdown(wait=False, cancel_futures=True)
            raise PhotoError("its JPEG data made the reader of coefficients fail") from None


_workers = _Workers()


def _apart(function: Callable[..., T], *args: Any) -> T:
    try:
        return _workers(function, *args)
    except PhotoError:
        raise
    except Exception as error:  # jpeglib raises what it likes
        raise PhotoError(f"its coefficients cannot be read ({type(error).__name__})") from None


# ---- in the other process


def _opened(content: bytes, folder: str) -> Any:
    import jpeglib

    path = Path(folder, "in.jpg")
    path.write_bytes(content)
    opened = jpeglib.read_dct(str(path))
    opened.load()
    return opened


def _rewritten(
    content: bytes, planes: tuple[NDArray[np.uint8], NDArray[np.uint8]], sampling: tuple[int, int]
) -> Rewritten:
    import jpeglib

    with tempfile.TemporaryDirectory() as folder:
        source = _opened(content, folder)
        luma_table = source.qt[source.quant_tbl_no[0]]
        own = source.num_components == 3
        table = source.qt[source.quant_tbl_no[1]] if own else chroma_table(luma_table)
        blue, red = (quantized(plane, table) for plane in planes)
        made = jpeglib.from_dct(
            source.Y, blue, red, qt=np.stack([luma_table, table]), quant_tbl_no=[0, 1, 1]
        )
        made.height, made.width = source.height, source.width
        made.samp_factor = np.array([sampling[::-1], (1, 1), (1, 1)])
        target = Path(folder, "out.jpg")
        made.write_dct(str(target))
        return Rewritten(target.read_bytes(), _sha256(source.Y, luma_table))


def _greyed(content: bytes) -> bytes:
    import jpeglib

    with tempfile.TemporaryDirectory() as folder:
        source = _opened(content, folder)
        table = source.qt[source.quant_tbl_no[0]]
        made = jpeglib.from_dct(source.Y, qt=table[None], quant_tbl_no=[0])
        made.height, made.width = source.height, source.width
        target = Path(folder, "out.jpg")
        made.write_dct(str(target))
        return target.read_bytes()


def _fingerprint(content: bytes) -> str:
    with tempfile.TemporaryDirectory() as folder:
        source = _opened(content, folder)
        return _sha256(source.Y, source.qt[source.quant_tbl_no[0]])


def _sha256(luma: NDArray[np.int16], table: NDArray[np.uint16]) -> str:
    found = hashlib.sha256(np.ascontiguousarray(luma, "<i2").tobytes())
    found.update(np.ascontiguousarray(table, "<u2").tobytes())
    return found.hexdigest()


def chroma_table(luma: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """The table of chroma [8, 8] of the quality that one of luma is of."""
    share = float(np.median(luma / LUMA))
    return np.clip(np.round(CHROMA * share), 1, 255).astype(np.uint16)


def quantized(plane: NDArray[np.uint8], table: NDArray[np.uint16]) -> NDArray[np.int16]:
    """Quantized DCT coefficients [rows, columns, 8, 8] of a plane (T.81, A.3.3 and A.3.4)."""
    height, width = plane.shape
    padded = np.pad(plane, ((0, -height % 8), (0, -width % 8)), mode="edge")
    rows, columns = padded.shape[0] // 8, padded.shape[1] // 8
    levels = padded.astype(np.float32) - np.float32(128)
    across = levels.reshape(-1, 8) @ _COSINES.T
    blocks = across.reshape(rows, 8, columns, 8).transpose(0, 2, 3, 1)
    down = np.ascontiguousarray(blocks).reshape(-1, 8) @ _COSINES.T
    found = down.reshape(rows, columns, 8, 8).transpose(0, 1, 3, 2)
    return np.rint(found / table.astype(np.float32)).astype(np.int16)


_COSINES = np.array([
    [np.sqrt((1 if u == 0 else 2) / 8) * np.cos((2 * x + 1) * u * np.pi / 16) for x in range(8)]
    for u in range(8)
], np.float32)  # fmt: skip
