"""Writes a label that people see into a corner of a coloured picture."""

from __future__ import annotations

import functools
from contextlib import suppress
from unicodedata import bidirectional, category

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, features

from retint.errors import UsageError

MOST = 120
"""Most characters of a label."""
SIZE, LEAST = 0.03, 10
"""Height of its letters: share of the short side, and pixels at least."""
PADDING = 0.5
"""Space around the letters, in their height."""
WIDEST = 0.9
"""Most of the picture's width that it takes; longer labels get smaller letters."""
FONTS = (
    "DejaVuSans.ttf", "LiberationSans-Regular.ttf", "NotoSans-Regular.ttf", "arial.ttf",
    "Arial.ttf", "Arial Unicode.ttf", "NotoSansCJK-Regular.ttc",
)  # fmt: skip
"""Files of the system's fonts that are tried if Pillow's, which has ASCII only, is not enough."""
RIGHT_TO_LEFT, JOINED = ("R", "AL"), "Mc"
"""Classes of characters in Unicode: Hebrew and Arabic, and marks as in Devanagari."""
DIMMED = 0.45
"""Brightness of the picture behind the letters."""


def check(text: str) -> None:
    """Raise UsageError if a text cannot be written as a label."""
    if len(text) > MOST:
        raise UsageError(f"`label` has {len(text)} characters; at most {MOST} are possible")
    if not text.isprintable():
        raise UsageError("`label` must be one line of printable characters")
    _font_for(text)
    if any(map(_is_shaped, text)) and not features.check("raqm"):
        raise UsageError("`label` in this script requires a Pillow with raqm and fribidi")


def _is_shaped(character: str) -> bool:
    """Whether a character is written from right to left, or joined with its neighbours; without
    raqm, Pillow puts characters beside each other from left to right.
    """
    return bidirectional(character) in RIGHT_TO_LEFT or category(character) == JOINED


def labelled(pixels: NDArray[np.uint8 | np.uint16], text: str) -> NDArray[np.uint8 | np.uint16]:
    """Write a text in white on a darkened strip in the lower right corner.

    Parameters
    ----------
    pixels
        RGB [H, W, 3], which are not changed.
    """
    if not text:
        return pixels
    letters = _letters(text, pixels.shape[:2])
    height, width = letters.shape
    strip = pixels[-height:, -width:]
    white = np.float32(np.iinfo(pixels.dtype).max)
    shares = letters[..., None].astype(np.float32) / 255
    mixed = strip * np.float32(DIMMED) * (1 - shares) + white * shares
    found = pixels.copy()
    found[-height:, -width:] = np.rint(mixed).astype(pixels.dtype)
    return found


def _letters(text: str, size: tuple[int, ...]) -> NDArray[np.uint8]:
    """Opacity of the letters [h, w] on the strip, which is no larger than the picture."""
    height = max(SIZE * min(size), LEAST)
    name = _font_for(text)
    left, top, right, bottom = _font(height, name).getbbox(text)
    room = WIDEST * size[1] / (right - left + 2 * PADDING * height)
    if room < 1:
        height *= room
        left, top, right, bottom = _font(height, name).getbbox(text)
    space = PADDING * height
    wide = min(round(right - left + 2 * space), size[1])
    high = min(round(bottom - top + 2 * space), size[0])
    strip = Image.new("L", (wide, high))
    ImageDraw.Draw(strip).text(
        (space - left, space - top), text, fill=255, font=_font(height, name)
    )
    return np.asarray(strip)


def _font(height: float, name: str = "") -> ImageFont.FreeTypeFont:
    """A font of the system by its file's name, or the one in Pillow."""
    size = max(height, 1)
    font = ImageFont.truetype(name, size) if name else ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):  # a Pillow without FreeType
        raise UsageError("`label` requires a Pillow with FreeType")
    return font


@functools.cache
def _font_for(text: str) -> str:
    """Name of the first font that has all characters; raises UsageError if there is none."""
    for name in ("", *FONTS):
        with suppress(OSError):  # it is not installed
            if not _without_glyph(text, _font(20, name)):
                return name
    unknown = _without_glyph(text, _font(20))
    raise UsageError(f"`label` has characters that no font here has: {unknown}")


def _without_glyph(text: str, font: ImageFont.FreeTypeFont) -> str:
    """The characters that a font shows as an empty box."""
    box = bytes(font.getmask("\U0010fffd"))
    return "".join(dict.fromkeys(each for each in text if bytes(font.getmask(each)) == box))
