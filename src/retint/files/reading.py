"""Files to photos.

Everything a colorizer should not know about lives here: orientation, palettes, transparency, bit
depth, colour profiles, pages.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

from retint.errors import PhotoError, TooLargeError, reason
from retint.files import deep, heif, icc, raw
from retint.files.metadata import Metadata
from retint.files.photo import Photo

MAX_PIXELS = 300_000_000
"""Pictures with more pixels than this are refused before they are decoded."""

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
MAX_PAGES = 1000
"""A TIFF file with more is no picture."""
SUBFILE, REDUCED = 254, 1
"""TIFF's tag that says what a page is, and its bit for a small copy of another page."""
# Pillow's own limit is one number for the whole process; ours is an argument.
_pillow_limit = threading.Lock()


def read(source: Path | BinaryIO, *, max_pixels: int = MAX_PIXELS) -> Photo:
    """Read a picture file.

    Grey, toned, RGBA, palette, CMYK and 16-bit grey files are understood; a picture of equal
    channels comes back as grey.

    Raises
    ------
    PhotoError
        If the file is missing, no picture, broken or truncated, or larger than `max_pixels`.
    """
    if raw.is_raw(source):
        return _developed(source, max_pixels)
    with _readable(source) as (picture, stream):
        width, height = picture.size
        if width * height > max_pixels:
            raise TooLargeError.of(width, height, max_pixels)
        photo = _decode(picture, _deep_pixels(picture, stream))
        if picture.format != "TIFF":
            return photo
        further = _further_pages(picture, stream, max_pixels - width * height)
        return replace(photo, pages=tuple(further))


def read_metadata(source: Path | BinaryIO) -> Metadata:
    """What a picture file says besides its pixels; raises PhotoError as `read` does."""
    with _readable(source) as (picture, _):
        return Metadata.of(picture, picture)


@contextmanager
def _readable(source: Path | BinaryIO) -> Iterator[tuple[Image.Image, BinaryIO]]:
    """A picture file that is open, its stream, and all that can be wrong with it as one line."""
    try:
        with _stream(source) as stream, _open(stream) as picture:
            yield picture, stream
    except UnidentifiedImageError:
        raise PhotoError(_why_unidentified(source)) from None
    except MemoryError:
        raise PhotoError("not enough memory to decode it") from None
    except OSError as error:
        raise PhotoError(reason(error)) from error
    except (ValueError, SyntaxError, EOFError, ImageCms.PyCMSError) as error:
        # Pillow's readers raise these on files that start well and go wrong later.
        raise PhotoError(f"broken file ({error})") from error


def from_pillow(picture: Image.Image) -> Photo:
    """A Pillow picture as a photo; the picture itself is not changed."""
    try:
        return _decode(picture)
    except OSError as error:
        raise PhotoError(reason(error)) from error


def _stream(source: Path | BinaryIO) -> AbstractContextManager[BinaryIO]:
    # Never a path to Pillow: it would map an uncompressed TIFF into memory at its turned size.
    return source.open("rb") if isinstance(source, Path) else nullcontext(source)


def _open(source: BinaryIO) -> Image.Image:
    heif.enable(source)
    with _pillow_limit:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            return Image.open(source)
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _developed(source: Path | BinaryIO, max_pixels: int) -> Photo:
    """A RAW file as a photo; to be written as TIFF, for who takes RAW wants its depth."""
    try:
        with _stream(source) as stream:
            return Photo(_grey_if_equal(raw.develop(stream, max_pixels)), format="TIFF")
    except OSError as error:
        raise PhotoError(reason(error)) from error


def _further_pages(picture: Image.Image, stream: BinaryIO, pixels_left: int) -> Iterator[Photo]:
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
        yield _decode(picture, _deep_pixels(picture, stream, page))


def _deep_pixels(
    picture: Image.Image, stream: BinaryIO, page: int = 0
) -> NDArray[np.uint16] | None:
    """Pixels of a colour picture of 16 bits a channel, turned upright."""
    place = stream.tell()  # Pillow goes on from there
    pixels = deep.read(picture, stream, page)
    stream.seek(place)
    if pixels is None:
        return None
    turn = _TURNS.get(_orientation(picture))
    return pixels if turn is None else np.ascontiguousarray(turn(pixels))


def _decode(picture: Image.Image, wide: NDArray[np.uint16] | None = None) -> Photo:
    format_ = picture.format or "PNG"
    profile = picture.info.get("icc_profile")
    # A picture that is upright would only be copied.
    upright = picture if _orientation(picture) == 1 else ImageOps.exif_transpose(picture)
    if wide is None:
        pixels, alpha = _pixels(upright, profile)
    else:
        pixels = _in_srgb(np.ascontiguousarray(wide[..., :3]), profile)
        alpha = np.ascontiguousarray(wide[..., 3]) if wide.shape[2] == 4 else None
    return Photo(_grey_if_equal(pixels), alpha, format_, Metadata.of(picture, upright))


def _orientation(picture: Image.Image) -> int:
    """EXIF's; upright where EXIF is broken."""
    try:
        found = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except (ArithmeticError, LookupError, OSError, SyntaxError, TypeError, ValueError):
        return 1
    return found if found in _TURNS else 1


def _pixels(
    picture: Image.Image, profile: bytes | None
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    mode = picture.mode
    if mode.startswith("I"):  # 16 bits a pixel, or 32 that hold 16
        wide = np.clip(np.asarray(picture), 0, 65535).astype(np.uint16)
        return _in_srgb(wide, profile), None
    if mode == "F":
        raise PhotoError("floating-point pictures cannot be read; save it with 8 or 16 bits")
    if mode == "CMYK":
        return np.asarray(_with_lcms(picture, profile)), None
    if mode in ("LA", "La", "PA", "RGBa") or picture.has_transparency_data:
        grey = mode in ("L", "LA", "La")
        channels = np.asarray(picture.convert("RGBA"))
        pixels = np.ascontiguousarray(channels[..., 0] if grey else channels[..., :3])
        return _in_srgb(pixels, profile), np.ascontiguousarray(channels[..., 3])
    pixels = np.asarray(picture.convert("L" if mode in ("1", "L") else "RGB"))
    return _in_srgb(pixels, profile), None


def _in_srgb(pixels: NDArray[Any], profile: bytes | None) -> NDArray[Any]:
    """Pixels of that profile in sRGB; as they are where nobody can tell."""
    if not profile:
        return pixels
    try:
        return icc.Profile.parse(profile).to_srgb(pixels)
    except icc.ProfileError:
        if pixels.ndim == 3 and pixels.dtype == np.uint8:
            with suppress(ImageCms.PyCMSError, OSError):
                return np.asarray(_with_lcms(Image.fromarray(pixels), profile))
        return pixels


def _with_lcms(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile:
        return picture.convert("RGB")
    converted = ImageCms.profileToProfile(
        picture, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert converted is not None  # only in-place conversion answers None
    return converted


def _grey_if_equal(pixels: NDArray[Any]) -> NDArray[Any]:
    if pixels.ndim == 2:
        return pixels
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    # A first row that differs settles it for nearly every toned picture.
    if not np.array_equal(red[0], green[0]):
        return pixels
    if np.array_equal(red, green) and np.array_equal(green, blue):
        return np.ascontiguousarray(green)
    return pixels


def _why_unidentified(source: Path | BinaryIO) -> str:
    if isinstance(source, Path):
        if source.stat().st_size == 0:
            return "the file is empty"
    elif not source.seek(0, os.SEEK_END):
        return "the input is empty"
    return "not a picture that can be read"
