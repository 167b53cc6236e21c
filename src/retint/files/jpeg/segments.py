"""The segments of a JPEG file (ITU-T T.81, annex B): how they are found, read and replaced."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from retint.errors import PhotoError
from retint.files.jpeg.metadata import COM, Segment

SOI, EOI, SOS, APP0, DRI = 0xD8, 0xD9, 0xDA, 0xE0, 0xDD
APP1, APP2, APP11, APP13, APP14, APP15 = 0xE1, 0xE2, 0xEB, 0xED, 0xEE, 0xEF
BASELINE, EXTENDED, PROGRESSIVE = 0xC0, 0xC1, 0xC2
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""Start-of-frame markers; the three exceptions are tables and extensions."""
ALONE = {0x01, *range(0xD0, 0xD8), SOI, EOI}
"""Markers without a length."""
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""End of a scan's data: not a stuffed byte or a restart marker."""
MOST_SCANS = 100
"""Decoders pass over the whole picture for each scan, whatever it contains. libtiff has the same
limit, and libjpeg does not write more.
"""


@dataclass(frozen=True)
class Frame:
    """Content of a start-of-frame segment."""

    marker: int
    bits: int
    components: tuple[tuple[int, int, int], ...]
    """Identifier, and sampling factors horizontally and vertically, of each component."""


class BrokenError(ValueError):
    """The segments of a file are invalid."""


def segments(content: bytes) -> Iterator[Segment]:
    """All segments up to the first scan; raises BrokenError."""
    if content[:2] != b"\xff\xd8":
        raise BrokenError("not a JPEG file")
    place = 2
    while place + 4 <= len(content):
        if content[place] != 0xFF:
            raise BrokenError("missing marker")
        marker = content[place + 1]
        if marker == 0xFF:  # fill bytes may precede a marker
            place += 1
            continue
        if marker in (SOS, EOI):
            return
        if marker in ALONE:
            place += 2
            continue
        (length,) = struct.unpack_from(">H", content, place + 2)
        if length < 2 or place + 2 + length > len(content):
            raise BrokenError("a segment is longer than the file")
        yield Segment(marker, content[place + 4 : place + 2 + length])
        place += 2 + length
    raise BrokenError("no scan")


def end_of(content: bytes) -> int:
    """The place after the end of the first picture of a file. Telephones store others, or a short
    film, after it.

    Markers are found as in libjpeg, which skips data between them.

    Raises
    ------
    PhotoError
        If it has excessively many scans.
    """
    scans, place = 0, 2
    while found := MARKER.search(content, place):
        marker, place = content[found.end() - 1], found.end()
        if marker == EOI:
            return place
        if marker in ALONE:
            continue
        scans += marker == SOS
        if scans > MOST_SCANS:
            raise PhotoError(f"it has more than {MOST_SCANS} scans")
        place += int.from_bytes(content[place : place + 2], "big")
    return len(content)


def splice(written: bytes, dressed: bytes, further: list[Segment]) -> bytes:
    """The picture of one file with the application data of another, and further segments."""
    own = [each for each in segments(dressed) if APP0 <= each.marker <= APP15 or each.marker == COM]
    head = b"".join(map(bytes, [*own, *further]))
    place, kept = 2, b""
    for each in segments(written):
        size = len(bytes(each))
        if not (APP0 <= each.marker <= APP15 or each.marker == COM):
            kept += bytes(each)
        place += size
    return b"\xff\xd8" + head + kept + written[place:]


def frame_of(segment: Segment) -> Frame:
    """Parse a start-of-frame segment; raises BrokenError."""
    try:
        bits, _, _, count = struct.unpack_from(">BHHB", segment.content)
        parts = [struct.unpack_from(">BBB", segment.content, 6 + 3 * k) for k in range(count)]
    except struct.error:
        raise BrokenError("incomplete frame header") from None
    return Frame(segment.marker, bits, tuple((c, s >> 4, s & 15) for c, s, _ in parts))
