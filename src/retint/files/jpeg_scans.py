"""A grey JPEG file and two more as one in colour, scan by scan (ITU-T T.81, A.2.2 and B.2.3).

A sequential file may hold its components one after the other, each in a scan of its own. So the
scan of a grey file can stay as it is, byte by byte; what is coded anew is chroma alone.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from retint.files.jpeg import (
    BASELINE,
    DRI,
    EXTENDED,
    FRAMES,
    SOI,
    SOS,
    BrokenError,
    frame_of,
    segments,
)
from retint.files.jpeg_metadata import Segment

DQT, DHT = 0xDB, 0xC4
END = b"\xff\xd9"
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""What ends a scan: neither a stuffed byte nor a restart."""
LUMA, BLUE, RED = 1, 2, 3
"""Names of the components, as JFIF has them."""


@dataclass(frozen=True)
class Scan:
    """A file of one component in one scan."""

    head: list[Segment]
    frame: Segment
    tables: bytes
    """Which Huffman tables its coefficients are coded with, and the three bytes after that."""
    data: bytes

    @classmethod
    def of(cls, content: bytes) -> Scan:
        """Raises BrokenError where it is no sequential file of one component in one scan."""
        head = list(segments(content))
        frames = [each for each in head if each.marker in FRAMES]
        if len(frames) != 1 or frames[0].marker not in (BASELINE, EXTENDED):
            raise BrokenError("no sequential frame")
        place = 2 + sum(len(bytes(each)) for each in head)
        place = content.index(bytes([0xFF, SOS]), place)  # fill bytes may stand before it
        (length,) = struct.unpack_from(">H", content, place + 2)
        said = content[place + 4 : place + 2 + length]
        if len(frame_of(frames[0]).components) != 1 or len(said) != 6 or said[0] != 1:
            raise BrokenError("not one component in a scan")
        start = place + 2 + length
        end = MARKER.search(content, start)
        if end is None or content[end.start() : end.start() + 2] != END:
            raise BrokenError("more than one scan")
        return cls(head, frames[0], said[2:], content[start : end.start()])

    @property
    def table(self) -> int:
        """The number of its quantization table."""
        return self.frame.content[8]

    def named(self, component: int) -> bytes:
        """The scan as that of a component of a file."""
        return bytes(Segment(SOS, bytes([1, component]) + self.tables)) + self.data

    def all_of(self, marker: int) -> list[Segment]:
        return [each for each in self.head if each.marker == marker]


def is_alone(content: bytes) -> bool:
    """Whether a file has one component in one scan, so that others can be put beside it."""
    try:
        Scan.of(content)
    except (BrokenError, ValueError, struct.error):
        return False
    return True


def in_color(luma: bytes, blue: bytes, red: bytes, sampling: tuple[int, int]) -> bytes:
    """Three grey files as one of YCbCr; nothing of luma's scan and tables is changed.

    Parameters
    ----------
    sampling
        Pixels of luma to one of chroma, across and down.

    Raises
    ------
    BrokenError
        If one of them has another form than that of `Scan`.
    """
    own, *chroma = (Scan.of(each) for each in (luma, blue, red))
    table = own.table
    further = (table + 1) % 4
    parts = [bytes([0xFF, SOI])]
    parts += [bytes(each) for each in own.head if each.marker not in FRAMES]
    parts += [bytes(Segment(DQT, bytes([further]) + _table(chroma[0])))]
    parts += [_frame(own, table, further, sampling)]
    parts += [own.named(LUMA)]
    if own.all_of(DRI):
        parts += [bytes(Segment(DRI, b"\0\0"))]  # the others have no restarts
    for component, each in zip((BLUE, RED), chroma, strict=True):
        parts += [*map(bytes, each.all_of(DHT)), each.named(component)]
    return b"".join([*parts, END])


def _table(scan: Scan) -> bytes:
    """The quantization table of a file that has only one, of 8 bits."""
    (found,) = scan.all_of(DQT)
    if len(found.content) != 65 or found.content[0] >> 4:
        raise BrokenError("not one table of 8 bits")
    return found.content[1:]


def _frame(luma: Scan, table: int, further: int, sampling: tuple[int, int]) -> bytes:
    across, down = sampling
    components = bytes([LUMA, across << 4 | down, table, BLUE, 0x11, further, RED, 0x11, further])
    return bytes(Segment(luma.frame.marker, luma.frame.content[:5] + b"\3" + components))
