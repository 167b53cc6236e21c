"""Broken files of all formats: every message is retint's own."""

from __future__ import annotations

import io
import random
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from retint import files
from retint.errors import PhotoError
from retint.files import broken
from retint.files.reading import UNREADABLE

YS, XS = np.mgrid[:48, :64]
GREY = (XS * 3 + YS * 2).astype(np.uint8)
RGB = np.stack([GREY, GREY[::-1], GREY[:, ::-1]], -1)
OWN = re.compile(
    f"{broken.TRUNCATED}|{broken.BROKEN}|{UNREADABLE}|the input is empty|broken AVIF or HEIF file"
    r"|its kind is not supported \(.*\)|.*is not supported; .*|.* samples per pixel"
    r"|it has no pixels|its compression .* is not supported|its samples of .* are not supported"
    r"|.* pixels exceed the limit .*|it has more than .*|not enough memory.*|signed values .*"
)
"""Messages that say in plain words what is wrong."""


def saved(format: str, mode: str = "L", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture = Image.fromarray(GREY if mode in "1L" else RGB)
    picture.convert(mode).save(buffer, format, **options)
    return buffer.getvalue()


WHOLE = {
    "jpeg": saved("JPEG"),
    "progressive": saved("JPEG", "RGB", progressive=True),
    "png": saved("PNG"),
    "png16": cv2.imencode(".png", RGB.astype(np.uint16) * 257)[1].tobytes(),
    "palette": saved("PNG", "P"),
    "webp": saved("WEBP"),
    "animation": saved("WEBP", save_all=True, append_images=[Image.fromarray(GREY[::-1])]),
    "avif": saved("AVIF"),
    "gif": saved("GIF"),
    "bmp": saved("BMP"),
    "ppm": saved("PPM", "RGB"),
    "jp2": saved("JPEG2000"),
    "tiff": saved("TIFF"),
    "tiff-lzw": saved("TIFF", "RGB", compression="tiff_lzw"),
    "tiff-deflate": saved("TIFF", compression="tiff_adobe_deflate"),
    "tiff-jpeg": saved("TIFF", compression="jpeg"),
    "tiff-fax": saved("TIFF", "1", compression="group4"),
}


def damaged(content: bytes) -> Iterator[bytes]:
    """Cut at ten places, and with bits flipped at twenty."""
    yield from (content[: len(content) * k // 10] for k in range(10))
    chance = random.Random(len(content))
    for _ in range(20):
        flipped = bytearray(content)
        early = min(len(flipped), 400) if chance.random() < 0.6 else len(flipped)
        flipped[chance.randrange(early)] ^= 1 << chance.randrange(8)
        yield bytes(flipped)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", WHOLE)
def test_messages_about_broken_files_are_in_plain_words(kind: str) -> None:
    files.read(io.BytesIO(WHOLE[kind]))
    found = []
    for content in damaged(WHOLE[kind]):
        try:
            files.read(io.BytesIO(content))
        except PhotoError as error:
            found.append(str(error))
    assert found
    assert [each for each in found if not OWN.fullmatch(each)] == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError("decoder error -2"), broken.BROKEN),
        (OSError("image file is truncated (3 bytes not processed)"), broken.TRUNCATED),
        (ValueError("not enough values to unpack (expected at least 1, got 0)"), broken.TRUNCATED),
        (TypeError("'<' not supported between instances of 'int' and 'tuple'"), broken.BROKEN),
        (OSError("Unsupported BMP compression (7)"),
         "its kind is not supported (Unsupported BMP compression (7))"),
        (KeyError(), broken.BROKEN),
        (PermissionError(13, "Permission denied"), "Permission denied"),
    ],
    ids=["code", "truncated", "python", "operator", "unsupported", "empty", "system"],
)  # fmt: skip
def test_exceptions_of_libraries_are_translated(error: Exception, said: str) -> None:
    assert broken.why(error) == said


def test_a_cut_heic_is_not_a_film() -> None:
    with pytest.raises(PhotoError, match=r"broken AVIF or HEIF file|requires"):
        files.read(io.BytesIO(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"))


def old_style(jpeg: bytes, channels: int) -> bytes:
    """TIFF with a whole JPEG file in it, as scanners of the 1990s wrote it (TIFF 6.0, 22)."""
    kind = 6 if channels == 3 else 1
    head = 8 + 2 + 12 * 11 + 4
    start = head + 6
    bits = struct.pack("<I", head) if channels == 3 else struct.pack("<HH", 8, 0)
    short = {256: 64, 257: 48, 259: 6, 262: kind, 277: channels, 278: 48, 512: 1}
    long = {273: start, 279: len(jpeg), 513: start}
    fields = {tag: struct.pack("<HHIHH", tag, 3, 1, value, 0) for tag, value in short.items()}
    fields |= {tag: struct.pack("<HHII", tag, 4, 1, value) for tag, value in long.items()}
    fields[258] = struct.pack("<HHI", 258, 3, channels) + bits
    directory = b"".join(fields[tag] for tag in sorted(fields))
    content = b"II*\0" + struct.pack("<IH", 8, len(fields)) + directory + bytes(4)
    return content + struct.pack("<HHH", 8, 8, 8) + jpeg


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_old_style_jpeg_in_tiff_is_read(mode: str) -> None:
    pytest.importorskip("imagecodecs")
    jpeg = saved("JPEG", mode)
    content = old_style(jpeg, len(mode))
    photo = files.read(io.BytesIO(content))
    np.testing.assert_array_equal(photo.pixels, np.asarray(Image.open(io.BytesIO(jpeg))))
    with pytest.raises(PhotoError, match=broken.TRUNCATED):
        files.read(io.BytesIO(content[:-100]))


@pytest.mark.parametrize("kind", ["tiff-deflate", "png16"])
def test_c_libraries_print_nothing(tmp_path: Path, kind: str) -> None:
    content = bytearray(WHOLE[kind])
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "a.tif").write_bytes(content)
    call = [sys.executable, "-m", "retint", "a.tif", "--method", "gray"]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == f"retint: a.tif: {broken.BROKEN}\n"
