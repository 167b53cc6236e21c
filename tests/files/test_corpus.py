"""Broken pictures, some thousand of them: each is read or refused, in time and in memory.

`RETINT_MUTATIONS` says how many mutations of each format; `make fuzz` takes more.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retint.files import Photo, encode, formats
from retint.files.metadata import Metadata

from ..reader import Reader

MUTATIONS = int(os.environ.get("RETINT_MUTATIONS", "200"))
FORMATS = {"JPEG": "jpg", "PNG": "png", "TIFF": "tif", "WEBP": "webp"}


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.stop()


def whole(format: str) -> bytes:
    """A small file with everything in it."""
    rng = np.random.default_rng(0)
    smooth = Image.fromarray(rng.integers(0, 256, (6, 8)).astype(np.uint8))
    exif = Image.Exif()
    exif[0x010F] = "Agfa"
    exif.get_ifd(0x8769)[0x9003] = "1931:05:01 12:00:00"
    said = Metadata(exif.tobytes(), b"<x/>", b"\x1c\x02\x78\x00\x01A", (300, 300), thumbnail=True)
    photo = Photo(np.asarray(smooth.resize((64, 48))), metadata=said)
    return encode(photo, formats.FORMATS[format])


def faults(reader: Reader, folder: Path, files: Iterator[tuple[str, bytes]]) -> list[str]:
    found = []
    for name, content in files:
        path = folder / name
        path.write_bytes(content)
        answer = reader(path)
        if answer.startswith("fault"):
            found.append(f"{name}: {answer}")
        path.unlink()
    return found


@pytest.mark.parametrize("format", FORMATS)
def test_truncated_files(reader: Reader, tmp_path: Path, format: str) -> None:
    content = whole(format)
    cut = ((f"{k}.{FORMATS[format]}", content[: len(content) * k // 100]) for k in range(101))
    assert faults(reader, tmp_path, cut) == []


@pytest.mark.parametrize("format", FORMATS)
def test_mutated_files(reader: Reader, tmp_path: Path, format: str) -> None:
    content = whole(format)
    assert faults(reader, tmp_path, mutations(content, FORMATS[format])) == []


def mutations(content: bytes, ending: str) -> Iterator[tuple[str, bytes]]:
    for seed in range(MUTATIONS):
        rng = np.random.default_rng(seed)
        changed = bytearray(content)
        for _ in range(rng.integers(1, 6)):
            # Headers more often than pixels: that is where numbers mean something.
            reach = len(changed) if rng.random() < 0.5 else min(400, len(changed))
            changed[rng.integers(reach)] = rng.choice(
                [0, 1, 0x7F, 0x80, 0xFF, int(rng.integers(256))]
            )
        yield f"{seed}.{ending}", bytes(changed)


def chunk(kind: bytes, content: bytes) -> bytes:
    crc = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + crc


def png_bomb(width: int, height: int) -> bytes:
    """Zeros that unpack to far more than they are."""
    rows = zlib.compress(b"\0" * 50_000_000, 9)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def tiff(fields: list[tuple[int, int, int, int]], following: int) -> bytes:
    """A directory of (tag, type, count, value), and where the next one is."""
    packed = b"".join(struct.pack("<HHII", *each) for each in sorted(fields))
    return (
        b"II*\0\x08\0\0\0" + struct.pack("<H", len(fields)) + packed + struct.pack("<I", following)
    )


GREY = [(256, 3, 1, 8), (257, 3, 1, 8), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
        (273, 4, 1, 8), (277, 3, 1, 1), (278, 3, 1, 8), (279, 4, 1, 64)]  # fmt: skip

STRANGE = {
    "bomb-of-text.png": b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0))
    + chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 200_000_000, 9)),
    "wide.png": png_bomb(2**31 - 1, 2**31 - 1),
    "deep.png": png_bomb(5_000, 10_000),
    "cyclic.tif": tiff(GREY, 8),
    "enormous.tif": tiff([(256, 4, 1, 2**32 - 1), (257, 4, 1, 2**32 - 1), *GREY[2:]], 0),
    "counts.tif": tiff([*GREY, (270, 2, 2**32 - 1, 8)], 0),
    "rational.tif": tiff([*GREY, (282, 5, 1, 2**31)], 0),
    "no-strips.tif": tiff([(273, 4, 0, 0), *GREY[:5], *GREY[6:]], 0),
    "empty.jpg": b"",
    "text.jpg": b"this is not a picture",
    "zeros.webp": b"\0" * 1000,
    "riff.webp": b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\xff" * 40,
    "lossless.webp": b"RIFF\x20\0\0\0WEBPVP8L\xff\xff\xff\x7f/\xff\xff\xff\xff" + b"\xff" * 20,
    "gif.gif": b"GIF89a\xff\xff\xff\xff\xf7\0\0" + b"\xff" * 50,
    "exif.jpg": whole("JPEG").replace(b"Exif\0\0", b"Exif\0\0" + b"\xff" * 8, 1),
}  # fmt: skip


@pytest.mark.parametrize("name", STRANGE)
def test_strange_files_are_refused_or_read(reader: Reader, tmp_path: Path, name: str) -> None:
    assert faults(reader, tmp_path, iter([(name, STRANGE[name])])) == []


@pytest.mark.parametrize("name", ["wide.png", "deep.png", "enormous.tif", "text.jpg", "empty.jpg"])
def test_bombs_are_refused_before_they_go_off(reader: Reader, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(STRANGE[name])
    assert reader(path).startswith("refused")


def test_whole_files_are_read(reader: Reader, tmp_path: Path) -> None:
    for format, ending in FORMATS.items():
        path = tmp_path / f"whole.{ending}"
        path.write_bytes(whole(format))
        assert reader(path) == "ok"
