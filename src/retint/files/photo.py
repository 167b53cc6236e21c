"""Files <-> pixels.

Everything a colorizer should not know about lives here: file formats, orientation, palettes,
transparency, bit depth, and how to write a file without ever leaving half of one behind.
"""

from __future__ import annotations

import functools
import io
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

from retint.errors import PhotoError, TooLargeError
from retint.files import deep, heif, icc, raw
from retint.files.metadata import Metadata

MAX_PIXELS = 300_000_000
"""Pictures with more pixels than this are refused before they are decoded."""

FORMATS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".avif": "AVIF",
}
"""What can be written, by the ending of the file's name."""

READABLE = (*FORMATS, ".gif", ".pgm", ".ppm", ".pbm", ".pnm", ".jp2", ".heic", ".heif",
            *raw.ENDINGS)  # fmt: skip
"""Endings that mark a file of a folder as a picture."""

# Chroma carries the whole work of retint, so JPEG keeps it at full resolution (4:4:4).
_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"quality": 95, "method": 4},
    "TIFF": {"compression": "tiff_adobe_deflate"},
    "PNG": {"compress_level": 3},
    "BMP": {},
    "AVIF": {"quality": 90, "subsampling": "4:4:4"},
}
_WITHOUT_ALPHA = {"JPEG", "BMP"}

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
_DEEP = {"PNG": deep.png, "TIFF": deep.tiff}
"""How 16 bits a channel are written."""

# Pillow's own limit is one number for the whole process; ours is an argument.
_pillow_limit = threading.Lock()


@dataclass(frozen=True)
class Photo:
    """A picture, upright, with what its file said besides its pixels."""

    pixels: NDArray[Any]
    """Grey [H, W] or sRGB [H, W, 3]; uint8, uint16 or float32 in [0, 1]."""
    alpha: NDArray[Any] | None = None
    """Opacity [H, W] of the pixels' type, where the file has one."""
    format: str = "PNG"
    """Pillow's name of the format it came in."""
    metadata: Metadata = field(default_factory=Metadata)
    pages: tuple[Photo, ...] = ()
    """The pages after this one, of a TIFF file with several."""
    space: str = "srgb"
    """The colour space that it is written in, one of `icc.SPACES`; pixels are always sRGB."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def channels(self) -> NDArray[Any]:
        """Grey [H, W], or RGB with its opacity where there is one [H, W, 3 or 4]."""
        if self.alpha is None:
            return self.pixels
        rgb = self.pixels
        if rgb.ndim == 2:
            rgb = np.repeat(rgb[..., None], 3, axis=2)
        return np.concatenate([rgb, self.alpha[..., None]], axis=2)

    def with_pixels(self, pixels: NDArray[Any]) -> Photo:
        """The same photo with other pixels."""
        return replace(self, pixels=pixels)


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
        raise PhotoError(_reason(error)) from error
    except (ValueError, SyntaxError, EOFError, ImageCms.PyCMSError) as error:
        # Pillow's readers raise these on files that start well and go wrong later.
        raise PhotoError(f"broken file ({error})") from error


def write(photo: Photo, target: Path, *, overwrite: bool = False) -> None:
    """Write a photo in the format of the target's name.

    The file appears under its name only when it is complete.

    Raises
    ------
    PhotoError
        If the target exists and `overwrite` is off, cannot be written, has an unknown ending, or
        its format cannot hold the photo's transparency.
    """
    if not overwrite and target.exists():
        raise PhotoError(f"{target} exists already (overwrite with --force)")
    write_all([photo], [target])


def write_all(
    pictures: Sequence[Photo],
    targets: Sequence[Path],
    announce: Callable[[list[Path]], None] = lambda files: None,  # noqa: ARG005
) -> None:
    """Write photos over whatever is there, all or none of them.

    Parameters
    ----------
    announce
        Called with the complete files before they get their names.

    Raises
    ------
    PhotoError
        As `write`, but for existing targets.
    """
    mark = secrets.token_hex(4)
    partials = [each.with_name(f".{each.name[:100]}.{mark}.partial") for each in targets]
    target = targets[0]
    try:
        for photo, partial, target in zip(pictures, partials, targets, strict=True):
            content = encode(photo, format_of(target))
            with partial.open("xb") as file:
                file.write(content)
        announce(partials)
        for partial, target in zip(partials, targets, strict=True):
            partial.replace(target)
    except OSError as error:
        raise PhotoError(f"cannot write {target}: {_reason(error)}") from error
    finally:  # Ctrl-C too leaves nothing behind
        for partial in partials:
            partial.unlink(missing_ok=True)


def encode(photo: Photo, format: str) -> bytes:
    """The bytes of a file of the given format (Pillow's name)."""
    if photo.alpha is not None and format in _WITHOUT_ALPHA:
        raise PhotoError(f"{format} cannot hold its transparency; write PNG, WebP or TIFF")
    if photo.pages and format != "TIFF":
        count = len(photo.pages) + 1
        raise PhotoError(f"{format} cannot hold its {count} pages; write TIFF (--format tiff)")
    if photo.space != "srgb" and photo.pixels.ndim == 3:
        if format == "BMP":
            raise PhotoError("BMP holds sRGB only")
        photo = _in_its_space(photo)
    deep_file = _DEEP.get(format) if photo.pixels.dtype == np.uint16 else None
    picture = functools.cache(lambda: to_pillow(photo))  # a deep file may not need it
    try:
        options = _SAVE_OPTIONS[format] | photo.metadata.options(format, picture)
        if format != "BMP":
            options["icc_profile"] = icc.profile(photo.space, grey=photo.pixels.ndim == 2)
        pages = (photo, *photo.pages)
        if len(pages) > 1 and any(page.pixels.dtype == np.uint16 for page in pages):
            content = deep.tiff_pages([page.channels for page in pages], options)
        elif deep_file is not None:
            content = deep_file(photo.channels, options)
        else:
            if photo.pages:
                options |= {"save_all": True, "append_images": list(map(to_pillow, photo.pages))}
            buffer = io.BytesIO()
            picture().save(buffer, format, **options)
            content = buffer.getvalue()
    except (OSError, ValueError, RuntimeError) as error:  # libtiff's are the last
        raise PhotoError(f"cannot encode it as {format}: {error}") from error
    return photo.metadata.finished(format, content)


def _in_its_space(photo: Photo) -> Photo:
    """The photo with the numbers that its space has for its colours."""
    first, *further = (
        replace(page, pixels=icc.from_srgb(_whole_levels(page.pixels), photo.space))
        for page in (photo, *photo.pages)
    )
    return replace(first, pages=tuple(further))


def format_of(target: Path) -> str:
    """Pillow's name of the format that the target's ending asks for."""
    try:
        return FORMATS[target.suffix.lower()]
    except KeyError:
        endings = ", ".join(FORMATS)
        raise PhotoError(f"cannot write {target}: its name must end in one of {endings}") from None


def from_pillow(picture: Image.Image) -> Photo:
    """A Pillow picture as a photo; the picture itself is not changed."""
    try:
        return _decode(picture)
    except OSError as error:
        raise PhotoError(_reason(error)) from error


def to_pillow(photo: Photo) -> Image.Image:
    """An 8-bit Pillow picture: RGB, L, RGBA or LA."""
    pixels = _eight_bit(photo.pixels)
    if photo.alpha is None:
        return Image.fromarray(pixels)
    alpha = Image.fromarray(_eight_bit(photo.alpha))
    picture = Image.fromarray(pixels)
    picture.putalpha(alpha)
    return picture


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
        raise PhotoError(_reason(error)) from error


def _further_pages(picture: Image.Image, stream: BinaryIO, pixels_left: int) -> Iterator[Photo]:
    """The pages after the first, but for the small copies of a page that some programs add."""
    for page in range(1, min(getattr(picture, "n_frames", 1), MAX_PAGES + 1)):
        picture.seek(page)
        pixels = picture.size[0] * picture.size[1]
        pixels_left -= pixels
        if page == MAX_PAGES or pixels_left < 0:
            raise TooLargeError(
                "its pages have too many pixels (raise the limit with --max-pixels)"
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


def _eight_bit(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype == np.uint16:
        pixels = (pixels.astype(np.uint32) * 255 + 32767) // 65535
    else:
        pixels = np.clip(pixels, 0, 1) * 255 + 0.5
    return pixels.astype(np.uint8)


def _whole_levels(pixels: NDArray[Any]) -> NDArray[Any]:
    """Pixels of 8 or 16 bits as they are; floating point at 8."""
    return _eight_bit(pixels) if pixels.dtype.kind == "f" else pixels


def _why_unidentified(source: Path | BinaryIO) -> str:
    if isinstance(source, Path):
        if source.stat().st_size == 0:
            return "the file is empty"
    elif not source.seek(0, os.SEEK_END):
        return "the input is empty"
    return "not a picture that can be read"


def _reason(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__
