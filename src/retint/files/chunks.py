"""Names what a coloured file loses of the structure of its source."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO

from PIL import Image

from retint.files.jpeg.source import SIGNED

CREDENTIALS = (b"caBX", b"C2PA")
"""Chunks of PNG and WebP with Content Credentials (C2PA 2.1, section A.3)."""
BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""Identifies the box of AVIF and HEIF with them (section A.5)."""
TAG = 52545
"""Tag of TIFF with them (section A.4)."""
CODES, PRIMARIES, PROFILE, DATA = b"cICP", b"cHRM", b"iCCP", b"IDAT"
SRGB_CODES = (1, 13)
"""Primaries and transfer function of sRGB (ITU-T H.273)."""
SRGB_PRIMARIES = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
"""White, red, green and blue of sRGB, in 1/100,000 (PNG, section 11.3.2.1)."""
TOLERANCE = 100
"""Rounding of primaries by other programs."""
MOST = 10_000
"""Maximum number of chunks that are looked at."""
UNUSED_CODES = "its color codes (cICP {}) were ignored"
UNUSED_PRIMARIES = "its primaries (cHRM) are not those of sRGB, and were ignored"


def remarks_of(picture: Image.Image, stream: BinaryIO) -> tuple[str, ...]:
    """What is lost of an opened file, one line each; the stream stays where it is."""
    place = stream.tell()
    try:
        if picture.format in ("AVIF", "HEIF"):
            stream.seek(0)
            return (SIGNED,) if BOX in stream.read() else ()
        if picture.format == "TIFF":
            return (SIGNED,) if TAG in getattr(picture, "tag_v2", ()) else ()
        if picture.format == "WEBP":
            found = dict(_chunks(stream, 12, "<4sI", aligned=True))
        elif picture.format == "PNG":
            found = dict(_before_pixels(stream))
        else:
            return ()
    finally:
        stream.seek(place)
    remarks = [SIGNED] if any(each in found for each in CREDENTIALS) else []
    # The first of these describes the colours, whatever the others say (PNG, section 4.3).
    if CODES in found:
        codes = found[CODES]
        if tuple(codes[:2]) != SRGB_CODES:
            remarks.append(UNUSED_CODES.format("/".join(map(str, codes))))
    elif PRIMARIES in found and PROFILE not in found and not _is_srgb(found[PRIMARIES]):
        remarks.append(UNUSED_PRIMARIES)
    return tuple(remarks)


def _before_pixels(stream: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Types of PNG's chunks before the first pixels, with the beginnings of their contents."""
    for kind, content in _chunks(stream, 8, ">I4s"):
        if kind == DATA:
            return
        yield kind, content


def _chunks(
    stream: BinaryIO, place: int, head: str, *, aligned: bool = False
) -> Iterator[tuple[bytes, bytes]]:
    end = stream.seek(0, io.SEEK_END)
    for _ in range(MOST):
        if place + 8 > end:
            return
        stream.seek(place)
        one, other = struct.unpack(head, stream.read(8))
        kind, size = (one, other) if isinstance(one, bytes) else (other, one)
        yield kind, stream.read(min(size, 32))
        # Chunks of PNG end with a checksum.
        place += 8 + size + (size % 2 if aligned else 4)


def _is_srgb(content: bytes) -> bool:
    if len(content) != 32:
        return True  # an invalid chunk says nothing
    pairs = zip(struct.unpack(">8I", content), SRGB_PRIMARIES, strict=True)
    return all(abs(one - other) <= TOLERANCE for one, other in pairs)
