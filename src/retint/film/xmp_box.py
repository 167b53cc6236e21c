"""XMP packets of films: MP4 has a box for them (XMP specification, part 3), QuickTime another one.

Both are read; MP4's is written, which programs find in QuickTime as well.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from retint.files.xmp.rdf import MAX_BYTES
from retint.film.structure import MOST_BOXES

UUID = b"uuid"
XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""Identifies a box with a packet."""
CREDENTIALS = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""Identifies a box with Content Credentials (C2PA specification 2.2, section A.5)."""
IN_QUICKTIME = (b"moov", b"udta", b"XMP_")
"""Path to the box of QuickTime."""


class Box(NamedTuple):
    """A part of a file."""

    name: bytes
    begin: int
    """Where its content begins."""
    end: int


def read(path: Path) -> bytes:
    """The packet of an MP4 or QuickTime file; empty if it has none, or is another file."""
    with path.open("rb") as file:
        whole = Box(b"", 0, os.fstat(file.fileno()).st_size)
        for box in _boxes(file, whole):
            if _identity(file, box) == XMP:
                return _content(file, box._replace(begin=box.begin + len(XMP)))
        for box in _inner(file, whole, IN_QUICKTIME):
            return _content(file, box)
    return b""


def has_credentials(path: Path) -> bool:
    """Whether an MP4 or QuickTime file has Content Credentials."""
    with path.open("rb") as file:
        whole = Box(b"", 0, os.fstat(file.fileno()).st_size)
        return any(_identity(file, box) == CREDENTIALS for box in _boxes(file, whole))


def append(path: Path, packet: bytes) -> None:
    """Add a packet to an MP4 or QuickTime file that has none."""
    length = 8 + len(XMP) + len(packet)
    with path.open("ab") as file:
        file.write(length.to_bytes(4, "big") + UUID + XMP + packet)
        file.flush()
        os.fsync(file.fileno())


def _boxes(file: BinaryIO, around: Box) -> Iterator[Box]:
    """The boxes inside of another one, as far as they can be read."""
    place = around.begin
    for _ in range(MOST_BOXES):
        file.seek(place)
        begin = file.read(16)
        length, head = int.from_bytes(begin[:4], "big"), 8
        if length == 1:
            length, head = int.from_bytes(begin[8:], "big"), 16
        if length == 0 and len(begin) >= head:
            length = around.end - place
        if length < head or place + length > around.end:
            return
        yield Box(begin[4:8], place + head, place + length)
        place += length


def _inner(file: BinaryIO, around: Box, path: tuple[bytes, ...]) -> Iterator[Box]:
    """The boxes at a path of names."""
    if not path:
        yield around
        return
    for box in _boxes(file, around):
        if box.name == path[0]:
            yield from _inner(file, box, path[1:])


def _identity(file: BinaryIO, box: Box) -> bytes:
    if box.name != UUID:
        return b""
    file.seek(box.begin)
    return file.read(len(XMP))


def _content(file: BinaryIO, box: Box) -> bytes:
    if box.end - box.begin > MAX_BYTES:
        return b""
    file.seek(box.begin)
    return file.read(box.end - box.begin)
