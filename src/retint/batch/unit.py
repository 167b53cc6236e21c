"""One unit of work: a picture is read and coloured, unless it is in colour already."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from retint import files
from retint.files import Format, Photo, xmp
from retint.picture.request import Result
from retint.picture.toned import IN_PART, Kind, is_grey_in_part, kind_of

COLORED, DONE, IN_COLOR, FAILED = "colored", "already done", "already in color", "failed"
"""Outcomes of a unit of work, as they are printed."""


class InColorError(Exception):
    """The picture does not need to be coloured."""


def color(
    source: Path | BinaryIO, colorize: Callable[[Photo, Format], Result],
    format_of: Callable[[Photo], Format], *, max_pixels: int, recolor: bool,
    keep_color: bool = False, tell: bool = False,
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
    tell
        Whether a remark says that colours of the source are replaced.

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
    elif tell:
        judged = _replaced(photo, keep_color=keep_color)
    result = colorize(photo, format_of(photo))
    return photo, result._replace(remarks=(*judged, *result.remarks))


def _replaced(photo: Photo, *, keep_color: bool) -> tuple[str, ...]:
    """A remark on the colours of a source that its result has not, if any."""
    record = xmp.provenance(photo.metadata.xmp)
    if record is not None:
        hints = " and its hints are not used again" if record.get("Hints") else ""
        return (f"retint colored it before; its colors are replaced{hints}",)
    if keep_color or kind_of(photo) is not Kind.COLOR:
        return ()
    return (f"it is {IN_COLOR}; its colors are replaced",)
