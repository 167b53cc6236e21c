"""RAW files of cameras and scanners, including DNG, through LibRaw; requires `retint[raw]`."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL.ExifTags import Base

from retint.errors import PhotoError, TooLargeError
from retint.extras import required
from retint.files.deep.tiff_directory import Reader
from retint.files.formats import RAW_ENDINGS

GAMMA = (2.4, 12.92)
"""sRGB's curve in the form that LibRaw takes."""


def is_raw(source: Path | BinaryIO) -> bool:
    """Whether a file is RAW: by its name, or a stream by DNG's tag."""
    if isinstance(source, Path):
        return source.suffix.lower() in RAW_ENDINGS
    try:
        reader = Reader.of(source)
        return bool(reader.directory(reader.first, [Base.DNGVersion])[0])
    except (ValueError, struct.error):  # not a TIFF file, or broken
        return False
    finally:
        source.seek(0)


def develop(stream: BinaryIO, max_pixels: int) -> NDArray[np.uint16]:
    """Pixels [H, W, 3] in sRGB, upright, with exposure and white balance from the file.

    Raises
    ------
    PhotoError
        If the extra is missing, or the file is broken or has more than `max_pixels`.
    """
    with required("raw", "RAW", PhotoError):
        import rawpy
    try:
        with rawpy.imread(stream) as raw:
            height, width = raw.sizes.height, raw.sizes.width
            if height * width > max_pixels:
                raise TooLargeError.of(width, height, max_pixels)
            # By default, LibRaw would brighten it until one percent is white.
            pixels = raw.postprocess(
                use_camera_wb=True,
                no_auto_bright=True,
                adjust_maximum_thr=0,
                output_bps=16,
                gamma=GAMMA,
            )
    except rawpy.LibRawError as error:
        raise PhotoError(f"broken RAW file ({_line(error)})") from error
    return np.asarray(pixels, np.uint16)


def _line(error: Exception) -> str:
    """LibRaw's message, which may be bytes."""
    message = error.args[0] if error.args else type(error).__name__
    return message.decode(errors="replace") if isinstance(message, bytes) else str(message)
