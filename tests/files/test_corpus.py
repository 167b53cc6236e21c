"""Thousands of broken pictures are read or refused, within limits of time and memory."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from retint import files

from ..corpus import CORPUS, SIZE, chunk, ours, turned
from ..reader import Reader
from ..sizes import MUTATIONS
from .mutations import mutated

pytestmark = pytest.mark.timeout(0)  # as many as asked for; the reader limits each

MEGABYTES = 310
"""What one may take: 3 x (decoded + output) + 100 MB of the ten megapixels that the reader allows,
which a changed header may claim."""


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.stop()
    print(f"\n{reader.table()}")


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


@pytest.mark.parametrize("kind", CORPUS)
def test_whole_files_are_read(reader: Reader, tmp_path: Path, kind: str) -> None:
    ending, content = CORPUS[kind]
    path = tmp_path / f"whole.{ending}"
    path.write_bytes(content())
    assert reader(path) == "ok"


def independent(kind: str, content: bytes) -> NDArray[np.float64]:
    """The first frame [H, W, 3] in 0 to 255, as the format's own library reads it."""
    if "TIFF" in kind:
        with tifffile.TiffFile(io.BytesIO(content)) as file:
            pixels = file.pages.first.asarray()
            if file.pages.first.planarconfig == 2:
                pixels = np.moveaxis(pixels, 0, -1)
    elif kind in IN_PILLOW:  # imagecodecs has none for these
        with Image.open(io.BytesIO(content)) as picture:
            pixels = np.asarray(picture.convert("I" if "16" in kind else "RGB"))
    else:
        pixels = np.asarray(imagecodecs.imread(content))
        if pixels.shape[:2] != SIZE:  # several frames
            pixels = pixels[0]
    levels = pixels.astype(np.float64)
    if pixels.dtype.kind in "bf":
        levels *= 255
    elif levels.max() > 255:
        levels /= 257
    if kind == "JPEG, CMYK":
        levels = levels[..., :3] * levels[..., 3:] / 255  # stored inverted, as Adobe does
    if kind == "TIFF, CMYK":
        levels = (255 - levels[..., :3]) * (255 - levels[..., 3:]) / 255
    if kind == "TIFF, opacity":
        levels = levels[..., 0]
    if levels.ndim == 2:
        levels = levels[..., None]
    return np.broadcast_to(levels[..., :3], (*levels.shape[:2], 3))


IN_PILLOW = ("BMP, RLE", "PCX", "PGM, 16 bits", "PNG, palette")


@pytest.mark.parametrize("kind", CORPUS)
def test_pixels_are_those_of_an_independent_reader(tmp_path: Path, kind: str) -> None:
    ending, make = CORPUS[kind]
    content = make()
    path = tmp_path / f"whole.{ending}"
    path.write_bytes(content)
    pixels = files.read(path).pixels
    found = pixels / (257.0 if pixels.dtype == np.uint16 else 1.0)
    found = np.broadcast_to(found[..., None] if found.ndim == 2 else found, (*found.shape[:2], 3))
    wanted = independent(kind, content)
    assert found.shape == wanted.shape
    # Decoders of JPEG and its relatives may round differently, and enlarge chroma differently.
    lossy = ending in ("jpg", "jp2", "webp", "avif") or kind == "TIFF, JPEG"
    assert np.abs(found - wanted).mean() < (1.5 if lossy else 0.01)
    assert np.abs(found - wanted).max() < (30 if lossy else 0.6)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_made_upright(tmp_path: Path, orientation: int) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(turned(orientation))
    levels = np.asarray(imagecodecs.imread(turned(orientation)))
    upright = {
        1: levels,
        2: levels[:, ::-1],
        3: levels[::-1, ::-1],
        4: levels[::-1],
        5: levels.swapaxes(0, 1),
        6: np.rot90(levels, -1),
        7: levels[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(levels),
    }[orientation]  # EXIF 2.32, section 4.6.4
    found = files.read(path).pixels
    assert found.shape == upright.shape
    assert np.abs(found.astype(int) - upright.astype(int)).mean() < 1.5


@pytest.mark.parametrize("kind", CORPUS)
def test_truncated_files_cause_no_fault(reader: Reader, tmp_path: Path, kind: str) -> None:
    ending, make = CORPUS[kind]
    content = make()
    cut = ((f"{k}.{ending}", content[: len(content) * k // 50]) for k in range(51))
    assert faults(reader, tmp_path, cut) == []


@pytest.mark.parametrize("kind", CORPUS)
def test_mutated_files_cause_no_fault(reader: Reader, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"mutated.{CORPUS[kind][0]}"
    found = {}
    for seed in range(MUTATIONS):
        path.write_bytes(mutated(kind, seed))
        answer = reader(path, kind, streamed=seed % 2 == 1)
        if answer.startswith("fault"):
            found[seed] = answer
    assert found == {}
    assert reader.counts[kind].megabytes < MEGABYTES


def test_mutations_are_many_and_always_the_same() -> None:
    for kind in CORPUS:
        found = [mutated(kind, seed) for seed in range(20)]
        assert found == [mutated(kind, seed) for seed in range(20)]
        assert len(set(found)) > 15


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
    "text.jpg": b"this is not a readable picture",
    "zeros.webp": b"\0" * 1000,
    "riff.webp": b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\xff" * 40,
    "lossless.webp": b"RIFF\x20\0\0\0WEBPVP8L\xff\xff\xff\x7f/\xff\xff\xff\xff" + b"\xff" * 20,
    "gif.gif": b"GIF89a\xff\xff\xff\xff\xf7\0\0" + b"\xff" * 50,
    "exif.jpg": ours("JPEG").replace(b"Exif\0\0", b"Exif\0\0" + b"\xff" * 8, 1),
}  # fmt: skip


@pytest.mark.parametrize("name", STRANGE)
def test_strange_files_are_refused_or_read(reader: Reader, tmp_path: Path, name: str) -> None:
    assert faults(reader, tmp_path, iter([(name, STRANGE[name])])) == []


@pytest.mark.parametrize("name", ["wide.png", "deep.png", "enormous.tif", "text.jpg", "empty.jpg"])
def test_bombs_are_refused_before_they_go_off(reader: Reader, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(STRANGE[name])
    assert reader(path).startswith("refused")
