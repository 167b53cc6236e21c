"""Photos to files, which appear only when they are complete."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retint.errors import ExistsError, PhotoError, reason
from retint.files import icc
from retint.files.atomic import is_taken, partials
from retint.files.deep import codec
from retint.files.formats import Format, format_of
from retint.files.photo import Photo, eight_bit, to_pillow

_DEEP = {"PNG": codec.png, "TIFF": codec.tiff}
"""How 16 bits a channel are written."""


def write(photo: Photo | Encoded, target: Path, *, overwrite: bool = False) -> None:
    """Write a photo in the format of the target's name.

    The file appears under its name only when it is complete.

    Raises
    ------
    PhotoError
        If the target exists and `overwrite` is off, cannot be written, has an unknown ending, or
        its format cannot hold the photo's transparency.
    """
    if not overwrite and is_taken(target):
        raise ExistsError.of(target)
    write_all([photo], [target], new=() if overwrite else [target])


def write_all(
    pictures: Sequence[Photo | Encoded],
    targets: Sequence[Path],
    announce: Callable[[list[Path]], None] = lambda files: None,  # noqa: ARG005
    *,
    new: Collection[Path] = (),
) -> None:
    """Write photos over whatever is there, all or none of them.

    Parameters
    ----------
    announce
        Called with the complete files before they get their names.
    new
        Targets that are to replace nothing.

    Raises
    ------
    ExistsError
        If one of those is there.
    PhotoError
        As `write`, but for existing targets.
    """
    target = targets[0]
    try:
        with partials(list(targets), new=new) as files:
            for photo, file, target in zip(pictures, files, targets, strict=True):
                content = encode(photo, format_of(target))
                with file.open("xb") as stream:
                    stream.write(content)
            announce(files)
    except FileExistsError as error:
        raise ExistsError.of(error.filename) from None
    except OSError as error:
        raise PhotoError(f"cannot write {target}: {reason(error)}") from error


@dataclass(frozen=True)
class Encoded:
    """A picture that is a file already."""

    content: bytes


def encode(photo: Photo | Encoded, format: Format, *, orientation: int = 1) -> bytes:
    """The bytes of a file; raises PhotoError where the format cannot hold the photo.

    Parameters
    ----------
    orientation
        What EXIF says of how the picture is stored; its pixels are upright.
    """
    if isinstance(photo, Encoded):
        return photo.content
    name = format.name
    if photo.alpha is not None and not format.transparent:
        raise PhotoError(f"{name} cannot hold its transparency; write PNG, WebP or TIFF")
    if photo.duration and photo.pages and not format.animated:
        photo = replace(photo, pages=())  # a still picture of what moves
    if photo.pages and name != "TIFF" and not (photo.duration and format.animated):
        count = len(photo.pages) + 1
        raise PhotoError(f"{name} cannot hold its {count} pages; TIFF can (`format` tiff)")
    if photo.space != "srgb" and photo.pixels.ndim == 3:
        if name == "BMP":
            raise PhotoError("BMP holds sRGB only")
        photo = _in_its_space(photo)
    deep_file = _DEEP.get(name) if photo.pixels.dtype == np.uint16 else None
    picture = functools.cache(lambda: to_pillow(photo))  # a deep file may not need it
    try:
        options = format.options | photo.metadata.options(name, picture, orientation)
        if name != "BMP":
            options["icc_profile"] = icc.profile(photo.space, grey=photo.pixels.ndim == 2)
        pages = (photo, *photo.pages)
        if len(pages) > 1 and any(page.pixels.dtype == np.uint16 for page in pages):
            content = codec.tiff_pages([page.channels for page in pages], options)
        elif deep_file is not None:
            content = deep_file(photo.channels, options)
        else:
            if photo.pages:
                options |= {"save_all": True, "append_images": list(map(to_pillow, photo.pages))}
                if photo.duration:
                    options["duration"] = [round(each.duration) for each in pages]
                    options["loop"] = 0
            buffer = io.BytesIO()
            picture().save(buffer, name, **options)
            content = buffer.getvalue()
    except (OSError, ValueError, RuntimeError) as error:  # libtiff's are the last
        raise PhotoError(f"cannot encode it as {name}: {error}") from error
    return photo.metadata.finished(name, content)


def _in_its_space(photo: Photo) -> Photo:
    """The photo with the numbers that its space has for its colours."""
    first, *further = (
        replace(page, pixels=icc.from_srgb(_whole_levels(page.pixels), photo.space))
        for page in (photo, *photo.pages)
    )
    return replace(first, pages=tuple(further))


def _whole_levels(pixels: NDArray[Any]) -> NDArray[Any]:
    """Pixels of 8 or 16 bits as they are; floating point at 8."""
    return eight_bit(pixels) if pixels.dtype.kind == "f" else pixels
