"""JPEG 2000 with more than 8 bits in colour, which Pillow reads with 8; requires `retint[tiff]`."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retint.extras import install
from retint.files.levels import Levels

CODESTREAM = b"\xff\x4f\xff\x51"
"""Start of a codestream: SOC, SIZ (ISO 15444-1, A.5.1)."""
COMPONENTS = 40
"""Offset of the number of components, which their depths follow (ISO 15444-1, A.5.1)."""
SIGNED = 0x80
SRGB, GREY = 16, 17
"""Enumerated colour spaces (ISO 15444-1, I.5.3.3) whose samples are used as they are."""
MODES = ("LA", "RGB", "RGBA")
"""Pillow's modes with more than one channel; it reads a single one with its full depth."""
DEPTH = "retint:bits"
"""Key in Pillow's information about a picture."""
COLOUR_BOX, HEADER_BOX, CODESTREAM_BOX, PALETTE_BOX = b"colr", b"jp2h", b"jp2c", b"pclr"


@dataclass(frozen=True)
class Outline:
    """What a file says about its samples."""

    bits: int
    """Of the deepest component."""
    components: int
    plain: bool
    """Whether they are unsigned, equally deep, and grey or sRGB with or without opacity."""


def outline(content: bytes) -> Outline:
    """Raises ValueError or struct.error if the file is broken."""
    spaces, palette, start = [], False, 0
    if not content.startswith(CODESTREAM):
        start = -1
        for kind, place, end in _boxes(content, 0, len(content)):
            if kind == CODESTREAM_BOX:
                start = place
                break
            if kind == HEADER_BOX:
                for inner, at, _ in _boxes(content, place, end):
                    palette |= inner == PALETTE_BOX
                    if inner == COLOUR_BOX and content[at] == 1:
                        spaces.append(struct.unpack_from(">I", content, at + 3)[0])
    if start < 0 or content[start : start + 4] != CODESTREAM:
        raise ValueError("it has no codestream")
    (count,) = struct.unpack_from(">H", content, start + COMPONENTS)
    first = start + COMPONENTS + 2
    depths = content[first : first + 3 * count : 3]
    if not depths:
        raise ValueError("it has no components")
    known = not palette and all(each in (SRGB, GREY) for each in spaces)
    alike = len(set(depths)) == 1 and not depths[0] & SIGNED and count <= 4
    return Outline(max((each & ~SIGNED) + 1 for each in depths), count, known and alike)


def read(picture: Image.Image, stream: BinaryIO, page: int = 0) -> NDArray[np.uint16] | None:  # noqa: ARG001
    """Pixels [H, W, channels] of a picture opened by Pillow, with the full range of 16 bits; None
    if it is not deep, or cannot be decoded with its depth.
    """
    if picture.mode not in MODES:
        return None
    stream.seek(0)
    content = stream.read()
    try:
        said = outline(content)
    except (ValueError, struct.error):
        return None
    if said.bits <= 8:
        return None
    picture.info[DEPTH] = said.bits
    return _decoded(content, said) if said.plain else None


def reduced_to_eight() -> str:
    """The remark on a picture of which only 8 bits were read."""
    return (
        "it has more than 8 bits per channel, of which 8 were read; 16 bits of sRGB are read with "
        f"{install('tiff')}"
    )


def is_deep(picture: Image.Image) -> bool:
    """Whether `read` has found more than 8 bits."""
    return DEPTH in picture.info


def _decoded(content: bytes, said: Outline) -> NDArray[np.uint16] | None:
    try:
        import imagecodecs

        pixels = np.asarray(imagecodecs.jpeg2k_decode(content))
    except Exception:  # the extra is missing, or its decoder does not support this kind
        return None
    if pixels.dtype != np.uint16 or pixels.ndim != 3 or pixels.shape[2] != said.components:
        return None
    return Levels(16 - said.bits).applied(pixels)


def _boxes(content: bytes, place: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end of the boxes of a file, or of a box (ISO 15444-1, I.4)."""
    while place + 8 <= stop:
        length, kind = struct.unpack_from(">I4s", content, place)
        head = 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", content, place + 8)
            head = 16
        length = length or stop - place
        if length < head:
            raise ValueError("a box is shorter than its head")
        yield kind, place + head, min(place + length, stop)
        place += length
