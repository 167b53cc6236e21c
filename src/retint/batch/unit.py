"""One unit of work: a picture is read and coloured, unless it is in colour already."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from retint import files
from retint.files import Format, Photo
from retint.picture.request import Result
from retint.picture.toned import IN_PART, Kind, is_grey_in_part, kind_of

COLORED, DONE, IN_COLOR, FAILED = "colored", "already done", "already in color", "failed"
"""Outcomes of a unit of work, as they are printed."""


class InColorError(Exception):
    """The picture does not need to be coloured."""


def color(
    source: Path | BinaryIO, colorize: Callable[[Photo, Format], Result],
    format_of: Callable[[Photo], Format], *, max_pixels: int, recolor: bool,
    keep_color: bool = False,
) -> tuple[Photo, Result]:  # fmt: skip
    """Read a picture and colour it.

    Parameters
    ----------
    format_of
        Chooses the format of the result.
    max_pixels
        Maximum number of pixels.
    recolor
        Whether to colour pictures that are already in colour.
    keep_color
        Whether the result keeps colours, so that pictures in colour that are grey in part are
        coloured there.

    Returns
    -------
    tuple
        The source, and the result; its remarks say why colours of the source did not count.

    Raises
    ------
    InColorError
        If it is already in colour, and `recolor` is not set.
    PhotoError
        If it cannot be read or coloured.
    """
    photo = files.read(source, max_pixels=max_pixels)
    judged: tuple[str, ...] = ()
    if not recolor:
        kind = kind_of(photo)
        if kind is Kind.COLOR:
            if not (keep_color and is_grey_in_part(photo)):
                raise InColorError
            judged = (IN_PART,)
        elif kind in (Kind.NOISE, Kind.PARTS):
            judged = (kind.value,)
    result = colorize(photo, format_of(photo))
    return photo, result._replace(remarks=(*judged, *result.remarks))
