"""Combining the scan of a grey file with two of chroma."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import retint
from retint.files.jpeg import scans
from retint.files.jpeg.tables import chroma_table

pytest.importorskip("jpeglib")


def encoded(pixels: NDArray[np.uint8], **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "options",
    [{"quality": 85}, {"restart_marker_blocks": 3}, {"progressive": True, "quality": 70}],
    ids=str,
)
@pytest.mark.parametrize("chroma", ["4:2:0", "4:4:4"])
def test_the_scan_of_a_grey_file_stays_byte_by_byte(
    tmp_path: Path, grey: NDArray[np.uint8], options: dict[str, int], chroma: str
) -> None:
    source, target = tmp_path / "a.jpg", tmp_path / "b.jpg"
    content = encoded(grey[:75, :101], **options)
    source.write_bytes(content)
    retint.open(source, "guided-unet", lightness="exact", chroma=chroma, threads=1).save(target)
    kept = [data for _, data in scans.Alone.of(content).body if data]
    assert (len(kept) > 3) == ("progressive" in options)
    assert all(each in target.read_bytes() for each in kept)
    with Image.open(target) as picture:
        assert picture.size == (101, 75)
        luma = np.asarray(picture.convert("YCbCr"))[..., 0].astype(int)
    assert np.abs(luma - grey[:75, :101]).mean() < 4
    assert np.ptp(np.asarray(Image.open(target)).astype(int), axis=-1).mean() > 2


def test_a_progressive_file_stays_progressive(tmp_path: Path, grey: NDArray[np.uint8]) -> None:
    source, target = tmp_path / "a.jpg", tmp_path / "b.jpg"
    source.write_bytes(encoded(grey[:64, :80], progressive=True))
    retint.open(source, "mean", lightness="exact", threads=1).save(target)
    with Image.open(target) as picture:
        assert picture.info["progressive"]


def test_tables_are_read_as_pillow_has_them(grey: NDArray[np.uint8]) -> None:
    content = encoded(grey[:64, :64], quality=71)
    with Image.open(io.BytesIO(content)) as picture:
        table = picture.quantization[0]  # type: ignore[attr-defined]
    found = scans.Alone.of(content).quantization()
    assert found.reshape(-1).tolist() == list(table)


def test_chroma_is_coded_with_the_table_that_the_file_names(grey: NDArray[np.uint8]) -> None:
    luma = scans.Alone.of(encoded(grey[:64, :64], quality=80))
    table = chroma_table(luma.quantization())
    made = scans.Alone.of(scans._encode(grey[:32, :32], table, progressive=False))
    np.testing.assert_array_equal(made.quantization(), table)
    whole = scans.in_color(luma, (grey[:32, :32], grey[32:64, :32]), (2, 2))
    with Image.open(io.BytesIO(whole)) as picture:
        picture.draft("YCbCr", picture.size)  # as it is stored
        blue = np.asarray(picture)[::2, ::2, 1].astype(int)
    assert np.abs(blue - grey[:32, :32]).mean() < 8


def test_scans_of_other_files_are_not_copied(grey: NDArray[np.uint8]) -> None:
    small = grey[:64, :64]
    alone = encoded(small)
    assert scans.read(alone)
    assert not scans.read(encoded(np.stack([small] * 3, axis=-1)))
    for cut in (1, 2, 9, len(alone) - 200):
        assert not scans.read(alone[:-cut])
    assert not scans.read(b"")
    arithmetic = alone.replace(b"\xff\xc0", b"\xff\xc9", 1)
    assert not scans.read(arithmetic)
