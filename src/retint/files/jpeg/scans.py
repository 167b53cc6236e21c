"""Combines a grey JPEG file with two planes of chroma, scan by scan (ITU-T T.81, A.2.2 and B.2.3).

A file may store its components in separate scans. So the scans of a grey file can be copied byte by
byte, and only chroma is encoded.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retint.files.jpeg.metadata import Segment
from retint.files.jpeg.segments import (
    BASELINE,
    DRI,
    EOI,
    EXTENDED,
    FRAMES,
    MARKER,
    PROGRESSIVE,
    SOI,
    SOS,
    BrokenError,
    frame_of,
    segments,
)
from retint.files.jpeg.tables import chroma_table

DQT, DHT, COM = 0xDB, 0xC4, 0xFE
BETWEEN_SCANS = {DQT, DHT, DRI, COM}
LUMA, BLUE, RED = 1, 2, 3
"""Component identifiers of JFIF."""
ZIGZAG = np.array(
    sorted(range(64), key=lambda k: (s := k // 8 + k % 8, k // 8 if s % 2 else k % 8))
)
"""Positions in an 8 x 8 block in the order of stored tables (T.81, figure A.6)."""


@dataclass(frozen=True)
class Alone:
    """A file with one component."""

    head: list[Segment]
    """Segments before its first scan."""
    frame: Segment
    body: list[tuple[Segment, bytes]]
    """Segments from there on, with the data of scans."""

    @classmethod
    def of(cls, content: bytes) -> Alone:
        """Raises BrokenError for other files, and for arithmetic coding."""
        head = list(segments(content))
        frames = [each for each in head if each.marker in FRAMES]
        if len(frames) != 1 or frames[0].marker not in (BASELINE, EXTENDED, PROGRESSIVE):
            raise BrokenError("not a single Huffman-coded frame")
        if len(frame_of(frames[0]).components) != 1:
            raise BrokenError("not a single component")
        place = content.find(bytes([0xFF, SOS]), 2 + sum(len(bytes(each)) for each in head))
        return cls(head, frames[0], list(_body(content, place)))

    @property
    def table(self) -> int:
        """Number of its quantization table."""
        return self.frame.content[8]

    @property
    def is_progressive(self) -> bool:
        return self.frame.marker == PROGRESSIVE

    def quantization(self) -> NDArray[np.uint16]:
        """That table [8, 8]."""
        for each in self.head:
            if each.marker == DQT and self.table in (found := dict(_tables(each.content))):
                return found[self.table]
        raise BrokenError("no quantization table")

    def named(self, component: int) -> Iterator[bytes]:
        """Everything from the first scan on, for a component with that identifier."""
        for segment, data in self.body:
            if segment.marker == SOS:
                rest = segment.content[2:]
                yield bytes(Segment(SOS, bytes([1, component]) + rest)) + data
            else:
                yield bytes(segment)


def _body(content: bytes, place: int) -> Iterator[tuple[Segment, bytes]]:
    while 0 <= place <= len(content) - 2:
        if content[place] != 0xFF:
            raise BrokenError("missing marker")
        marker = content[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if marker == EOI:
            return
        (length,) = struct.unpack_from(">H", content, place + 2)
        segment = Segment(marker, content[place + 4 : place + 2 + length])
        place += 2 + length
        if marker == SOS:
            if len(segment.content) != 6 or segment.content[0] != 1:
                raise BrokenError("not a single component in a scan")
            end = MARKER.search(content, place)
            if end is None:
                break
            yield segment, content[place : end.start()]
            place = end.start()
        elif marker in BETWEEN_SCANS:
            yield segment, b""
        else:
            raise BrokenError("unexpected segment between scans")
    raise BrokenError("missing end marker")


def _tables(content: bytes) -> Iterator[tuple[int, NDArray[np.uint16]]]:
    """Quantization tables of a segment, by number."""
    place = 0
    while place < len(content):
        wide = content[place] >> 4
        kind = np.dtype(">u2" if wide else "u1")
        values = np.frombuffer(content, kind, 64, place + 1)
        table = np.empty(64, np.uint16)
        table[ZIGZAG] = values
        yield content[place] & 15, table.reshape(8, 8)
        place += 1 + 64 * kind.itemsize


def read(content: bytes) -> Alone | None:
    """Read a file whose scans can be copied; None for any other."""
    try:
        found = Alone.of(content)
        found.quantization()
    except (BrokenError, ValueError, struct.error):
        return None
    return found


def in_color(
    luma: Alone, planes: tuple[NDArray[np.uint8], NDArray[np.uint8]], sampling: tuple[int, int]
) -> bytes:
    """Combine a grey file with two planes of chroma; luma's scans and tables are unchanged.

    Parameters
    ----------
    planes
        Cb and Cr [h, w], at their own size.
    sampling
        Luma pixels per chroma pixel, horizontally and vertically.
    """
    table = chroma_table(luma.quantization())
    chroma = [Alone.of(_encode(plane, table, luma.is_progressive)) for plane in planes]
    further = (luma.table + 1) % 4
    own = table.reshape(-1)[ZIGZAG].astype(np.uint8).tobytes()
    parts = [bytes([0xFF, SOI])]
    parts += [bytes(each) for each in luma.head if each.marker not in FRAMES]
    parts += [bytes(Segment(DQT, bytes([further]) + own)), _frame(luma, further, sampling)]
    parts += luma.named(LUMA)
    # The chroma scans have no restart markers.
    parts += [bytes(Segment(DRI, b"\0\0"))]
    for component, each in zip((BLUE, RED), chroma, strict=True):
        parts += [bytes(segment) for segment in each.head if segment.marker == DHT]
        parts += each.named(component)
    return b"".join([*parts, bytes([0xFF, EOI])])


def _encode(plane: NDArray[np.uint8], table: NDArray[np.uint16], progressive: bool) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(plane).save(
        buffer, "JPEG", qtables=[table.reshape(-1).tolist()], progressive=progressive
    )
    return buffer.getvalue()


def _frame(luma: Alone, table: int, sampling: tuple[int, int]) -> bytes:
    across, down = sampling
    components = bytes([LUMA, across << 4 | down, luma.table, BLUE, 0x11, table, RED, 0x11, table])
    return bytes(Segment(luma.frame.marker, luma.frame.content[:5] + b"\3" + components))
