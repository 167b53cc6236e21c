"""WebP: whether a file is compressed without loss."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

FRAME, FRAME_HEAD = b"ANMF", 16
"""A frame of an animation, and the bytes before its own chunks (RFC 9649, section 2.7.1.1)."""
LOSSY, LOSSLESS = b"VP8 ", b"VP8L"


def is_lossless(stream: BinaryIO) -> bool:
    """Whether all pixels of a file are compressed without loss; the stream stays where it is."""
    place = stream.tell()
    try:
        kinds = set(_kinds(stream, 12, stream.seek(0, 2)))
    finally:
        stream.seek(place)
    return LOSSLESS in kinds and LOSSY not in kinds


def _kinds(stream: BinaryIO, place: int, end: int) -> Iterator[bytes]:
    """The types of chunks, and of those in frames."""
    while place + 8 <= end:
        stream.seek(place)
        kind, size = struct.unpack("<4sI", stream.read(8))
        yield kind
        inner = place + 8 + FRAME_HEAD
        if kind == FRAME:
            yield from _kinds(stream, inner, min(place + 8 + size, end))
        place += 8 + size + size % 2
