"""Small pictures of many formats and ways of storing, as other programs write them."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from retint.files import FORMATS, Metadata, Photo, encode

SIZE = (48, 64)
RNG = np.random.default_rng(0)
SMOOTH = np.asarray(
    Image.fromarray(RNG.integers(0, 256, (6, 8)).astype(np.uint8)).resize(SIZE[::-1])
)
TONED = np.stack([SMOOTH, SMOOTH // 2 + 40, SMOOTH // 3], axis=-1)
WIDE = SMOOTH.astype(np.uint16) * 257


def ours(format: str) -> bytes:
    """With everything in it that retint writes."""
    exif = Image.Exif()
    exif[0x010F] = "Agfa"
    exif.get_ifd(0x8769)[0x9003] = "1931:05:01 12:00:00"
    said = Metadata(exif.tobytes(), b"<x/>", b"\x1c\x02\x78\x00\x01A", (300, 300), thumbnail=True)
    return encode(Photo(SMOOTH, metadata=said), FORMATS[format])


def pillow(pixels: NDArray[Any], format: str, mode: str = "", **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture = Image.fromarray(pixels)
    (picture.convert(mode) if mode else picture).save(buffer, format, **options)
    return buffer.getvalue()


def tiff(pixels: NDArray[Any], **options: Any) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, pixels, **options)
    return buffer.getvalue()


def moving(format: str) -> bytes:
    frames = [Image.fromarray(SMOOTH // k) for k in (1, 2, 3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, format, save_all=True, append_images=frames[1:], duration=80)
    return buffer.getvalue()


def deep_png() -> bytes:
    pixels = np.dstack([WIDE, WIDE, WIDE // 2, WIDE])
    return encode(Photo(pixels[..., :3], alpha=pixels[..., 3]), FORMATS["PNG"])


CORPUS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "JPEG": ("jpg", lambda: ours("JPEG")),
    "JPEG, progressive": ("jpg", lambda: pillow(TONED, "JPEG", progressive=True)),
    "JPEG, CMYK": ("jpg", lambda: pillow(TONED, "JPEG", "CMYK")),
    "PNG": ("png", lambda: ours("PNG")),
    "PNG, 1 bit": ("png", lambda: pillow(SMOOTH, "PNG", "1")),
    "PNG, palette": ("png", lambda: pillow(TONED, "PNG", "P", transparency=3)),
    "PNG, 16 bits": ("png", deep_png),
    "PNG, moving": ("png", lambda: moving("PNG")),
    "TIFF": ("tif", lambda: ours("TIFF")),
    "TIFF, LZW": ("tif", lambda: pillow(TONED, "TIFF", compression="tiff_lzw")),
    "TIFF, JPEG": ("tif", lambda: pillow(TONED, "TIFF", compression="jpeg")),
    "TIFF, tiles": ("tif", lambda: tiff(WIDE, tile=(16, 16), photometric="minisblack")),
    "TIFF, planes": (
        "tif",
        lambda: tiff(np.stack([WIDE] * 3), planarconfig="separate", photometric="rgb"),
    ),
    "TIFF, pages": ("tif", lambda: tiff(np.stack([SMOOTH] * 3), photometric="minisblack")),
    "BigTIFF": ("tif", lambda: tiff(SMOOTH, bigtiff=True, photometric="minisblack")),
    "WebP": ("webp", lambda: ours("WEBP")),
    "WebP, moving": ("webp", lambda: moving("WEBP")),
    "AVIF": ("avif", lambda: ours("AVIF")),
    "JPEG 2000": ("jp2", lambda: pillow(TONED, "JPEG2000")),
    "BMP": ("bmp", lambda: pillow(SMOOTH, "BMP")),
    "GIF": ("gif", lambda: moving("GIF")),
    "PGM, 16 bits": (
        "pgm",
        lambda: b"P5 64 48 65535\n" + WIDE.astype(">u2").tobytes(),
    ),
}
"""Ending and content, by what it is."""


def checksums_mended(content: bytes) -> bytes:
    """A PNG file whose chunks have the right sums again, so that what is in them is looked at."""
    if not content.startswith(b"\x89PNG"):
        return content
    mended, place = bytearray(content), 8
    while place + 12 <= len(content):
        size = int.from_bytes(content[place : place + 4], "big")
        end = place + 8 + size
        if end + 4 > len(content):
            break
        mended[end : end + 4] = zlib.crc32(content[place + 4 : end]).to_bytes(4, "big")
        place = end + 4
    return bytes(mended)
