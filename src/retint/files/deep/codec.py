"""Colour with 16 bits per channel in PNG and TIFF, with OpenCV, since Pillow does not support it.

`pages` handles the TIFF files that OpenCV does not support.

Pillow still handles the metadata: it writes a picture of one pixel, whose metadata is copied into
the file.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retint.files.deep import pages as deep_pages
from retint.files.deep.tiff_directory import Directory, aligned
from retint.files.metadata import STRUCTURE

PNG_HEAD = 8
BITS_PER_SAMPLE, ORIENTATION, PLANAR = 258, 274, 284
CLASSIC = 42
"""Version number of classic TIFF files, not BigTIFF."""
KINDS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Bytes per value of each TIFF type."""
OPACITY = struct.pack("<HHIHH", 338, 3, 1, 2, 0)
"""TIFF field that declares the fourth channel as opacity (ExtraSamples, unassociated)."""
SAID = {700, 33723, 34675}
"""XMP, IPTC and the colour profile, which are rewritten rather than copied."""


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
    # Pillow and OpenCV both misinterpret separate planes.
    if page or getattr(picture, "tag_v2", {}).get(PLANAR) == deep_pages.PLANES_APART:
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


def is_deep(picture: Image.Image) -> bool:
    """Whether a picture opened by Pillow has colour with 16 bits per channel."""
    if picture.format == "PNG":
        return picture.mode.startswith("RGB") and any(
            ";16" in str(tile[3]) for tile in getattr(picture, "tile", ())
        )
    tags = getattr(picture, "tag_v2", {})
    bits = tags.get(BITS_PER_SAMPLE, ())
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
        chunk
        for kind, chunk in _chunks(_donor("PNG", options))
        if kind not in (b"IHDR", b"IDAT", b"IEND")
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
    options = {name: value for name, value in options.items() if name != "compression"}
    extra = [OPACITY] if pixels.ndim == 3 and pixels.shape[2] == 4 else []
    return _with_tags(encoded.tobytes(), _donor("TIFF", options), extra)


def tiff_pages(pages: Sequence[NDArray[Any]], options: dict[str, Any]) -> bytes:
    """Encode such pages, or 8-bit pages, as TIFF, with Pillow's options for the first page."""
    content = deep_pages.write(pages, options["icc_profile"])
    options = {name: value for name, value in options.items() if name != "compression"}
    return _with_tags(content, _donor("TIFF", options))


def _without_orientation(content: bytes) -> bytes:
    """A TIFF file without its orientation, which OpenCV applies only for some formats."""
    try:
        directory = Directory.first(content)
        (magic,) = struct.unpack_from(f"{directory.order}H", content, 2)
        tags = [directory.tag(field) for field in directory.fields]
    except struct.error as error:
        raise ValueError("its directory is broken") from error
    if magic != CLASSIC or ORIENTATION not in tags:
        return content
    place = directory.start(tags.index(ORIENTATION))
    upright = struct.pack(f"{directory.order}HHIH", ORIENTATION, 3, 1, 1)
    return content[:place] + upright + content[place + len(upright) :]


def _swap_red_and_blue(pixels: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Swap red and blue for OpenCV: RGB(A) to BGR(A), or back; grey is unchanged."""
    if pixels.ndim == 2:
        return pixels
    import cv2

    how = cv2.COLOR_BGR2RGB if pixels.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
    return np.asarray(cv2.cvtColor(pixels, how), np.uint16)


def _donor(format: str, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (1, 1)).save(buffer, format, **options)
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


def _with_tags(content: bytes, donor: bytes, extra: Sequence[bytes] = ()) -> bytes:
    """Copy the metadata of another TIFF file into a little-endian one, and add further fields."""
    own, other = Directory.first(content), Directory.first(donor)
    fields = {own.tag(field): field for field in own.fields}
    whole = bytearray(content)
    for field in other.fields:
        tag, kind, number, place = struct.unpack("<HHII", field)
        if tag in STRUCTURE - SAID:
            continue
        size = KINDS.get(kind, 1) * number
        if size > 4:
            field = struct.pack("<HHII", tag, kind, number, aligned(whole))
            whole += donor[place : place + size]
        fields[tag] = field
    fields |= {own.tag(field): field for field in extra}
    return own.with_fields(whole, list(fields.values()))
