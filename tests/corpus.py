"""Small pictures in many formats and encodings, as written by other programs."""

from __future__ import annotations

import io
import struct
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


def chunk(kind: bytes, content: bytes) -> bytes:
    crc = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + crc


def interlaced() -> bytes:
    """Adam7 (PNG specification, section 8): seven smaller pictures, no filter in any row."""
    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
              (1, 0, 2, 1))  # fmt: skip
    rows = b"".join(
        b"\0" + row.tobytes()
        for top, left, down, across in passes
        for row in np.ascontiguousarray(SMOOTH[top::down, left::across])
    )
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *SIZE[::-1], 8, 0, 0, 0, 1))
    body = header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def packed_bmp() -> bytes:
    """RLE8: (count, level) pairs, rows from below, each ended by 0, 0, all by 0, 1."""
    rows = b"".join(b"".join(bytes([1, v]) for v in row) + b"\0\0" for row in SMOOTH[::-1])
    rows += b"\0\1"
    colors = b"".join(bytes([v, v, v, 0]) for v in range(256))
    start = 14 + 40 + len(colors)
    height, width = SIZE
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(rows), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start) + info + colors + rows


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return pillow(TONED, "JPEG", exif=exif.tobytes(), quality=95)


def hostile(**said: Any) -> bytes:
    """A picture in order whose metadata are not."""
    return pillow(TONED, "JPEG", quality=95, **said)


LOOP = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\0\0\0\0"
"""EXIF whose sub-directory is itself."""
WRONG_TYPES = (
    b"Exif\0\0II*\0\x08\0\0\0\x02\0\x12\x01\x05\0\x01\0\0\0\xff\xff\0\0"
    b"\x1a\x01\x02\0\xff\xff\xff\xff\x08\0\0\0\0\0\0\0"
)
"""An orientation that is a fraction far outside, a resolution that is an endless text."""
DEEP_XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + b"<a>" * 5000 + b"</a>" * 5000

CORPUS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "JPEG": ("jpg", lambda: ours("JPEG")),
    "JPEG, progressive": ("jpg", lambda: pillow(TONED, "JPEG", progressive=True)),
    "JPEG, CMYK": ("jpg", lambda: pillow(TONED, "JPEG", "CMYK")),
    "PNG": ("png", lambda: ours("PNG")),
    "PNG, 1 bit": ("png", lambda: pillow(SMOOTH, "PNG", "1")),
    "PNG, palette": ("png", lambda: pillow(TONED, "PNG", "P", transparency=3)),
    "PNG, 16 bits": ("png", deep_png),
    "PNG, interlaced": ("png", interlaced),
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
    "TIFF, opacity": (
        "tif",
        lambda: tiff(np.dstack([WIDE, WIDE]), photometric="minisblack", extrasamples=[2]),
    ),
    "TIFF, big-endian BigTIFF": (
        "tif",
        lambda: tiff(SMOOTH, bigtiff=True, byteorder=">", photometric="minisblack"),
    ),
    "TIFF, floating point": (
        "tif",
        lambda: tiff(
            (WIDE / 65535).astype(np.float32),
            compression="lzw",
            predictor=True,
            photometric="minisblack",
        ),
    ),
    "TIFF, JPEG XL": (
        "tif",
        lambda: tiff(WIDE, compression="jpegxl", photometric="minisblack"),
    ),
    "TIFF, JPEG 2000": (
        "tif",
        lambda: tiff(WIDE, compression="jpeg2000", photometric="minisblack"),
    ),
    "TIFF, CMYK": ("tif", lambda: tiff(np.dstack([WIDE] * 4), photometric="separated")),
    "WebP": ("webp", lambda: ours("WEBP")),
    "WebP, moving": ("webp", lambda: moving("WEBP")),
    "AVIF": ("avif", lambda: ours("AVIF")),
    "JPEG 2000": ("jp2", lambda: pillow(TONED, "JPEG2000")),
    "BMP": ("bmp", lambda: pillow(SMOOTH, "BMP")),
    "BMP, RLE": ("bmp", packed_bmp),
    "GIF": ("gif", lambda: moving("GIF")),
    "PCX": ("pcx", lambda: pillow(TONED, "PCX")),
    "PGM, 16 bits": (
        "pgm",
        lambda: b"P5 64 48 65535\n" + WIDE.astype(">u2").tobytes(),
    ),
    "JPEG, EXIF in a loop": ("jpg", lambda: hostile(exif=LOOP)),
    "JPEG, EXIF of wrong types": ("jpg", lambda: hostile(exif=WRONG_TYPES)),
    "JPEG, deep XMP": ("jpg", lambda: hostile(xmp=DEEP_XMP)),
    "JPEG, broken profile": ("jpg", lambda: hostile(icc_profile=b"acsp" * 99)),
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
