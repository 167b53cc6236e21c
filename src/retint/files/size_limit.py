"""How large the file of a picture may be.

Several decoders read a file whole before they know its size in pixels, and what lies behind a JPEG
is kept. A gigabyte of zeros behind a picture takes no room in an archive, but in memory.
"""

from __future__ import annotations

import os
from typing import BinaryIO

from retint.errors import TooLargeError

COMPRESSED, UNCOMPRESSED = 4, 16
"""Bytes for each pixel; a TIFF may have four channels of floating point."""
STARTS = (b"II", b"MM", b"BM", b"P")
"""Beginnings of files that may be uncompressed: TIFF and RAW, BMP, PNM."""
BESIDE = 1 << 28
"""Bytes for everything else: metadata, the film of a moving photograph, a burst."""


def most_bytes(pixels: int, each: int = UNCOMPRESSED) -> int:
    """Maximum size of a file with so many pixels."""
    return pixels * each + BESIDE


def check_bytes(stream: BinaryIO, pixels: int) -> None:
    """Raise TooLargeError if a file is larger than any with so many pixels."""
    if not stream.seekable():
        return
    stream.seek(0)
    each = UNCOMPRESSED if stream.read(2).startswith(STARTS) else COMPRESSED
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if size > most_bytes(pixels, each):
        raise TooLargeError(
            f"its file has {size / 1e6:,.0f} MB, more than any picture of {pixels:,} pixels takes"
        )
