"""Whether a film's file was cut off, by its structure. Does not need PyAV."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import BinaryIO

from retint.film.signatures import ATOMS, LEAST_PACKETS, SYNC, packets_of

HEAD, TAIL = 1 << 16, 1 << 18
"""Bytes at the beginning and at the end of a file that are looked at."""
MOST_BOXES = 100_000
"""Maximum number of boxes that are walked over."""
OF_FRAMES = (b"moov", b"moof", b"mdat")
"""Boxes with frames and their index. Some programs leave remains of others at the end."""
EBML, SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
ASF = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"
ASF_PROPERTIES = b"\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65"
ASF_SIZE, ASF_FLAGS, ASF_BROADCAST = 40, 88, 1
"""Positions in the file properties of ASF; sizes of broadcasts are not valid."""
OGG, OGG_HEADER, OGG_FLAGS, OGG_END = b"OggS", 27, 5, 4
Y4M, Y4M_MARK = re.compile(rb"YUV4MPEG2 W(\d{1,5}) H(\d{1,5}) "), b"FRAME\n"
Y4M_MOST = 8
"""Maximum number of bytes per pixel."""
DV = {b"\x1f\x07\x00\x3f": 120_000, b"\x1f\x07\x00\xbf": 144_000}
"""Bytes of a frame of 60 and 50 fields; other kinds of DV have multiples of it."""
MXF, MXF_LENGTH, MXF_FOOTER, MXF_LEAST = (
    b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01",
    16,
    24,
    64,
)
SLICE = re.compile(b"\0\0\1[\x01-\xaf]", re.DOTALL)
MACROBLOCK, TALLEST = 16, 2800
"""Rows of pixels of a macroblock, and the height from which the numbers of rows are longer."""
PACK, PES, PROGRAM_END = b"\0\0\1\xba", b"\0\0\1", b"\0\0\1\xb9"


def is_cut_off(path: Path) -> bool:
    """Whether a file ends before its structure does; False if its structure does not tell."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(HEAD)
            return any(each(file, head, size) for each in STRUCTURES)
    except OSError:
        return False


def is_partial(picture: bytes, height: int) -> bool:
    """Whether a progressive MPEG-1 or MPEG-2 picture lacks its last rows of macroblocks.

    Each row begins with a start code that contains its number (ISO 13818-2, 6.2.4).
    """
    rows = {code[3] for code in SLICE.findall(picture)}
    return bool(rows) and height <= TALLEST and max(rows) < -(-height // MACROBLOCK)


def _boxes(file: BinaryIO, head: bytes, size: int) -> bool:
    """QuickTime and MP4: a sequence of boxes, one of which is the index."""
    if head[4:8] not in (b"ftyp", *ATOMS):
        return False
    place, indexed = 0, False
    for _ in range(MOST_BOXES):
        file.seek(place)
        begin = file.read(16)
        length, name = int.from_bytes(begin[:4], "big"), begin[4:8]
        if length == 1:
            length = int.from_bytes(begin[8:], "big")
        if length < 8:  # the end, or a box that goes to it
            break
        place += length
        if place > size and name in OF_FRAMES:
            return True
        indexed = indexed or name == b"moov"
    return not indexed


def _lists(file: BinaryIO, head: bytes, size: int) -> bool:
    """AVI: one or several lists."""
    if head[:4] != b"RIFF" or head[8:12] != b"AVI ":
        return False
    place = 0
    for _ in range(MOST_BOXES):
        file.seek(place)
        begin = file.read(8)
        if len(begin) < 8 or begin[:4] != b"RIFF":
            break
        length = int.from_bytes(begin[4:], "little")
        if length in (0, 0xFFFFFFFF):  # of a program that was interrupted
            break
        place += 8 + length
        if place > size:
            return True
    return False


def _segment(_: BinaryIO, head: bytes, size: int) -> bool:
    """Matroska: a header and a segment, whose length may be unknown."""
    if not head.startswith(EBML):
        return False
    place, length = _number(head, len(EBML))
    place += length
    if head[place : place + 4] != SEGMENT:
        return False
    begin, length = _number(head, place + 4)
    unknown = (1 << 7 * (begin - place - 4)) - 1
    return length != unknown and begin + length > size


def _number(content: bytes, place: int) -> tuple[int, int]:
    """The place after a number of variable length, and the number."""
    first = content[place] if place < len(content) else 0
    count = 9 - first.bit_length() if first else 1
    number = int.from_bytes(content[place : place + count], "big")
    return place + count, number & ((1 << 7 * count) - 1)


def _file_size(_: BinaryIO, head: bytes, size: int) -> bool:
    """ASF: it states the size of the file."""
    place = head.find(ASF_PROPERTIES)
    if not head.startswith(ASF) or place < 0:
        return False
    stated, flags = (
        int.from_bytes(head[place + at : place + at + count], "little")
        for at, count in ((ASF_SIZE, 8), (ASF_FLAGS, 4))
    )
    return not flags & ASF_BROADCAST and stated > size


def _pages(file: BinaryIO, head: bytes, size: int) -> bool:
    """Ogg: the last page says that it is the last, and how long it is."""
    if not head.startswith(OGG):
        return False
    tail = _tail(file, size)
    page = tail[tail.rfind(OGG) :]
    if len(page) < OGG_HEADER or not page[OGG_FLAGS] & OGG_END:
        return True
    table = page[OGG_HEADER : OGG_HEADER + page[OGG_HEADER - 1]]
    return len(page) < OGG_HEADER + len(table) + sum(table)


def _packets(file: BinaryIO, head: bytes, size: int) -> bool:
    """Transport streams: packets of equal size. Only the end counts: recordings may have gaps."""
    length, offset = packets_of(head)
    tail = _tail(file, size)[-LEAST_PACKETS * length :]
    if not length or len(tail) < LEAST_PACKETS * length:
        return False
    starts = [k for k in range(length) if set(tail[k::length]) == {SYNC}]
    return bool(starts) and all((len(tail) - k + offset) % length for k in starts)


def _packs(file: BinaryIO, head: bytes, size: int) -> bool:
    """MPEG program streams: packs, each with packets that state their length."""
    if not head.startswith(PACK):
        return False
    tail = _tail(file, size)
    place = tail.rfind(PACK)
    if place < 0:
        return False
    mpeg_2 = len(tail) > place + 13 and tail[place + 4] & 0xC0 == 0x40
    place += 14 + (tail[place + 13] & 7) if mpeg_2 else 12
    while tail.startswith(PES, place) and not tail.startswith(PROGRAM_END, place):
        place += 6 + int.from_bytes(tail[place + 4 : place + 6], "big")
    return place > len(tail) or (place < len(tail) and PES.startswith(tail[place:]))


def _equal_frames(file: BinaryIO, head: bytes, size: int) -> bool:
    """YUV4MPEG: a line of text, and frames of equal size, each after a mark."""
    sizes = Y4M.match(head)
    first = head.find(Y4M_MARK)
    if sizes is None or first < 0:
        return False
    luma = int(sizes[1]) * int(sizes[2])
    file.seek(first)
    begin = file.read(len(Y4M_MARK) + Y4M_MOST * luma + HEAD)
    length = begin.find(Y4M_MARK, len(Y4M_MARK) + luma)
    return length > 0 and (size - first) % length != 0


def _dv_frames(_: BinaryIO, head: bytes, size: int) -> bool:
    """DV: frames of equal size."""
    each = next((length for begin, length in DV.items() if head.startswith(begin)), size or 1)
    return size % each != 0


def _footer(_: BinaryIO, head: bytes, size: int) -> bool:
    """MXF: the first partition states the place of the last."""
    if not head.startswith(MXF) or len(head) < MXF_LEAST:
        return False
    long = head[MXF_LENGTH] & 0x7F if head[MXF_LENGTH] & 0x80 else 0
    place = MXF_LENGTH + 1 + long + MXF_FOOTER
    return int.from_bytes(head[place : place + 8], "big") >= size


def _tail(file: BinaryIO, size: int) -> bytes:
    file.seek(max(0, size - TAIL))
    return file.read(TAIL)


STRUCTURES = (
    _boxes,
    _lists,
    _segment,
    _file_size,
    _pages,
    _packets,
    _packs,
    _equal_frames,
    _dv_frames,
    _footer,
)
