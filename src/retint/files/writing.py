"""Writes photos to files, which appear only when complete."""

from __future__ import annotations

import functools
import io
import struct
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retint.errors import ExistsError, PhotoError, cannot_write
from retint.files import icc
from retint.files.atomic import is_taken, partials
from retint.files.conversion import converted
from retint.files.deep import codec
from retint.files.formats import Format, format_of
from retint.files.metadata import with_metadata
from retint.files.photo import Photo, eight_bit, to_pillow

_DEEP = {"PNG": codec.png, "TIFF": codec.tiff}
"""Encoders for 16 bits per channel."""


def write(photo: Photo | Encoded, target: Path, *, overwrite: bool = False) -> None:
    """Write a photo in the format of the target's suffix.

    The file appears under its name only when it is complete.

    Raises
    ------
    PhotoError
        If the target exists and `overwrite` is off, cannot be written, has an unknown suffix, or
        its format does not support the photo's transparency.
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
    """Write photos, replacing existing files: all of them or none.

    Parameters
    ----------
    announce
        Called with the complete files before they are renamed.
    new
        Targets that must not replace anything.

    Raises
    ------
    ExistsError
        If one of those exists.
    PhotoError
        As `write`, except for existing targets.
    """
    target = targets[0]
    try:
        with partials(list(targets), new=new) as files:
            for photo, file, target in zip(pictures, files, targets, strict=True):
                content = (
                    photo.content
                    if isinstance(photo, Encoded)
                    else encode(photo, format_of(target))
                )
                with file.open("xb") as stream:
                    stream.write(content)
            announce(files)
    except FileExistsError as error:
        raise ExistsError.of(error.filename) from None
    except OSError as error:
        raise cannot_write(target, error) from error


@dataclass(frozen=True)
class Encoded:
    """A picture that is already encoded, or another file that belongs to it."""

    content: bytes


def encode(photo: Photo | Encoded, format: Format, *, orientation: int = 1) -> bytes:
    """Encode a file; raises PhotoError if the format does not support the photo.

    Parameters
    ----------
    orientation
        EXIF orientation to store; the photo's pixels are upright.
    """
    if isinstance(photo, Encoded):
        return photo.content
    name = format.name
    if not format.transparent:
        photo = _without_full_opacity(photo)
    if photo.alpha is not None and not format.transparent:
        raise PhotoError(f"{name} does not support its transparency; use PNG, WebP or TIFF")
    if photo.duration and photo.pages and not format.animated:
        photo = replace(photo, pages=())  # a still picture from an animation
    if photo.pages and name != "TIFF" and not (photo.duration and format.animated):
        count = len(photo.pages) + 1
        raise PhotoError(f"{name} does not support its {count} pages; use TIFF (`format` tiff)")
    if photo.space != "srgb" and photo.pixels.ndim == 3:
        if name == "BMP":
            raise PhotoError("BMP supports sRGB only")
        photo = _in_its_space(photo)
    deep_file = _DEEP.get(name) if photo.pixels.dtype == np.uint16 else None
    picture = functools.cache(lambda: to_pillow(photo))  # not needed for 16-bit files
    try:
        said, _ = converted(photo.metadata, name)
        options = format.options | said.options(name, picture, orientation)
        if photo.quality and "quality" in format.options:
            options["quality"] = photo.quality
        elif photo.lossless:
            options |= format.lossless
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
                    options["loop"] = photo.loops
            buffer = io.BytesIO()
            picture().save(buffer, name, **options)
            content = buffer.getvalue()
        if name == "TIFF":
            content = with_metadata(content, [converted(each.metadata, name)[0] for each in pages])
    except (OSError, ValueError, RuntimeError, struct.error) as error:
        raise PhotoError(f"cannot encode it as {name}: {error}") from error
    return content


def _without_full_opacity(photo: Photo) -> Photo:
    """The photo without its opacity if it is opaque, as pictures of many programs are."""
    if photo.alpha is None:
        return photo
    full = np.iinfo(photo.alpha.dtype).max if photo.alpha.dtype.kind == "u" else 1
    return replace(photo, alpha=None) if (photo.alpha >= full).all() else photo


def _in_its_space(photo: Photo) -> Photo:
    """The photo with its pixels converted to its colour space."""
    first, *further = (
        replace(
            page,
            pixels=icc.from_srgb(_whole_levels(page.pixels), photo.space),
            metadata=page.metadata.uncalibrated(),
        )
        for page in (photo, *photo.pages)
    )
    return replace(first, pages=tuple(further))


def _whole_levels(pixels: NDArray[Any]) -> NDArray[Any]:
    """Pixels of 8 or 16 bits unchanged; floating point converted to 8 bits."""
    return eight_bit(pixels) if pixels.dtype.kind == "f" else pixels
