"""Reads the TIFF files that Pillow does not support, through tifffile; requires `retint[tiff]`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
from PIL import Image
from PIL.ExifTags import Base

from retint.errors import TooLargeError
from retint.files.deep import pages as deep_pages
from retint.files.deep.tiff_directory import Reader, Value
from retint.files.levels import grey_if_equal
from retint.files.metadata import Metadata
from retint.files.photo import Photo
from retint.files.samples import interpreted
from retint.files.tags import left_out
from retint.files.turn import Turn, known, turn_upright

MASK = 4
"""PhotometricInterpretation of a page that says which pixels of another one are transparent."""
MASK_LEFT_OUT = "its transparency mask was left out"
CENTIMETRE = 3
"""A unit of resolution (TIFF 6.0, ResolutionUnit)."""


def read(stream: BinaryIO, max_pixels: int) -> Photo:
    """Read a file with all its pages.

    Raises
    ------
    PhotoError
        If the extra is missing, or it has too many pixels or samples that are not supported.
    ValueError
        If it is broken.
    """
    found = deep_pages.read_all(stream, _admitting(max_pixels))
    whole = [each for each in found if not each.reduced and each.photometric != MASK]
    pages = [_page(each, stream) for each in whole or found[:1]]
    first = pages[0]
    if whole and any(each.photometric == MASK for each in found):
        first = replace(first, remarks=(*first.remarks, MASK_LEFT_OUT))
    return replace(first, pages=tuple(pages[1:]))


def read_metadata(stream: BinaryIO) -> Metadata:
    """The metadata of its first page; raises ValueError or struct.error if it is broken."""
    return _metadata(stream, Reader.of(stream).first)[0]


def _admitting(max_pixels: int) -> Callable[[int, int], None]:
    left = max_pixels

    def admit(height: int, width: int) -> None:
        nonlocal left
        left -= height * width
        if left < 0:
            raise TooLargeError.of(width, height, max_pixels)

    return admit


def _page(samples: deep_pages.Samples, stream: BinaryIO) -> Photo:
    remarks: list[str] = []
    found = interpreted(samples, remarks)
    stored, turn = _metadata(stream, samples.offset)
    alpha = None if found.alpha is None else turn_upright(found.alpha, turn)
    pixels = grey_if_equal(np.ascontiguousarray(turn_upright(found.pixels, turn)))
    applied = Turn.to(pixels.shape[1], pixels.shape[0], turn)
    remarks += left_out(samples.tags, applied, samples.description)
    return Photo(
        pixels, alpha, "TIFF", stored.of_new_pixels(applied), remarks=tuple(remarks), turn=applied
    )


def _metadata(stream: BinaryIO, offset: int) -> tuple[Metadata, int]:
    """The metadata of the page whose directory is at a place, as stored, and its orientation."""
    reader = Reader.of(stream)
    tags, _ = reader.directory(
        offset,
        (Base.XMLPacket, Base.Orientation, Base.XResolution, Base.YResolution, Base.ResolutionUnit),
    )
    turn = tags[Base.Orientation].number if Base.Orientation in tags else 1
    page = _StandIn(stream, offset)
    page.info["dpi"] = _dpi(tags)
    if Base.XMLPacket in tags:
        page.info["xmp"] = tags[Base.XMLPacket].data
    return Metadata.of(page), known(turn)


def _dpi(tags: dict[int, Value]) -> tuple[float, float] | None:
    sides = [tags[each].quotient for each in (Base.XResolution, Base.YResolution) if each in tags]
    unit = tags[Base.ResolutionUnit].number if Base.ResolutionUnit in tags else 2
    if len(sides) < 2 or unit not in (2, CENTIMETRE):
        return None
    scale = 2.54 if unit == CENTIMETRE else 1.0
    return sides[0] * scale, sides[1] * scale


class _StandIn(Image.Image):
    """In place of Pillow's picture, with what its metadata are read from."""

    format = "TIFF"

    def __init__(self, stream: BinaryIO, offset: int) -> None:
        super().__init__()
        self.fp = stream
        self.tag_v2: Any = _Directory(offset)


class _Directory(dict[int, Any]):
    """Pillow's directory of a page: only its place is used."""

    def __init__(self, offset: int) -> None:
        super().__init__()
        self.offset = offset
