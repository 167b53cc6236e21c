from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import ExifTags, Image

from retint import files
from retint.color import lab
from retint.errors import PhotoError
from retint.extras import install
from retint.files import Photo, icc
from retint.files.metadata import Metadata
from retint.picture.pipeline import Pipeline

RGB = np.random.default_rng(0).integers(0, 65536, (30, 40, 3)).astype(np.uint16)
ALPHA = RGB[..., 0] // 2


def metadata() -> Metadata:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "a scanner with a long name"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "1931:05:01 12:00:00"
    return Metadata(exif.tobytes(), b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>", dpi=(1200, 1200))


@pytest.mark.parametrize("ending", ["png", "tif"])
@pytest.mark.parametrize("alpha", [None, ALPHA])
def test_colour_keeps_its_sixteen_bits(
    tmp_path: Path, ending: str, alpha: NDArray[np.uint16] | None
) -> None:
    path = tmp_path / f"deep.{ending}"
    files.write(Photo(RGB, alpha, metadata=metadata()), path)
    found = files.read(path)
    np.testing.assert_array_equal(found.pixels, RGB)
    if alpha is not None:
        np.testing.assert_array_equal(found.alpha, alpha)
    assert found.metadata.xmp == metadata().xmp
    assert found.metadata.dpi == pytest.approx((1200, 1200), abs=0.1)
    opened = Image.open(path)
    assert opened.getexif()[ExifTags.Base.Make] == "a scanner with a long name"
    inner = opened.getexif().get_ifd(ExifTags.IFD.Exif)
    assert inner[ExifTags.Base.DateTimeOriginal] == "1931:05:01 12:00:00"
    assert opened.info["icc_profile"] == icc.profile("srgb", grey=False)


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_grey_keeps_its_sixteen_bits(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"grey.{ending}"
    files.write(Photo(RGB[..., 1], metadata=metadata()), path)
    np.testing.assert_array_equal(files.read(path).pixels, RGB[..., 1])
    assert Image.open(path).info["icc_profile"] == icc.profile("srgb", grey=True)


def test_files_of_others_are_read(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), RGB[..., ::-1])
    tifffile.imwrite(tmp_path / "a.tif", RGB, photometric="rgb", byteorder=">")
    lzw = [cv2.IMWRITE_TIFF_COMPRESSION, cv2.IMWRITE_TIFF_COMPRESSION_LZW]
    cv2.imwrite(str(tmp_path / "b.tif"), RGB[..., ::-1], lzw)
    for name in ("a.png", "a.tif", "b.tif"):
        np.testing.assert_array_equal(files.read(tmp_path / name).pixels, RGB, err_msg=name)


def test_planes_that_lie_apart_are_put_together(tmp_path: Path) -> None:
    planes = np.ascontiguousarray(np.moveaxis(RGB, -1, 0))
    tifffile.imwrite(tmp_path / "a.tif", planes, photometric="rgb", planarconfig="separate")
    np.testing.assert_array_equal(files.read(tmp_path / "a.tif").pixels, RGB)


def test_pages_keep_their_sixteen_bits(tmp_path: Path) -> None:
    path = tmp_path / "album.tif"
    pages = (Photo(RGB[:10], ALPHA[:10]), Photo(RGB[:20, :, 0]), Photo(RGB[..., 1] // 256 * 257))
    files.write(replace(Photo(RGB, metadata=metadata()), pages=pages), path)
    found = files.read(path)
    assert found.metadata.xmp == metadata().xmp
    for page, expected in zip((found, *found.pages), (Photo(RGB), *pages), strict=True):
        np.testing.assert_array_equal(page.pixels, expected.pixels)
    np.testing.assert_array_equal(found.pages[0].alpha, ALPHA[:10])
    assert Image.open(path).info["icc_profile"] == icc.profile("srgb", grey=False)


def test_the_extra_for_pages_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "album.tif"
    files.write(replace(Photo(RGB), pages=(Photo(RGB),)), path)
    monkeypatch.setitem(sys.modules, "tifffile", None)
    with pytest.raises(PhotoError, match=re.escape(install("tiff"))):
        files.read(path)


def test_broken_deep_pages_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "album.tif"
    files.write(replace(Photo(RGB), pages=(Photo(RGB),)), path)
    content = bytearray(path.read_bytes())
    place = content.index(b"\x78", 4000)  # zlib's head, or what looks like it
    content[place : place + 400] = b"\0" * 400
    path.write_bytes(content)
    with pytest.raises(PhotoError):
        files.read(path)


@pytest.mark.parametrize("orientation", range(2, 9))
def test_deep_files_are_turned_as_others_are(tmp_path: Path, orientation: int) -> None:
    deep, flat = tmp_path / "deep.tif", tmp_path / "flat.tif"
    tag = [(274, "H", 1, orientation, True)]
    tifffile.imwrite(deep, RGB, photometric="rgb", extratags=tag)
    tifffile.imwrite(flat, (RGB >> 8).astype(np.uint8), photometric="rgb", extratags=tag)
    np.testing.assert_array_equal(files.read(deep).pixels >> 8, files.read(flat).pixels)


def test_lightness_is_kept_at_sixteen_bits(unet: Pipeline) -> None:
    grey = np.linspace(3000, 62000, 64 * 96).astype(np.uint16).reshape(64, 96)
    coloured = unet(Photo(grey)).pixels
    assert coloured.dtype == np.uint16
    light = lab.grey(coloured).astype(int)
    assert np.abs(light - grey).max() <= 2


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_broken_deep_files_are_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"deep.{ending}"
    files.write(Photo(RGB), path)
    content = path.read_bytes()
    for share in (30, 60, 90):
        path.write_bytes(content[: len(content) * share // 100])
        with pytest.raises(PhotoError):
            files.read(path)
