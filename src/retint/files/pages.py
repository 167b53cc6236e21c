"""The pages of a picture file, or the frames of an animation, each as a photo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from retint.errors import TooLargeError
from retint.files.deep import codec
from retint.files.formats import FORMATS
from retint.files.levels import grey_if_equal, in_srgb, levels_of, pixels_of, without_extra
from retint.files.metadata import Metadata
from retint.files.photo import Photo

_TURNS: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.rot90(pixels, 2).swapaxes(0, 1),
    8: np.rot90,
}
"""EXIF's orientations: what makes the picture upright."""
ANIMATED = ("GIF", "PNG", "WEBP", "AVIF")
"""Formats of files that may move."""
FRAME = 100.0
"""Milliseconds of a frame that does not say."""
TOO_LONG = "its frames have too many pixels; the first one stands for all (`max_pixels`)"
FIRST_ONLY = "it is an animation, whose format is not written; its first frame stands for all"
MAX_PAGES = 1000
"""A TIFF file with more is no picture."""
SUBFILE, REDUCED = 254, 1
"""TIFF's tag that says what a page is, and its bit for a small copy of another page."""


def decode(picture: Image.Image, wide: NDArray[np.uint16] | None = None) -> Photo:
    format_ = picture.format or "PNG"
    profile = picture.info.get("icc_profile")
    remarks: list[str] = []
    # A picture that is upright would only be copied.
    upright = picture if orientation(picture) == 1 else ImageOps.exif_transpose(picture)
    if wide is None:
        levels = levels_of(picture)
        pixels, alpha = pixels_of(upright, profile, levels, remarks)
    else:
        rgb, alpha = without_extra(wide, picture)
        pixels = in_srgb(rgb, profile, remarks)
    said = Metadata.of(picture, upright)
    return Photo(grey_if_equal(pixels), alpha, format_, said, remarks=tuple(remarks))


def deep_pixels(picture: Image.Image, stream: BinaryIO, page: int = 0) -> NDArray[np.uint16] | None:
    """Pixels of a colour picture of 16 bits a channel, turned upright."""
    place = stream.tell()  # Pillow goes on from there
    pixels = codec.read(picture, stream, page)
    stream.seek(place)
    if pixels is None:
        return None
    turn = _TURNS.get(orientation(picture))
    return pixels if turn is None else np.ascontiguousarray(turn(pixels))


def orientation(picture: Image.Image) -> int:
    """EXIF's; upright where EXIF is broken."""
    try:
        found = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:
        return 1
    return found if found in _TURNS else 1


def further_pages(picture: Image.Image, stream: BinaryIO, pixels_left: int) -> Iterator[Photo]:
    """The pages after the first, but for the small copies of a page that some programs add."""
    for page in range(1, min(getattr(picture, "n_frames", 1), MAX_PAGES + 1)):
        picture.seek(page)
        pixels = picture.size[0] * picture.size[1]
        pixels_left -= pixels
        if page == MAX_PAGES or pixels_left < 0:
            raise TooLargeError(
                "its pages have too many pixels (raise the limit with `max_pixels`)"
            )
        if getattr(picture, "tag_v2", {}).get(SUBFILE, 0) & REDUCED:
            continue
        yield decode(picture, deep_pixels(picture, stream, page))


def animated(picture: Image.Image, first: Photo, max_pixels: int) -> Photo:
    """An animation with all its frames; its first one where they are too many.

    MPO, which is JPEG with a second view, does not move.
    """
    width, height = picture.size
    count = getattr(picture, "n_frames", 1)
    if count > MAX_PAGES or count * width * height > max_pixels:
        return replace(first, remarks=(*first.remarks, TOO_LONG))
    if picture.format not in FORMATS:
        return replace(first, remarks=(*first.remarks, FIRST_ONLY))
    frames = []
    for k in range(count):
        picture.seek(k)
        picture.load()
        shown = float(picture.info.get("duration", 0) or FRAME)
        frames.append(replace(decode(picture), duration=shown, pages=()))
    said = replace(frames[0], metadata=first.metadata, remarks=first.remarks)
    return replace(said, pages=tuple(frames[1:]))
