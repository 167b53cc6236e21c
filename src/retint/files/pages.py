"""The pages of a picture file, or the frames of an animation, as photos."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from retint.errors import TooLargeError
from retint.files import heif, tags
from retint.files.deep import codec, jpeg2000
from retint.files.deep.pages import MOST_PAGES
from retint.files.formats import FORMATS
from retint.files.jpeg.source import JpegSource
from retint.files.levels import (
    LEFT_OUT,
    UNSPECIFIED,
    grey_if_equal,
    in_srgb,
    levels_of,
    pixels_of,
    profile_of,
    without_extra,
)
from retint.files.metadata import Metadata
from retint.files.photo import Photo
from retint.files.turn import Turn, known, turn_upright

ANIMATED = ("GIF", "PNG", "WEBP", "AVIF")
"""Formats that support animations."""
FRAME = 100.0
"""Default duration of a frame in milliseconds."""
TOO_LONG = "its frames have too many pixels, so only the first one was colored (raise `max_pixels`)"
FIRST_ONLY = "only the first frame was colored: animations of this format cannot be written"
BESIDE = "the still picture that stands for its animation was left out"
STRETCHED = "its pixels are not square, which results do not state"
REDUCED = 1
"""Bit of TIFF's NewSubfileType for a reduced copy of another page."""


def decode(
    picture: Image.Image, wide: NDArray[np.uint16] | None = None, stored: Metadata | None = None
) -> Photo:
    """Decode a picture; its metadata are read from its file unless they are given."""
    format_ = picture.format or "PNG"
    profile = profile_of(picture)
    remarks: list[str] = []
    # Pillow closes some files later.
    stored = Metadata.of(picture) if stored is None else stored
    turn = orientation(picture)
    decoded_turned = heif.applied_orientation(picture) if picture.format == "HEIF" else 1
    # Transposing would copy a picture that is already upright.
    upright = picture if turn == 1 else ImageOps.exif_transpose(picture)
    if wide is None:
        levels = levels_of(picture)
        pixels, alpha = pixels_of(upright, profile, levels, remarks)
    else:
        rgb, alpha = without_extra(wide, picture)
        pixels = in_srgb(rgb, profile, remarks)
    if wide is None and jpeg2000.is_deep(picture):
        remarks.append(jpeg2000.reduced_to_eight())
    if _is_stretched(picture):
        remarks.append(STRETCHED)
    height, width = pixels.shape[:2]
    applied = Turn.to(width, height, turn if turn != 1 else decoded_turned)
    if picture.format == "TIFF":
        own_tags = getattr(picture, "tag_v2", {})
        description = str(own_tags.get(ExifTags.Base.ImageDescription, ""))
        remarks += tags.left_out(own_tags, applied, description)
        if UNSPECIFIED in own_tags.get(ExifTags.Base.ExtraSamples, ()):
            remarks.append(LEFT_OUT)
    return Photo(
        grey_if_equal(pixels), alpha, format_, stored.of_new_pixels(applied),
        remarks=tuple(remarks), turn=applied,
    )  # fmt: skip


def _is_stretched(picture: Image.Image) -> bool:
    """Whether a file states a resolution without a unit (PNG: pHYs, JFIF) that differs across and
    down.
    """
    sides = picture.info.get("aspect", (1, 1))
    if picture.info.get("jfif_unit") == 0:
        sides = picture.info.get("jfif_density", sides)
    return 0 not in sides and sides[0] != sides[1]


def with_jpeg(photo: Photo, file: JpegSource) -> Photo:
    """A photo with the JPEG file that it was decoded from, and all metadata of it."""
    said = own = file.metadata.of_new_pixels(photo.turn)
    if photo.turn:
        own = file.metadata.of_new_pixels(Turn(1, photo.turn.width, photo.turn.height))
    return replace(
        photo, jpeg=replace(file, metadata=own), metadata=said, format="JPEG",
        remarks=(*photo.remarks, *file.left_out),
    )  # fmt: skip


def deep_pixels(picture: Image.Image, stream: BinaryIO, page: int = 0) -> NDArray[np.uint16] | None:
    """Pixels of a colour picture with 16 bits per channel, upright.

    Raises
    ------
    BeyondPillowError
        If it is a TIFF page that only tifffile can read.
    """
    codec.check(picture)
    place = stream.tell()  # Pillow continues from there
    read = jpeg2000.read if picture.format == "JPEG2000" else codec.read
    pixels = read(picture, stream, page)
    stream.seek(place)
    if pixels is None:
        return None
    return np.ascontiguousarray(turn_upright(pixels, orientation(picture)))


def orientation(picture: Image.Image) -> int:
    """The EXIF orientation; upright if EXIF is broken."""
    try:
        found = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:
        return 1
    return known(found)


def is_reduced(picture: Image.Image) -> bool:
    """Whether the current page of a TIFF is a reduced copy of another one."""
    return bool(getattr(picture, "tag_v2", {}).get(ExifTags.Base.NewSubfileType, 0) & REDUCED)


def seek_first(picture: Image.Image) -> int:
    """Go to the first page of a TIFF that is not a reduced copy of another one, and return its
    number; the first one if all are.
    """
    page = 0
    with suppress(EOFError):
        while is_reduced(picture) and page < MOST_PAGES:
            page += 1
            picture.seek(page)
        return page
    picture.seek(0)
    return 0


def further_pages(
    picture: Image.Image, stream: BinaryIO, pixels_left: int, first: int = 0
) -> Iterator[Photo]:
    """The pages after the first, without the reduced copies that some programs add."""
    try:
        count = getattr(picture, "n_frames", 1)
    except SyntaxError:  # Pillow does not support one of them
        raise codec.BeyondPillowError from None
    for page in range(first + 1, min(count, MOST_PAGES + 1)):
        picture.seek(page)
        pixels = picture.size[0] * picture.size[1]
        pixels_left -= pixels
        if page == MOST_PAGES or pixels_left < 0:
            raise TooLargeError(
                "its pages have too many pixels (raise the limit with `max_pixels`)"
            )
        if is_reduced(picture):
            continue
        yield decode(picture, deep_pixels(picture, stream, page))


def animated(picture: Image.Image, first: Photo, max_pixels: int) -> Photo:
    """An animation with all its frames, or only the first one if there are too many pixels.

    MPO, which is JPEG with a second view, is not an animation.
    """
    width, height = picture.size
    count = getattr(picture, "n_frames", 1)
    if count > MOST_PAGES or count * width * height > max_pixels:
        return replace(first, remarks=(*first.remarks, TOO_LONG))
    if picture.format not in FORMATS:
        return replace(first, remarks=(*first.remarks, FIRST_ONLY))
    frames = []
    # The first picture of an animated PNG file may be for programs that show no animations.
    beside = bool(picture.info.get("default_image"))
    for k in range(beside, count):
        picture.seek(k)
        picture.load()
        shown = float(picture.info.get("duration", 0) or FRAME)
        frames.append(replace(decode(picture), duration=shown, pages=()))
    loops = picture.info.get("loop", 0)
    remarks = (*first.remarks, BESIDE) if beside else first.remarks
    said = replace(
        frames[0], metadata=first.metadata, remarks=remarks, lossless=first.lossless,
        loops=loops if isinstance(loops, int) else 0,
    )  # fmt: skip
    return replace(said, pages=tuple(frames[1:]))
