"""Colour with 16 bits per channel in PNG and TIFF, with OpenCV, since Pillow does not support it.

`pages` handles the TIFF files that OpenCV does not support.

Pillow still handles the metadata of PNG: it writes a picture of one pixel, whose metadata is copied
into the file.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ExifTags import Base

from retint.errors import PhotoError
from retint.files.deep import pages as deep_pages
from retint.files.deep.tiff_directory import UNDEFINED, Reader, Value, with_tags

PNG_HEAD = 8
OPACITY = 2
"""Kind of a fourth channel (TIFF 6.0, ExtraSamples: unassociated)."""

NOT_RGB = (5, 8, 9)
"""Values of PhotometricInterpretation: CMYK, CIELAB, ICCLAB."""
OF_OPENCV = (1, 5, 8, 32773, 32946)
"""Compressions that OpenCV decodes: none, LZW, Deflate, PackBits."""
OF_PILLOW = (*OF_OPENCV, 2, 3, 4, 7, 32771, 32809, 34925, 50000)
"""Compressions that Pillow decodes: also those of fax machines, JPEG, LZMA and Zstandard."""


class BeyondPillowError(PhotoError):
    """A TIFF file that Pillow and OpenCV cannot read; tifffile may."""

    def __init__(self) -> None:
        super().__init__("this kind of TIFF is not supported; save it with 8 or 16 bits")


def read(picture: Image.Image, stream: BinaryIO, page: int = 0) -> NDArray[np.uint16] | None:
    """Pixels [H, W, 3 or 4] of a colour picture with 16 bits per channel; None for all others.

    Parameters
    ----------
    picture
        As opened by Pillow from `stream`, before decoding.
    page
        The current page of Pillow.

    Raises
    ------
    ValueError
        If it is broken.
    """
    if not is_deep(picture):
        return None
    tags = getattr(picture, "tag_v2", {})
    # Pillow and OpenCV both misinterpret separate planes.
    if page or tags.get(Base.PlanarConfiguration) == deep_pages.PLANES_APART:
        return deep_pages.read(stream, page)
    import cv2

    stream.seek(0)
    content = stream.read()
    if picture.format == "TIFF":
        content = _without_orientation(content)
    elif not _is_whole(content):
        raise ValueError("a chunk is longer than the file")
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise ValueError(str(error)) from error
    if pixels is None or pixels.dtype != np.uint16 or pixels.ndim != 3:
        raise ValueError("its 16 bits per channel cannot be read")
    return _swap_red_and_blue(np.asarray(pixels, np.uint16))


def check(picture: Image.Image) -> None:
    """Raise BeyondPillowError for a TIFF page, opened by Pillow, that Pillow and OpenCV cannot
    decode or would misinterpret.
    """
    if picture.format != "TIFF":
        return
    tags = getattr(picture, "tag_v2", {})
    deep = is_deep(picture)
    lab_or_cmyk = tags.get(Base.PhotometricInterpretation) in NOT_RGB
    compression = tags.get(Base.Compression, 1)
    if (
        picture.mode == "F"
        or (deep and (lab_or_cmyk or compression not in OF_OPENCV))
        or compression not in OF_PILLOW
    ):
        raise BeyondPillowError


def is_deep(picture: Image.Image) -> bool:
    """Whether a picture opened by Pillow has colour with 16 bits per channel."""
    if picture.format == "PNG":
        return picture.mode.startswith("RGB") and any(
            ";16" in str(tile[3]) for tile in getattr(picture, "tile", ())
        )
    tags = getattr(picture, "tag_v2", {})
    bits = tags.get(Base.BitsPerSample, ())
    return picture.format == "TIFF" and len(bits) >= 3 and set(bits) == {16}


def png(pixels: NDArray[np.uint16], options: dict[str, Any]) -> bytes:
    """Encode grey [H, W] or RGB(A) [H, W, 3 or 4] as PNG, with Pillow's options."""
    import cv2

    level = options.get("compress_level", 3)
    done, encoded = cv2.imencode(
        ".png", _swap_red_and_blue(pixels), [cv2.IMWRITE_PNG_COMPRESSION, level]
    )
    if not done:
        raise ValueError("OpenCV cannot encode it")
    content = encoded.tobytes()
    said = b"".join(
        chunk for kind, chunk in _chunks(_donor(options)) if kind not in (b"IHDR", b"IDAT", b"IEND")
    )
    kept = [
        (kind, chunk) for kind, chunk in _chunks(content) if kind in (b"IHDR", b"IDAT", b"IEND")
    ]
    (_, header), *rest = kept
    return content[:PNG_HEAD] + header + said + b"".join(chunk for _, chunk in rest)


def tiff(pixels: NDArray[np.uint16], options: dict[str, Any]) -> bytes:
    """Encode grey [H, W] or RGB(A) [H, W, 3 or 4] as TIFF, with Pillow's options."""
    import cv2

    how = [cv2.IMWRITE_TIFF_COMPRESSION, cv2.IMWRITE_TIFF_COMPRESSION_ADOBE_DEFLATE]
    done, encoded = cv2.imencode(".tif", _swap_red_and_blue(pixels), how)
    if not done:
        raise ValueError("OpenCV cannot encode it")
    further: dict[int, Value] = {Base.InterColorProfile: Value(UNDEFINED, options["icc_profile"])}
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        further[Base.ExtraSamples] = Value.short(OPACITY)
    return with_tags(encoded.tobytes(), [further])


def tiff_pages(pages: Sequence[NDArray[Any]], options: dict[str, Any]) -> bytes:
    """Encode such pages, or 8-bit pages, as TIFF, with Pillow's options for the first page."""
    return deep_pages.write(pages, options["icc_profile"])


def _without_orientation(content: bytes) -> bytes:
    """A TIFF file without its orientation, which OpenCV applies only for some formats."""
    reader = Reader.of(io.BytesIO(content))
    try:
        if reader.big or not reader.directory(reader.first, [Base.Orientation])[0]:
            return content
        return with_tags(content, [{Base.Orientation: Value.short(1)}])
    except struct.error as error:
        raise ValueError("its directory is broken") from error


def _swap_red_and_blue(pixels: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Swap red and blue for OpenCV: RGB(A) to BGR(A), or back; grey is unchanged."""
    if pixels.ndim == 2:
        return pixels
    import cv2

    how = cv2.COLOR_BGR2RGB if pixels.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
    return np.asarray(cv2.cvtColor(pixels, how), np.uint16)


def _donor(options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (1, 1)).save(buffer, "PNG", **options)
    return buffer.getvalue()


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and content of the chunks of a PNG file."""
    place = PNG_HEAD
    while place + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, place)
        yield kind, content[place : place + 12 + size]
        place += 12 + size


def _is_whole(content: bytes) -> bool:
    """Whether the chunks of a PNG file are complete: OpenCV allocates memory by their stated
    lengths.
    """
    place = PNG_HEAD
    while place + 8 <= len(content):
        (size,) = struct.unpack_from(">I", content, place)
        place += 12 + size
    return place <= len(content)
