"""Kinds of TIFF that Pillow does not read."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from retint import files
from retint.errors import PhotoError, TooLargeError
from retint.extras import install
from retint.files import Photo, icc
from retint.files.levels import LEFT_OUT
from retint.files.samples import CLIPPED

from ..cli.test_main import run

YS, XS = np.mgrid[:30, :40]
GREY = (2000 + 1500 * XS + 50 * YS).astype(np.uint16)
RGB = np.stack([GREY, GREY // 2, GREY // 3 + 1000], -1)
GREY8, RGB8 = (GREY >> 8).astype(np.uint8), (RGB >> 8).astype(np.uint8)
ALPHA = (65535 - GREY).astype(np.uint16)
GREY_ALPHA = np.stack([GREY, ALPHA], -1)
UNIT = GREY / np.float32(65535)


def tiff(pixels: NDArray[Any], photometric: str | int = "minisblack", **more: Any) -> io.BytesIO:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, pixels, photometric=photometric, metadata=None, **more)
    buffer.seek(0)
    return buffer


def read(pixels: NDArray[Any], photometric: str | int = "minisblack", **more: Any) -> Photo:
    return files.read(tiff(pixels, photometric, **more))


def test_deep_grey_keeps_its_opacity() -> None:
    found = read(GREY_ALPHA, extrasamples=["unassalpha"])
    np.testing.assert_array_equal(found.pixels, GREY)
    np.testing.assert_array_equal(found.alpha, ALPHA)
    assert found.remarks == ()


def test_deep_grey_with_infrared_is_opaque() -> None:
    found = read(GREY_ALPHA, extrasamples=["unspecified"])
    np.testing.assert_array_equal(found.pixels, GREY)
    assert found.alpha is None
    assert found.remarks == (LEFT_OUT,)


def test_premultiplied_opacity_is_divided_out() -> None:
    light = np.full((4, 5), 30000, np.uint16)
    found = read(np.stack([light // 2, np.full_like(light, 32768)], -1),
                 extrasamples=["assocalpha"])  # fmt: skip
    np.testing.assert_allclose(found.pixels, light, atol=2)


@pytest.mark.parametrize("pixels", [GREY, GREY8, RGB, RGB8], ids=["grey", "grey8", "rgb", "rgb8"])
@pytest.mark.parametrize("planes", ["contig", "separate"])
def test_big_endian_bigtiff_is_read(pixels: NDArray[Any], planes: str) -> None:
    colour = pixels.ndim == 3
    stored = np.moveaxis(pixels, -1, 0) if colour and planes == "separate" else pixels
    found = read(stored, "rgb" if colour else "minisblack", bigtiff=True, byteorder=">",
                 planarconfig=planes if colour else None)  # fmt: skip
    assert found.pixels.dtype == pixels.dtype
    np.testing.assert_array_equal(found.pixels, pixels)


LAB_OF_RED, LAB_OF_BLUE = (54.29, 80.81, 69.89), (29.57, 68.30, -112.03)
"""CIELAB of sRGB's primaries, adapted to D50 (Bradford)."""


@pytest.mark.parametrize("kind", ["cielab", "icclab"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(
    ("lab", "expected"),
    [
        (LAB_OF_RED, (255, 0, 0)),
        (LAB_OF_BLUE, (0, 0, 255)),
        ((100, 0, 0), (255, 255, 255)),
        ((50, 0, 0), (118.9, 118.9, 118.9)),
    ],
)
def test_cielab_is_converted_to_srgb(
    kind: str, dtype: type, lab: tuple[float, ...], expected: tuple[float, ...]
) -> None:
    deep = dtype is np.uint16
    white = {("cielab", True): 65535, ("icclab", True): 65280}.get((kind, deep), 255)
    unit = 256 if deep else 1
    values = [round(lab[0] / 100 * white), *(round(each * unit) for each in lab[1:])]
    if kind == "icclab":
        values[1:] = [each + 128 * unit for each in values[1:]]
    pixel: NDArray[Any] = np.array(values, np.int32).astype(dtype)
    found = read(np.broadcast_to(pixel, (8, 8, 3)), kind).pixels
    assert found.dtype == dtype
    shown = found if found.ndim == 3 else np.repeat(found[..., None], 3, -1)
    levels, tolerance = (shown[0, 0] / 257, 0.7) if deep else (shown[0, 0], 25)
    np.testing.assert_allclose(levels, expected, atol=tolerance)


def test_deep_cmyk_without_a_profile_is_read_like_that_of_8_bits() -> None:
    ink = np.stack([GREY, GREY // 2, GREY // 3, GREY // 4], -1)
    found = read(ink, "separated").pixels
    assert found.dtype == np.uint16
    flat = read((ink >> 8).astype(np.uint8), "separated").pixels
    np.testing.assert_allclose(found / 257, flat, atol=2.5)


def test_grey_with_white_at_zero_keeps_its_depth() -> None:
    np.testing.assert_array_equal(read(GREY, "miniswhite").pixels, ALPHA)
    found = read(GREY_ALPHA, "miniswhite", extrasamples=["unassalpha"])
    np.testing.assert_array_equal(found.pixels, ALPHA)
    np.testing.assert_array_equal(found.alpha, ALPHA)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("predictor", [False, True])
def test_floating_point_becomes_sixteen_bits(dtype: type, predictor: bool) -> None:
    found = read(UNIT.astype(dtype), compression="zlib", predictor=predictor)
    assert found.pixels.dtype == np.uint16
    np.testing.assert_allclose(found.pixels, GREY, atol=40 if dtype is np.float16 else 1)
    assert found.remarks == ()


def test_floating_point_that_overshoots_is_clipped_with_a_remark() -> None:
    values = UNIT.copy()
    values[0, :3] = 1.2, -0.1, np.nan
    found = read(values)
    assert list(found.pixels[0, :3]) == [65535, 0, 0]
    assert found.remarks == (CLIPPED,)


def test_floating_point_with_an_unknown_white_is_refused() -> None:
    with pytest.raises(PhotoError, match="values reach 255, so white is unknown"):
        read(UNIT * np.float32(255 / UNIT.max()))


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_packed_samples_use_the_full_range(bits: int) -> None:
    found = read(GREY >> (16 - bits), bitspersample=bits).pixels
    np.testing.assert_allclose(found, GREY, atol=1 << (16 - bits))
    assert (
        read(np.full((4, 4), (1 << bits) - 1, np.uint16), bitspersample=bits).pixels.min() == 65535
    )


@pytest.mark.parametrize("dtype", [np.uint32, np.uint64])
def test_more_than_sixteen_bits_keep_the_upper_sixteen(dtype: type) -> None:
    scale = 16 if dtype is np.uint32 else 48
    for pixels, kind in ((GREY, "minisblack"), (RGB, "rgb")):
        np.testing.assert_array_equal(read(pixels.astype(dtype) << scale, kind).pixels, pixels)


@pytest.mark.parametrize(
    "compression", ["lzw", "zlib", "packbits", "lzma", "zstd", "jpegxl", "jpeg2000"]
)
@pytest.mark.parametrize("pixels", [GREY, RGB, RGB8], ids=["grey", "rgb", "rgb8"])
def test_every_lossless_compression_is_read(compression: str, pixels: NDArray[Any]) -> None:
    how: dict[str, Any] = {"tile": (16, 16), "compression": compression}
    if compression in ("lzw", "zlib", "zstd"):
        how["predictor"] = True
    found = read(pixels, "rgb" if pixels.ndim == 3 else "minisblack", **how).pixels
    np.testing.assert_array_equal(found, pixels)


def test_jpeg_and_webp_in_tiff_are_read() -> None:
    smooth = np.repeat(np.repeat(RGB8[::6, ::8], 8, 0), 8, 1)
    for how in ({"compression": "jpeg"}, {"compression": "webp"}):
        np.testing.assert_allclose(read(smooth, "rgb", **how).pixels, smooth, atol=30)


def test_opacity_is_found_among_two_extra_channels() -> None:
    found = read(np.dstack([RGB, GREY, ALPHA]), "rgb", extrasamples=["unspecified", "unassalpha"])
    np.testing.assert_array_equal(found.pixels, RGB)
    np.testing.assert_array_equal(found.alpha, ALPHA)


@pytest.mark.parametrize("pixels", [RGB, RGB8], ids=["16", "8"])
def test_infrared_beside_rgb_is_left_out_with_a_remark(pixels: NDArray[Any]) -> None:
    found = read(np.dstack([pixels, pixels[..., 0]]), "rgb", extrasamples=["unspecified"])
    np.testing.assert_array_equal(found.pixels, pixels)
    assert found.alpha is None
    assert found.remarks == (LEFT_OUT,)


def test_a_palette_of_sixteen_bits_is_read() -> None:
    colours = np.stack([np.arange(65536)] * 3).astype(np.uint16)
    np.testing.assert_array_equal(read(GREY, "palette", colormap=colours).pixels, GREY)


def test_a_profile_is_applied_at_sixteen_bits() -> None:
    profile = icc.profile("adobe-rgb", grey=False)
    tag = [(34675, 7, len(profile), profile, True)]
    found = read(np.dstack([RGB, ALPHA, ALPHA]), "rgb", extratags=tag,
                 extrasamples=["unassalpha", "unspecified"]).pixels  # fmt: skip
    np.testing.assert_array_equal(found, icc.Profile.parse(profile).to_srgb(RGB))


def test_pages_of_different_kinds_are_read() -> None:
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as file:
        file.write(RGB8, photometric="rgb", metadata=None)
        file.write(GREY8[::2, ::2], photometric="minisblack", subfiletype=1, metadata=None)
        file.write(GREY_ALPHA, photometric="minisblack", extrasamples=["unassalpha"], metadata=None)
        file.write(UNIT, photometric="minisblack", metadata=None)
    buffer.seek(0)
    found = files.read(buffer)
    np.testing.assert_array_equal(found.pixels, RGB8)
    np.testing.assert_array_equal(found.pages[0].pixels, GREY)
    np.testing.assert_allclose(found.pages[1].pixels, GREY, atol=1)
    assert len(found.pages) == 2


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_and_metadata_are_read(orientation: int) -> None:
    packet = f"<x:xmpmeta tiff:Orientation='{orientation}'>Großmutter</x:xmpmeta>".encode()
    tags = [
        (274, "H", 1, orientation, True),
        (270, 2, 12, "Großmutter\0".encode(), True),
        (700, 1, len(packet), packet, True),
    ]
    stored = np.dstack([GREY8, ALPHA >> 8]).astype(np.uint8)
    how: dict[str, Any] = {"extrasamples": ["unassalpha"], "extratags": tags}
    expected = read(stored, resolution=(1200, 1200), resolutionunit="INCH", **how)
    found = read(GREY_ALPHA, resolution=(1200, 1200), resolutionunit="INCH", **how)
    np.testing.assert_array_equal(found.pixels >> 8, expected.pixels)
    assert found.alpha is not None
    np.testing.assert_array_equal(found.alpha >> 8, expected.alpha)
    assert found.metadata == expected.metadata
    assert found.metadata.dpi == (1200, 1200)
    whole = files.read_metadata(tiff(GREY_ALPHA, **how))
    assert "Großmutter".encode() in whole.exif
    assert "Großmutter".encode() in whole.xmp


def test_opacity_reaches_the_result(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(tiff(GREY_ALPHA, extrasamples=["unassalpha"]).getvalue())
    assert run(tmp_path / "a.tif", "--quiet", "--method", "mean") == 0
    found = files.read(tmp_path / "a.retint.tif")
    assert found.pixels.shape == (*GREY.shape, 3)
    assert found.pixels.dtype == np.uint16
    np.testing.assert_array_equal(found.alpha, ALPHA)


def test_infrared_that_was_left_out_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = tiff(np.dstack([RGB, GREY]), "rgb", extrasamples=["unspecified"]).getvalue()
    (tmp_path / "a.tif").write_bytes(content)
    assert run(tmp_path / "a.tif", "--quiet", "--method", "mean") == 0
    assert LEFT_OUT in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (tiff(GREY.astype(np.int16)), "signed values are not supported"),
        (tiff(GREY8.astype(np.int8)), "signed values are not supported"),
        (tiff(UNIT.astype(np.complex64)), "complex numbers are not supported"),
        (tiff(np.stack([GREY] * 16), volumetric=True, tile=(16, 16, 16), compression="jpegxl"),
         "it is a volume"),
        (tiff(np.dstack([GREY] * 20), extrasamples=[0] * 19), "it has 20 samples per pixel"),
        (tiff(RGB, "logluv", bitspersample=16), "LogLuv is not supported"),
        (tiff(GREY_ALPHA, compression="lerc", extrasamples=[2]), "its compression LERC is not"),
        (tiff(UNIT[..., None].repeat(3, -1), "cielab"), "floating-point CIELAB is not supported"),
    ],
    ids=["int16", "int8", "complex", "volume", "samples", "logluv", "lerc", "lab"],
)  # fmt: skip
def test_unsupported_options_are_named(content: io.BytesIO, why: str) -> None:
    content.seek(0)
    with pytest.raises(PhotoError, match=why):
        files.read(content)


def test_truncated_files_are_refused() -> None:
    content = tiff(GREY_ALPHA, extrasamples=["unassalpha"], byteorder=">").getvalue()
    for share in (20, 50, 99):
        with pytest.raises(PhotoError):
            files.read(io.BytesIO(content[: len(content) * share // 100]))


def test_large_files_are_refused_undecoded() -> None:
    with pytest.raises(TooLargeError, match="40 x 30 pixels exceed"):
        files.read(tiff(GREY_ALPHA, extrasamples=["unassalpha"]), max_pixels=1000)


def test_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    content = tiff(GREY_ALPHA, extrasamples=["unassalpha"])
    monkeypatch.setitem(sys.modules, "tifffile", None)
    with pytest.raises(PhotoError, match=re.escape(f"requires tifffile: {install('tiff')}")):
        files.read(content)
