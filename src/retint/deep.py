"""Colour at 16 bits a channel, which Pillow neither reads nor writes: PNG and TIFF, by OpenCV.

What files say besides their pixels is Pillow's work here too: it writes a picture of one pixel, and
all but that pixel is put into the file.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retint.metadata import STRUCTURE

PNG_HEAD = 8
BITS_PER_SAMPLE, PLANAR = 258, 284
KINDS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Bytes of a value of each of TIFF's types."""
SAID = {700, 33723, 34675}
"""XMP, IPTC and the colour profile: among the tags that are written anew, not copied."""


def read(picture: Image.Image, stream: BinaryIO) -> NDArray[np.uint16] | None:
    """Pixels [H, W, 3 or 4] of a colour picture with 16 bits a channel; None for all others.

    Parameters
    ----------
    picture
        As Pillow has opened it from `stream`, before it is decoded.

    Raises
    ------
    ValueError
        If it is broken.
    """
    if not is_deep(picture):
        return None
    if getattr(picture, "tag_v2", {}).get(PLANAR) == 2:
        # Pillow and OpenCV both take its planes for pixels.
        raise ValueError("its channels lie apart, at 16 bits: save it with channels interleaved")
    stream.seek(0)
    content = stream.read()
    if picture.format == "TIFF":
        content = _unturned(content)
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise ValueError(str(error)) from error
    if pixels is None or pixels.dtype != np.uint16 or pixels.ndim != 3:
        raise ValueError("its 16 bits a channel cannot be read")
    return _swapped(np.asarray(pixels, np.uint16))


def is_deep(picture: Image.Image) -> bool:
    """Whether a picture that Pillow has opened has colour at 16 bits a channel."""
    if picture.format == "PNG":
        return picture.mode.startswith("RGB") and any(
            ";16" in str(tile[3]) for tile in getattr(picture, "tile", ())
        )
    tags = getattr(picture, "tag_v2", {})
    bits = tags.get(BITS_PER_SAMPLE, ())
    return picture.format == "TIFF" and len(bits) >= 3 and set(bits) == {16}


def png(pixels: NDArray[np.uint16], options: dict[str, Any]) -> bytes:
    """A PNG file of grey [H, W] or RGB(A) [H, W, 3 or 4], with Pillow's options."""
    level = options.get("compress_level", 3)
    done, encoded = cv2.imencode(".png", _swapped(pixels), [cv2.IMWRITE_PNG_COMPRESSION, level])
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
    """A TIFF file of grey [H, W] or RGB(A) [H, W, 3 or 4], with Pillow's options."""
    how = [cv2.IMWRITE_TIFF_COMPRESSION, cv2.IMWRITE_TIFF_COMPRESSION_ADOBE_DEFLATE]
    done, encoded = cv2.imencode(".tif", _swapped(pixels), how)
    if not done:
        raise ValueError("OpenCV cannot encode it")
    options = {name: value for name, value in options.items() if name != "compression"}
    return _with_tags(encoded.tobytes(), _donor("TIFF", options))


def _unturned(content: bytes) -> bytes:
    """A TIFF file without its orientation: OpenCV would apply it, but only for some formats."""
    order = "<" if content[:2] == b"II" else ">"
    try:
        magic, first = struct.unpack_from(f"{order}HI", content, 2)
        (count,) = struct.unpack_from(f"{order}H", content, first)
        for place in range(first + 2, first + 2 + 12 * count, 12):
            if magic == 42 and struct.unpack_from(f"{order}H", content, place) == (274,):
                upright = struct.pack(f"{order}HHIH", 274, 3, 1, 1)
                return content[:place] + upright + content[place + len(upright) :]
    except struct.error as error:
        raise ValueError("its directory is broken") from error
    return content


def _swapped(pixels: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """OpenCV has blue first: RGB(A) to BGR(A), or back; grey as it is."""
    if pixels.ndim == 2:
        return pixels
    order = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    return np.asarray(cv2.cvtColor(pixels, order), np.uint16)


def _donor(format: str, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (1, 1)).save(buffer, format, **options)
    return buffer.getvalue()


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and bytes of PNG's chunks."""
    place = PNG_HEAD
    while place + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, place)
        yield kind, content[place : place + 12 + size]
        place += 12 + size


def _with_tags(content: bytes, donor: bytes) -> bytes:
    """A little-endian TIFF file with what another one says of itself (TIFF 6.0, section 2)."""
    (first,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, first)
    fields = {}
    for k in range(count):
        field = content[first + 2 + 12 * k : first + 14 + 12 * k]
        fields[struct.unpack_from("<H", field)[0]] = field
    whole = bytearray(content)
    (theirs,) = struct.unpack_from("<I", donor, 4)
    for k in range(struct.unpack_from("<H", donor, theirs)[0]):
        field = donor[theirs + 2 + 12 * k : theirs + 14 + 12 * k]
        tag, kind, number, place = struct.unpack("<HHII", field)
        if tag in STRUCTURE - SAID:
            continue
        size = KINDS.get(kind, 1) * number
        if size > 4:
            whole += b"\0" * (len(whole) % 2)
            field = struct.pack("<HHII", tag, kind, number, len(whole))
            whole += donor[place : place + size]
        fields[tag] = field
    whole += b"\0" * (len(whole) % 2)
    struct.pack_into("<I", whole, 4, len(whole))
    ordered = b"".join(fields[tag] for tag in sorted(fields))
    return bytes(whole) + struct.pack("<H", len(fields)) + ordered + b"\0\0\0\0"
