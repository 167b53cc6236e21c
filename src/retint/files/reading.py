"""Reads files as photos.

Together with `pages` and `levels`, this module handles everything that colorizers do not deal with:
orientation, palettes, transparency, bit depth, colour profiles, pages.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from PIL import Image, PngImagePlugin, UnidentifiedImageError

from retint.errors import PhotoError, RetintError, TooLargeError
from retint.files import broken, chunks, heif, raw, tiff
from retint.files.confined import open_existing
from retint.files.deep.codec import BeyondPillowError
from retint.files.deep.tiff_directory import is_big_endian_bigtiff, is_tiff
from retint.files.exif import Exif
from retint.files.formats import FORMATS, MAX_PIXELS, READ_ONLY
from retint.files.jpeg.segments import end_of
from retint.files.jpeg.source import JpegSource
from retint.files.levels import grey_if_equal
from retint.files.metadata import Metadata
from retint.files.pages import (
    ANIMATED,
    animated,
    decode,
    deep_pixels,
    further_pages,
    orientation,
    seek_first,
    with_jpeg,
)
from retint.files.photo import Photo
from retint.files.size_limit import check_bytes
from retint.files.turn import STEPS
from retint.files.webp import is_lossless

JPEGS = ("JPEG", "MPO")
"""Pillow's names of JPEG, without and with further pictures in the file."""
JPEG_START = b"\xff\xd8\xff"
HEAD = 16
"""Bytes that identify a file."""
FILM_MAGIC = ((4, b"ftyp"), (4, b"moov"), (0, b"\x1aE\xdf\xa3"), (8, b"AVI "))
"""Signatures of films at offsets of the file, for a better error message."""
PICTURE_BRANDS = {b"avif", b"avis", b"mif1", b"msf1", *heif.BRANDS}
"""Brands of pictures whose files begin like those of films (ISO 23008-12, annex B)."""
UNREADABLE = "not a readable picture"
NOT_READ = (
    (b"\xff\x0a", "JPEG XL is not supported; convert it to PNG or TIFF, for example with djxl"),
    (
        b"\0\0\0\x0cJXL ",
        "JPEG XL is not supported; convert it to PNG or TIFF, for example with djxl",
    ),
    (b"\x01\xda", "SGI is not supported; convert it to PNG or TIFF, for example with magick"),
    (b"8BPS", "Photoshop documents are not supported; save it as TIFF"),
    (b"%PDF", "PDF is not supported; extract its pictures, for example with pdfimages"),
)
"""Starts of other formats, and what to do with them."""
TGA, TGA_END = ".tga", b"TRUEVISION-XFILE.\0"
"""Suffix, and end of most files, of a format without a signature at its beginning."""
NOT_TGA = "TGA is not supported; convert it to PNG or TIFF, for example with magick"
# Profiles may be larger than Pillow's limit for text chunks.
PngImagePlugin.MAX_TEXT_CHUNK = 1 << 24

# Pillow's own limit is global; ours is an argument.
_pillow_limit = threading.Lock()


def read(source: Path | BinaryIO, *, max_pixels: int = MAX_PIXELS) -> Photo:
    """Read a picture file.

    Supports grey, toned, RGBA, palette, CMYK and 16-bit grey files. A picture with equal channels
    is returned as grey.

    Raises
    ------
    PhotoError
        If the file is missing, not a picture, broken, truncated, or larger than `max_pixels`.
    """
    with _report_errors(source):
        with _stream(source) as stream:
            check_bytes(stream, max_pixels)
        developed = raw.is_raw(source)
    if developed:
        with suppress(raw.NotRawError):
            return _read_raw(source, max_pixels)
        if not isinstance(source, Path):
            source.seek(0)
    try:
        return _read_with_pillow(source, max_pixels)
    except BeyondPillowError:
        with _report_errors(source), _stream(source) as stream:
            return tiff.read(stream, max_pixels)


def _read_with_pillow(source: Path | BinaryIO, max_pixels: int) -> Photo:
    with _readable(source) as (picture, stream):
        first = seek_first(picture) if picture.format == "TIFF" else 0
        width, height = picture.size
        if width * height > max_pixels:
            raise TooLargeError.of(width, height, max_pixels)
        _check_jpeg(picture, stream)
        stored = Metadata.of(picture)  # Pillow closes some files after decoding
        photo = decode(picture, deep_pixels(picture, stream, first), stored)
        if picture.format == "WEBP" and is_lossless(stream):
            photo = replace(photo, lossless=True)
        photo = replace(photo, remarks=(*photo.remarks, *chunks.remarks_of(picture, stream)))
        if picture.format in ANIMATED and getattr(picture, "n_frames", 1) > 1:
            return animated(picture, photo, max_pixels)
        if picture.format in JPEGS:
            stream.seek(0)
            kept = JpegSource.of(stream.read(), orientation(picture), stored)
            return with_jpeg(photo, kept)
        if picture.format != "TIFF":
            return _first_of(picture, photo)
        further = further_pages(picture, stream, max_pixels - width * height, first)
        return replace(photo, pages=tuple(further))


def read_reduced(source: Path, side: int, *, max_pixels: int = MAX_PIXELS) -> Photo:
    """Read a picture to look at it, without further pages: JPEG is decoded at the smallest size
    whose sides have at least `side` pixels, which takes a fraction of the time.

    Raises PhotoError like `read`.
    """
    with _report_errors(source), open_existing(source) as stream:
        if stream.read(len(JPEG_START)) == JPEG_START:
            stream.seek(0)
            with _open(stream) as picture:
                return _reduced(picture, stream, side, max_pixels)
    return read(source, max_pixels=max_pixels)


def _reduced(picture: Image.Image, stream: BinaryIO, side: int, max_pixels: int) -> Photo:
    width, height = picture.size
    if width * height > max_pixels:
        raise TooLargeError.of(width, height, max_pixels)
    _check_jpeg(picture, stream)
    stored = Metadata.of(picture)
    picture.draft(picture.mode, (side, side))
    return decode(picture, stored=stored)


def _first_of(picture: Image.Image, photo: Photo) -> Photo:
    """The photo with a remark about the further pictures in its file, such as those of a burst."""
    further = getattr(picture, "n_frames", 1) - 1
    if further < 1:
        return photo
    return replace(photo, remarks=(*photo.remarks, f"further pictures left out: {further}"))


def read_size(source: Path | BinaryIO) -> tuple[int, int]:
    """Height and width of a picture as it is shown, without decoding it; raises PhotoError like
    `read`.
    """
    with _readable(source) as (picture, _):
        width, height = picture.size
        swaps, *_ = STEPS[orientation(picture)]
        return (width, height) if swaps else (height, width)


def read_metadata(source: Path | BinaryIO) -> Metadata:
    """The metadata of a picture file; raises PhotoError like `read`."""
    try:
        return _read_metadata_with_pillow(source)
    except BeyondPillowError:
        with _report_errors(source), _stream(source) as stream:
            return tiff.read_metadata(stream)


def _read_metadata_with_pillow(source: Path | BinaryIO) -> Metadata:
    with _readable(source) as (picture, stream):
        if picture.format == "TIFF":
            seek_first(picture)
        said = Metadata.of(picture)
        if picture.format not in JPEGS:
            return said
        check_bytes(stream, picture.width * picture.height)
        return JpegSource.of(stream.read(), 1, said).metadata


@contextmanager
def _readable(source: Path | BinaryIO) -> Iterator[tuple[Image.Image, BinaryIO]]:
    """Open a picture file and its stream; all problems are reported as one line."""
    with _report_errors(source), _stream(source) as stream, _open(stream) as picture:
        yield picture, stream


@contextmanager
def _report_errors(source: Path | BinaryIO | None = None) -> Iterator[None]:
    """Report any exception of a decoder in one line, since decoders may raise anything."""
    try:
        yield
    except RetintError:
        raise
    except UnidentifiedImageError:
        why = UNREADABLE if source is None else _why_unidentified(source)
        raise PhotoError(why) from None
    except MemoryError:
        raise PhotoError("not enough memory to decode it") from None
    except Exception as error:
        raise PhotoError(broken.why(error)) from error


def from_pillow(picture: Image.Image) -> Photo:
    """Convert a Pillow picture to a photo; the picture is not changed."""
    with _report_errors():
        stored = Metadata.with_exif(picture, Exif.of_edited(picture))
        return decode(picture, stored=stored)


def _stream(source: Path | BinaryIO) -> AbstractContextManager[BinaryIO]:
    # Pillow never gets a path: it would map an uncompressed TIFF into memory with its rotated size.
    return open_existing(source) if isinstance(source, Path) else nullcontext(source)


def _formats() -> list[str]:
    """Formats that Pillow may try, without those that run programs, such as EPS, and without those
    that it has not loaded.
    """
    return [each for each in (*FORMATS, *READ_ONLY) if each in Image.OPEN]


def _identified(source: BinaryIO) -> Image.Image:
    """Open a picture; raises UnidentifiedImageError if it is in no format that we read."""
    Image.preinit()  # the common formats; loading all of them takes a while
    with suppress(UnidentifiedImageError):
        return Image.open(source, formats=_formats())
    Image.init()
    return Image.open(source, formats=_formats())


def _open(source: BinaryIO) -> Image.Image:
    heif.enable(source)
    if is_big_endian_bigtiff(source):
        raise BeyondPillowError
    with _pillow_limit:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            return _identified(source)
        except UnidentifiedImageError:
            if is_tiff(source):
                raise BeyondPillowError from None
            raise
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _check_jpeg(picture: Image.Image, stream: BinaryIO) -> None:
    """Raise PhotoError for a JPEG that would take excessively long to decode, or much memory."""
    if picture.format not in JPEGS:
        return
    place = stream.tell()  # Pillow continues from there
    check_bytes(stream, picture.width * picture.height)
    end_of(stream.read())
    stream.seek(place)


def _read_raw(source: Path | BinaryIO, max_pixels: int) -> Photo:
    """Read a RAW file as a photo, to be written as TIFF, which keeps its depth."""
    remarks: list[str] = []
    with _report_errors(), _stream(source) as stream:
        pixels = grey_if_equal(raw.develop(stream, max_pixels, remarks))
        return Photo(pixels, format="TIFF", remarks=tuple(remarks))


def _why_unidentified(source: Path | BinaryIO) -> str:
    with _stream(source) as file:
        file.seek(0)
        head = file.read(HEAD)
        file.seek(-min(len(TGA_END), file.seek(0, 2)), 2)
        tail = file.read()
    if not head:
        return "the file is empty" if isinstance(source, Path) else "the input is empty"
    if tail == TGA_END or (isinstance(source, Path) and source.suffix.lower() == TGA):
        return NOT_TGA
    if head[4:8] == b"ftyp" and head[8:12] in PICTURE_BRANDS:
        return "broken AVIF or HEIF file"
    if any(head[place:].startswith(magic) for place, magic in FILM_MAGIC):
        return "this is a film, which must have the suffix of one (.mp4, .mkv)"
    own = (Image.OPEN[name][1] for name in _formats())
    known = any(accept is not None and accept(head) for accept in own)
    found = (why for start, why in NOT_READ if head.startswith(start))
    return next(found, broken.BROKEN if known else UNREADABLE)
