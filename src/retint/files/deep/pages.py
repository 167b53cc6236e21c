"""TIFF at 16 bits a channel where OpenCV ends: pages and planes, by the extra `retint[tiff]`."""

from __future__ import annotations

import importlib
import io
from collections.abc import Sequence
from types import ModuleType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from retint.extras import required

PLANES_APART = 2
"""TIFF's planar configuration of one plane a channel."""
PROFILE = 34675
"""TIFF's tag of the colour profile."""
UNDEFINED = 7
"""TIFF's type of it."""


def read(stream: BinaryIO, page: int) -> NDArray[np.uint16]:
    """Pixels [H, W, 3 or 4] of a page, as they lie in the file: not turned.

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
                raise ValueError("its 16 bits a channel are no RGB")
            pixels = found.asarray()
            apart = found.planarconfig == PLANES_APART
    except Exception as error:  # its decoders raise what they like
        raise ValueError(f"a page cannot be read: {error}") from error
    return np.ascontiguousarray(np.moveaxis(pixels, 0, -1) if apart else pixels)


def write(pages: Sequence[NDArray[Any]], profile: bytes) -> bytes:
    """A TIFF file of grey [H, W] and RGB(A) [H, W, 3 or 4] pages, all of the same profile.

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
                extratags=[(PROFILE, UNDEFINED, len(profile), profile, True)],
                metadata=None,
            )
    return buffer.getvalue()


def _tifffile() -> ModuleType:
    with required("tiff", "16 bits a channel in several pages or planes", ValueError):
        return importlib.import_module("tifffile")
