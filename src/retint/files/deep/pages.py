"""Pages of TIFF that Pillow and OpenCV cannot read or write; requires `retint[tiff]`."""

from __future__ import annotations

import importlib
import io
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL.ExifTags import Base

from retint.errors import PhotoError
from retint.extras import required
from retint.files.deep.tiff_directory import UNDEFINED

PLANES_APART = 2
"""TIFF's planar configuration with one plane per channel."""
MOST_SAMPLES = 16
"""Samples per pixel; a file with more is not a picture."""
MOST_PAGES = 1000
"""Maximum number of pages; a file with more is not a picture."""
COMPRESSIONS = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 32773, 32946, 33003, 33005, 34712, 34925, 50000,
                          50001, 50002, 52546})  # fmt: skip
"""None, those of fax machines, LZW, old-style JPEG, JPEG, Deflate, PackBits, JPEG 2000, LZMA,
Zstandard, WebP, JPEG XL.
"""
FURTHER = "TIFF with several pages or planes of 16 bits per channel"
"""The feature that needs the extra, where Pillow has opened the file."""


@dataclass(frozen=True)
class Samples:
    """A page as stored, not rotated (TIFF 6.0, section 8)."""

    values: NDArray[Any]
    """[H, W, samples per pixel]."""
    bits: int
    photometric: int
    extra: tuple[int, ...]
    """ExtraSamples: the meanings of the samples after the colour."""
    reduced: bool
    """Whether it is a reduced copy of another page."""
    offset: int
    """Place of its directory in the file."""
    palette: NDArray[np.uint16] | None = None
    """[3, colours]."""
    profile: bytes | None = None
    tags: tuple[int, ...] = ()
    """All tags of its directory."""
    description: str = ""


def read(stream: BinaryIO, page: int) -> NDArray[np.uint16]:
    """Pixels [H, W, 3 or 4] of a page in RGB, as stored, not rotated.

    Raises
    ------
    PhotoError
        If the extra is missing.
    ValueError
        If the page is broken.
    """
    (found,) = _pages(stream, lambda pages: [pages[page]], FURTHER)
    if found.values.dtype != np.uint16 or found.values.shape[2] < 3:
        raise ValueError("its 16 bits per channel are not RGB")
    return np.ascontiguousarray(found.values[..., :4])


def read_all(stream: BinaryIO, admit: Callable[[int, int], None]) -> list[Samples]:
    """All pages; `admit` is called with the height and width of each before any is decoded.

    Raises
    ------
    PhotoError
        If the extra is missing, or a page is of a kind that is not supported.
    ValueError
        If a page is broken.
    """

    def chosen(pages: Any) -> list[Any]:
        found = [page for page, _ in zip(pages, range(MOST_PAGES), strict=False)]
        for page in found:
            admit(int(page.imagelength), int(page.imagewidth))
        return found

    return _pages(stream, chosen, "this kind of TIFF")


def _pages(stream: BinaryIO, chosen: Callable[[Any], list[Any]], what: str) -> list[Samples]:
    tifffile = _tifffile(what)
    stream.seek(0)
    content = stream.read()
    try:
        with tifffile.TiffFile(io.BytesIO(content)) as file:
            return [_samples(page.aspage(), len(content)) for page in chosen(file.pages)]
    except PhotoError:
        raise
    except Exception as error:  # its decoders may raise anything
        raise ValueError(f"a page cannot be read: {error}") from error


def _samples(page: Any, size: int) -> Samples:
    if page.imagedepth != 1:
        raise PhotoError("it is a volume, not a picture")
    if page.imagewidth < 1 or page.imagelength < 1:
        raise PhotoError("it has no pixels")
    if page.compression not in COMPRESSIONS:
        raise PhotoError(f"its compression {_name(page.compression)} is not supported")
    if page.samplesperpixel > MOST_SAMPLES:
        raise PhotoError(f"it has {page.samplesperpixel} samples per pixel")
    if page.dtype is None:
        raise PhotoError(f"its samples of {page.bitspersample} bits are not supported")
    ends = [at + count for at, count in zip(page.dataoffsets, page.databytecounts, strict=False)]
    # Otherwise, missing parts would be black.
    if not ends or max(ends) > size or min(page.databytecounts) == 0:
        raise ValueError("the file is truncated")
    values = page.asarray()
    if page.planarconfig == PLANES_APART and page.samplesperpixel > 1:
        values = np.moveaxis(values, 0, -1)
    values = values.reshape(page.imagelength, page.imagewidth, page.samplesperpixel)
    palette = page.colormap
    native = np.ascontiguousarray(values, values.dtype.newbyteorder("="))
    return Samples(
        native, int(page.bitspersample), int(page.photometric),
        tuple(map(int, page.extrasamples)), bool(page.subfiletype & 1), int(page.offset),
        None if palette is None else np.asarray(palette, np.uint16), page.iccprofile or None,
        tuple(int(each.code) for each in page.tags), str(page.description or ""),
    )  # fmt: skip


def _name(number: int) -> str:
    """TIFF's name of a number, if it has one."""
    return str(getattr(number, "name", number))


def write(pages: Sequence[NDArray[Any]], profile: bytes) -> bytes:
    """Encode grey [H, W] and RGB(A) [H, W, 3 or 4] pages with a common profile as TIFF.

    Raises
    ------
    PhotoError
        If the extra is missing.
    """
    tifffile = _tifffile(FURTHER)
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer, byteorder="<") as file:
        for pixels in pages:
            file.write(
                pixels,
                photometric="rgb" if pixels.ndim == 3 else "minisblack",
                extrasamples=["unassalpha"] if pixels.ndim == 3 and pixels.shape[2] == 4 else None,
                compression="zlib",
                extratags=[(int(Base.InterColorProfile), UNDEFINED, len(profile), profile, True)],
                metadata=None,
            )
    return buffer.getvalue()


def _tifffile(what: str) -> ModuleType:
    with required("tiff", what, PhotoError):
        found = importlib.import_module("tifffile")
    log = logging.getLogger("tifffile")
    if not log.handlers:  # it would print what is raised as an error anyway
        log.addHandler(logging.NullHandler())
    return found
