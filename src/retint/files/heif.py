"""HEIC, the format of many telephones, by libheif: the extra `retint[heif]`."""

from __future__ import annotations

import functools
from typing import BinaryIO

from retint.errors import PhotoError
from retint.extras import required

BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
"""One of what such a file says to be (ISO 23008-12, annex B); AVIF's own brands are Pillow's."""
HEAD = 64
"""Bytes that hold those."""


def enable(stream: BinaryIO) -> None:
    """Let Pillow open a stream that holds HEIC; nothing happens to others.

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


@functools.cache
def _register() -> None:
    with required("heif", "HEIC", PhotoError):
        import pillow_heif
    # What is only looked at must not cost what is decoded.
    pillow_heif.register_heif_opener(thumbnails=False)
