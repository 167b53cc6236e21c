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
from retint.errors import PhotoError
from retint.extras import install
from retint.files import raw
from retint.files.deep.tiff_directory import Value, with_tags
from retint.files.levels import LEFT_OUT

from ..cli.test_main import run


def dng(size: tuple[int, int] = (64, 96), orientation: int = 1) -> bytes:
    """A grey ramp behind a colour filter, white balanced for what it is."""
    ys, xs = np.mgrid[: size[0], : size[1]]
    identity = tuple(n for row in np.eye(3, dtype=int) for value in row for n in (int(value), 1))
    tags = [
        (50706, "B", 4, (1, 4, 0, 0), True),  # DNG version
        (50708, "s", 0, "a camera", True),
        (33421, "H", 2, (2, 2), True),  # filters repeat every 2 x 2 pixels
        (33422, "B", 4, (0, 1, 1, 2), True),  # red, green, green, blue
        (50721, "2i", 9, identity, True),  # colour matrix
        (50778, "H", 1, 21, True),  # for daylight
        (50728, "2I", 3, (1, 1, 1, 1, 1, 1), True),  # what is neutral
        (50714, "H", 1, 0, True),
        (50717, "H", 1, 65535, True),
        (274, "H", 1, orientation, True),
    ]
    buffer = io.BytesIO()
    mosaic = (4000 + (xs + ys) * 300).astype(np.uint16)
    tifffile.imwrite(buffer, mosaic, photometric=32803, extratags=tags, metadata=None)
    return buffer.getvalue()


def test_raw_is_developed_at_sixteen_bits(tmp_path: Path) -> None:
    path = tmp_path / "a.dng"
    path.write_bytes(dng())
    pixels = files.read(path).pixels
    assert pixels.shape == (64, 96, 3)
    assert pixels.dtype == np.uint16
    linear = (4000 + (20 + 30) * 300) / 65535
    expected = 65535 * (1.055 * linear ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(pixels[20, 30], expected, rtol=0.03)


def test_dng_is_known_by_its_content_too() -> None:
    assert files.read(io.BytesIO(dng())).pixels.dtype == np.uint16


def test_raw_is_upright(tmp_path: Path) -> None:
    path = tmp_path / "a.dng"
    path.write_bytes(dng(orientation=6))
    assert files.read(path).size == (96, 64)


LINEAR_RAW = 34892
YS, XS = np.mgrid[:64, :96]
LIGHT = (4000 + (XS + YS) * 300).astype(np.uint16)
COLOURS = np.stack([LIGHT, LIGHT // 2, LIGHT // 3], -1)
INFRARED = np.full_like(LIGHT, 60000)


def linear_dng(
    pixels: NDArray[Any], photometric: int = LINEAR_RAW, orientation: int = 1, white: int = 65535
) -> bytes:
    """As scanners store it: all channels at every place."""
    count = pixels.shape[2] if pixels.ndim == 3 else 1
    matrix = (0.9, -0.2, -0.1, -0.5, 1.3, 0.2, -0.1, 0.2, 0.7)
    fractions = tuple(n for value in matrix for n in (round(value * 10000), 10000))
    tags: list[tuple[int, str, int, Any, bool]] = [
        (50706, "B", 4, (1, 4, 0, 0), True),
        (50708, "s", 0, "a scanner", True),
        (274, "H", 1, orientation, True),
        (50717, "H", count, (white,) * count if count > 1 else white, True),
    ]
    if count > 2:
        tags += [
            (50721, "2i", 9, fractions, True),
            (50778, "H", 1, 21, True),
            (50728, "2I", 3, (5, 10, 1, 1, 7, 10), True),
        ]
    buffer = io.BytesIO()
    extra = ["unspecified"] if count == 2 else None
    written = photometric if count > 2 else "minisblack"
    tifffile.imwrite(buffer, pixels, photometric=written, extratags=tags, metadata=None,
                     extrasamples=extra)  # fmt: skip
    # tifffile writes linear RAW of three channels or more only.
    return with_tags(buffer.getvalue(), [{262: Value.short(photometric)}])


def encoded(linear: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(65535 * (1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_linear_raw_of_one_grey_channel_is_developed(dtype: type) -> None:
    deep = dtype is np.uint16
    pixels = LIGHT if deep else (LIGHT >> 8).astype(np.uint8)
    white = 60000 if deep else 255
    found = files.read(io.BytesIO(linear_dng(pixels, white=white)))
    assert found.pixels.shape == LIGHT.shape
    np.testing.assert_allclose(found.pixels, encoded(pixels / white), rtol=0.005)
    assert found.remarks == ()


def test_grey_raw_is_upright_and_becomes_colour(tmp_path: Path) -> None:
    (tmp_path / "a.dng").write_bytes(linear_dng(LIGHT, orientation=6))
    assert run(tmp_path / "a.dng", "--quiet", "--method", "mean") == 0
    assert files.read(tmp_path / "a.retint.png").pixels.shape == (96, 64, 3)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_infrared_is_not_mixed_in(orientation: int) -> None:
    plain = linear_dng(COLOURS, orientation=orientation)
    beside = linear_dng(np.dstack([COLOURS, INFRARED]), orientation=orientation)
    found = files.read(io.BytesIO(beside))
    expected = files.read(io.BytesIO(plain)).pixels.astype(int)  # LibRaw's own
    np.testing.assert_allclose(found.pixels, expected, atol=10)
    assert found.remarks == (LEFT_OUT,)


def test_dng_that_is_not_raw_inside_is_an_ordinary_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.dng"
    path.write_bytes(linear_dng(LIGHT, photometric=1))
    np.testing.assert_array_equal(files.read(path).pixels, LIGHT)
    np.testing.assert_array_equal(files.read(io.BytesIO(path.read_bytes())).pixels, LIGHT)
    path.write_bytes(linear_dng(np.dstack([LIGHT, INFRARED]), photometric=1))
    found = files.read(path)
    np.testing.assert_array_equal(found.pixels, LIGHT)
    assert found.remarks == (LEFT_OUT,)


def test_raw_that_is_not_supported_is_refused() -> None:
    with pytest.raises(PhotoError, match="this RAW file is not supported"):
        files.read(io.BytesIO(linear_dng(np.dstack([LIGHT, INFRARED]))))


def test_raw_becomes_what_can_hold_it(tmp_path: Path) -> None:
    (tmp_path / "a.dng").write_bytes(dng())
    assert run(tmp_path / "a.dng", "--quiet", "--method", "mean") == 0
    assert files.read(tmp_path / "a.retint.png").pixels.dtype == np.uint16


@pytest.mark.parametrize("content", [b"", b"II*\0nothing", dng()[:300], dng()[:5000]])
def test_broken_raw_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.dng").write_bytes(content)
    with pytest.raises(PhotoError):
        files.read(tmp_path / "a.dng")


def test_large_raw_is_refused_undecoded() -> None:
    with pytest.raises(PhotoError, match="96 x 64 pixels exceed"):
        files.read(io.BytesIO(dng()), max_pixels=6000)


def test_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", None)
    with pytest.raises(PhotoError, match=re.escape(install("raw"))):
        files.read(io.BytesIO(dng()))


def reduced_first() -> bytes:
    """A small preview, as NEF, ARW and SRW begin with."""
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as file:
        file.write(np.zeros((12, 16), np.uint8), metadata=None, subfiletype=1, subifds=1)
        file.write(np.zeros((48, 64), np.uint16), metadata=None)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [reduced_first(), b"II*\0\x10\0\0\0CR\2\0" + bytes(40)],
    ids=["thumbnail and inner directory", "CR2"],
)
def test_streams_of_raw_files_are_recognized(content: bytes) -> None:
    """Otherwise their previews would be colored."""
    assert raw.is_raw(io.BytesIO(content))


def test_streams_of_other_files_are_no_raw(tmp_path: Path) -> None:
    plain = io.BytesIO()
    tifffile.imwrite(plain, np.zeros((12, 16), np.uint8), metadata=None)
    for content in (plain.getvalue(), b"", b"CR", b"\xff\xd8\xff\xe0"):
        assert not raw.is_raw(io.BytesIO(content))
    path = tmp_path / "a.tif"
    path.write_bytes(reduced_first())
    assert not raw.is_raw(path)
