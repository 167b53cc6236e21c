"""How a method sees a photograph: at which size, without its mount, and which way up."""

from __future__ import annotations

from retint.color.lab import Float32
from retint.color.resize import working_size
from retint.colorizers import Colorizer
from retint.colorizers.parts.framed import Framed
from retint.colorizers.parts.upright import LEAST, Upright
from retint.files import Photo
from retint.picture.album import Album, page_size
from retint.picture.box import Area, Box, Boxes
from retint.picture.stripes import shrink_lightness


def frame(
    photo: Photo, box: Area, colorizer: Colorizer, upright: Upright, threads: int = 0
) -> Framed:
    """Show the part of a photograph inside a box to a method."""
    native = colorizer.native
    if isinstance(box, Boxes):
        size = page_size(box, max(native, LEAST))
        small = shrink_lightness(photo, size, threads)
        return Album(colorizer, small, box.at(size).parts, upright)
    size = _size_of(box, native)
    inside = None if box.is_whole else box.at(size).slices

    def turn_of(seen: Float32) -> int:
        if upright.compass is not None and native < LEAST:
            larger = _size_of(box, LEAST)
            seen = shrink_lightness(photo, larger, threads)[box.at(larger).slices]
        return upright(seen)

    return Framed(colorizer, shrink_lightness(photo, size, threads), inside, turn_of)


def _size_of(box: Box, native: int) -> tuple[int, int]:
    """Height and width at which a method sees a photo, so that the picture in it has the native
    size.
    """
    size = working_size(box.inner, native)
    if box.is_whole:
        return size
    scale = size[0] / box.inner[0], size[1] / box.inner[1]
    return round(box.size[0] * scale[0]), round(box.size[1] * scale[1])
