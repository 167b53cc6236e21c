"""HEIC, the format of many phones, through libheif; requires `retint[heif]`."""

from __future__ import annotations

import functools
from typing import BinaryIO

from PIL import Image

from retint.errors import PhotoError
from retint.extras import required

BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
"""Brands of such files (ISO 23008-12, annex B); Pillow handles AVIF's brands itself."""
HEAD = 64
"""Bytes that contain the brands."""
BOXES = 1 << 16
"""Bytes that contain the description of the picture."""


def enable(stream: BinaryIO) -> None:
    """Enable HEIC in Pillow if the stream contains it.

    Raises
    ------
    PhotoError
        If the extra is missing.
    """
    head = stream.read(HEAD)
    stream.seek(-len(head), 1)
    end = min(int.from_bytes(head[:4], "big"), len(head))
    if head[4:8] == b"ftyp" and BRANDS & {head[k : k + 4] for k in range(8, end, 4)}:
        _register()


def applied_orientation(picture: Image.Image) -> int:
    """The EXIF orientation that libheif has applied to a picture that is not decoded yet."""
    stated = picture.info.get("original_orientation") or 1
    stream = getattr(picture, "fp", None)
    if stated not in range(2, 9) or stream is None or stream.closed:
        return 1
    before = stream.tell()
    stream.seek(0)
    head = stream.read(BOXES)
    stream.seek(before)
    # HEIC is turned by these boxes only, whatever EXIF says (ISO 23008-12, 6.5.10 and 6.5.12).
    return stated if b"irot" in head or b"imir" in head else 1


@functools.cache
def _register() -> None:
    with required("heif", "HEIC", PhotoError):
        import pillow_heif
    # Thumbnails are not needed and would cost time.
    pillow_heif.register_heif_opener(thumbnails=False)
