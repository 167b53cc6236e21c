"""A grey file's scan beside two of chroma."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import retint
from retint.files import jpeg_scans
from retint.files.jpeg import BrokenError

pytest.importorskip("jpeglib")


def encoded(pixels: NDArray[np.uint8], **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", **options)
    return buffer.getvalue()


@pytest.mark.parametrize("options", [{"quality": 85}, {"restart_marker_blocks": 3}], ids=str)
@pytest.mark.parametrize("chroma", ["4:2:0", "4:4:4"])
def test_the_scan_of_a_grey_file_stays_byte_by_byte(
    tmp_path: Path, grey: NDArray[np.uint8], options: dict[str, int], chroma: str
) -> None:
    source, target = tmp_path / "a.jpg", tmp_path / "b.jpg"
    content = encoded(grey[:75, :101], **options)
    source.write_bytes(content)
    retint.open(source, "guided-unet", lightness="exact", chroma=chroma, threads=1).save(target)
    scan = jpeg_scans.Scan.of(content)
    assert scan.data in target.read_bytes()
    with Image.open(target) as picture:
        assert picture.size == (101, 75)
        luma = np.asarray(picture.convert("YCbCr"))[..., 0].astype(int)
    assert np.abs(luma - grey[:75, :101]).mean() < 4
    assert np.ptp(np.asarray(Image.open(target)).astype(int), axis=-1).mean() > 2


def test_other_files_are_not_taken_for_such(grey: NDArray[np.uint8]) -> None:
    small = grey[:64, :64]
    alone = encoded(small)
    assert jpeg_scans.is_alone(alone)
    assert not jpeg_scans.is_alone(encoded(small, progressive=True))
    assert not jpeg_scans.is_alone(encoded(np.stack([small] * 3, axis=-1)))
    assert not jpeg_scans.is_alone(alone[:-2])
    assert not jpeg_scans.is_alone(alone[:200])
    assert not jpeg_scans.is_alone(b"")
    # What comes after the scan, before the end, may be another one.
    end = re.search(rb"\xff\xd9", alone)
    assert end is not None
    assert not jpeg_scans.is_alone(alone[: end.start()] + b"\xff\xfe\0\x03x" + alone[end.start() :])


def test_files_of_another_form_cannot_be_joined(grey: NDArray[np.uint8]) -> None:
    small = encoded(grey[:64, :64])
    with pytest.raises(BrokenError):
        jpeg_scans.in_color(small, small, encoded(grey[:64, :64], progressive=True), (2, 2))
