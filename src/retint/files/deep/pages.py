"""Pages and planes of TIFF with 16 bits per channel; requires `retint[tiff]`."""

from __future__ import annotations

import importlib
import io
from collections.abc import Sequence
from types import ModuleType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL.ExifTags import Base

from retint.extras import required
from retint.files.deep.tiff_directory import UNDEFINED

PLANES_APART = 2
"""TIFF's planar configuration with one plane per channel."""


def read(stream: BinaryIO, page: int) -> NDArray[np.uint16]:
    """Pixels [H, W, 3 or 4] of a page as stored, not rotated.

    Raises
    ------
    ValueError
        If the extra is missing or the page is broken.
    """
    tifffile = _tifffile()
    stream.seek(0)
    try:
        with tifffile.TiffFile(io.BytesIO(stream.read())) as file:
            found = file.pages[page]
            depth, channels = found.imagedepth, found.samplesperpixel
            if found.dtype != np.uint16 or depth != 1 or channels not in (3, 4):
                raise ValueError("its 16 bits per channel are not RGB")
            pixels = found.asarray()
            apart = found.planarconfig == PLANES_APART
    except Exception as error:  # its decoders may raise anything
        raise ValueError(f"a page cannot be read: {error}") from error
    return np.ascontiguousarray(np.moveaxis(pixels, 0, -1) if apart else pixels)


def write(pages: Sequence[NDArray[Any]], profile: bytes) -> bytes:
    """Encode grey [H, W] and RGB(A) [H, W, 3 or 4] pages with a common profile as TIFF.

    Raises
    ------
    ValueError
        If the extra is missing.
    """
    tifffile = _tifffile()
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


def _tifffile() -> ModuleType:
    with required("tiff", "TIFF with several pages or planes of 16 bits per channel", ValueError):
        return importlib.import_module("tifffile")
