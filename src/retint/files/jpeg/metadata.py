"""Metadata that JPEG stores in several segments: XMP and Photoshop resources above 64 KB.

XMP: ISO 16684-3 (Adobe's XMP specification, part 3, section 1.1.3.1): a second packet in chunks,
which the first one names by its MD5. Resources: section 1.1.3.2 of the same, and Adobe's Photoshop
File Formats Specification, "Image Resources Section".
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from retint.files import xmp

APP1, APP13, COM = 0xE1, 0xED, 0xFE
EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
PHOTOSHOP = b"Photoshop 3.0\0"
MAX_SEGMENT = 65_533
"""Maximum bytes of a segment."""
MOST = 65_000
"""Bytes used per segment of several."""
RESOURCE = b"8BIM"
"""Beginning of each of Photoshop's resources."""
IPTC = 0x0404
STALE = {IPTC, 0x0409, 0x040C, 0x0425}
"""Resources that are invalid for a coloured picture: IPTC and its digest, thumbnails."""


@dataclass(frozen=True)
class Segment:
    """A marker and its content after the length."""

    marker: int
    content: bytes

    def __bytes__(self) -> bytes:
        return bytes([0xFF, self.marker]) + struct.pack(">H", len(self.content) + 2) + self.content


@dataclass(frozen=True)
class Resource:
    """A resource of Photoshop."""

    number: int
    name: bytes
    """As a Pascal string with padding."""
    data: bytes

    def __bytes__(self) -> bytes:
        head = RESOURCE + struct.pack(">H", self.number) + self.name
        return head + struct.pack(">I", len(self.data)) + self.data + b"\0" * (len(self.data) % 2)


def complete_xmp(packet: bytes, head: Iterable[Segment]) -> bytes:
    """The first packet of a file joined with its extension, unless that is missing or broken."""
    named = xmp.extension_of(packet)
    if not named:
        return packet
    chunks: dict[int, bytes] = {}
    size = 0
    for each in head:
        if each.marker != APP1 or not each.content.startswith(EXTENSION):
            continue
        rest = each.content[len(EXTENSION) :]
        if len(rest) < 40 or rest[:32] != named.encode():
            continue
        size, offset = struct.unpack_from(">II", rest, 32)
        chunks[offset] = rest[40:]
    joined = b"".join(chunks[offset] for offset in sorted(chunks))
    if len(joined) != size or _name(joined) != named:
        return packet
    return xmp.joined(packet, joined)


def split_xmp(packet: bytes) -> tuple[bytes, list[Segment]]:
    """The first packet, and segments with the rest, which are empty if everything fits."""
    if len(packet) <= MOST:
        return packet, []
    first, rest = xmp.split(packet, MOST)
    if not rest:
        return first, []
    name = _name(rest)
    found = []
    for offset in range(0, len(rest), MOST - 100):
        place = struct.pack(">II", len(rest), offset)
        chunk = rest[offset : offset + MOST - 100]
        found.append(Segment(APP1, EXTENSION + name.encode() + place + chunk))
    return xmp.with_extension(first, name), found


def _name(extension: bytes) -> str:
    return hashlib.md5(extension, usedforsecurity=False).hexdigest().upper()


def resources(head: Iterable[Segment]) -> list[Resource]:
    """Photoshop's resources from all segments; reading stops at a broken one."""
    data = b"".join(
        each.content[len(PHOTOSHOP) :]
        for each in head
        if each.marker == APP13 and each.content.startswith(PHOTOSHOP)
    )
    return list(_resources(data))


def _resources(data: bytes) -> Iterator[Resource]:
    place = 0
    while place + 12 <= len(data) and data[place : place + 4] == RESOURCE:
        (number,) = struct.unpack_from(">H", data, place + 4)
        name = 1 + data[place + 6]
        name += name % 2
        start = place + 6 + name + 4
        if start > len(data):
            return
        (size,) = struct.unpack_from(">I", data, start - 4)
        if start + size > len(data):
            return
        yield Resource(number, data[place + 6 : place + 6 + name], data[start : start + size])
        place = start + size + size % 2


def photoshop_segments(those: Iterable[Resource]) -> list[Segment]:
    """Resources in as many segments as necessary."""
    data = b"".join(map(bytes, those))
    return [
        Segment(APP13, PHOTOSHOP + data[place : place + MOST])
        for place in range(0, len(data), MOST)
    ]


def comments(those: Iterable[bytes]) -> list[Segment]:
    """Comments in a segment each."""
    return [Segment(COM, each) for each in those]


def iptc_segments(iptc: bytes) -> list[Segment]:
    """IPTC's IIM as a Photoshop resource."""
    return photoshop_segments([Resource(IPTC, b"\0\0", iptc)])


def iptc_of(head: Iterable[Segment]) -> bytes:
    """IPTC's IIM of a file; empty if it has none."""
    return _iptc(resources(head))


def iptc_of_resources(data: bytes) -> bytes:
    """IPTC's IIM in Photoshop's resources, as TIFF stores them; empty if there is none."""
    return _iptc(_resources(data))


def _iptc(those: Iterable[Resource]) -> bytes:
    return next((each.data for each in those if each.number == IPTC), b"")
