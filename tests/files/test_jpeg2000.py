from __future__ import annotations

import io
import sys
from contextlib import suppress
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray

from retint import files
from retint.errors import PhotoError
from retint.files.deep.jpeg2000 import reduced_to_eight

YS, XS = np.mgrid[:30, :40]
GREY = (2000 + 1500 * XS + 50 * YS).astype(np.uint16)
RGB = np.stack([GREY, GREY // 2, GREY // 3 + 1000], -1)
ALPHA = 65535 - GREY


def encoded(pixels: NDArray[Any], **more: Any) -> bytes:
    how: dict[str, Any] = {"level": 0, "reversible": True, "codecformat": "jp2"} | more
    return bytes(imagecodecs.jpeg2k_encode(pixels, **how))


@pytest.mark.parametrize("codec", ["jp2", "j2k"])
def test_colour_keeps_sixteen_bits(codec: str) -> None:
    found = files.read(io.BytesIO(encoded(RGB, codecformat=codec)))
    np.testing.assert_array_equal(found.pixels, RGB)
    assert found.remarks == ()


@pytest.mark.parametrize("colour", [GREY, RGB], ids=["grey", "rgb"])
def test_opacity_is_kept(colour: NDArray[np.uint16]) -> None:
    found = files.read(io.BytesIO(encoded(np.dstack([colour, ALPHA]))))
    np.testing.assert_array_equal(found.pixels, colour)
    np.testing.assert_array_equal(found.alpha, ALPHA)


@pytest.mark.parametrize("bits", [10, 12])
def test_fewer_bits_use_the_full_range(bits: int) -> None:
    found = files.read(io.BytesIO(encoded(RGB >> (16 - bits), bitspersample=bits))).pixels
    np.testing.assert_allclose(found, RGB, atol=1 << (16 - bits))


def test_equal_channels_are_grey() -> None:
    found = files.read(io.BytesIO(encoded(np.stack([GREY] * 3, -1))))
    np.testing.assert_array_equal(found.pixels, GREY)


def test_eight_bits_need_no_remark() -> None:
    found = files.read(io.BytesIO(encoded((RGB >> 8).astype(np.uint8))))
    np.testing.assert_array_equal(found.pixels, RGB >> 8)
    assert found.remarks == ()


def test_a_loss_of_depth_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    content = encoded(RGB)
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    found = files.read(io.BytesIO(content))
    assert found.pixels.dtype == np.uint8
    assert found.remarks == (reduced_to_eight(),)


def test_other_colour_spaces_are_left_to_pillow() -> None:
    """sYCC (18) instead of sRGB (16)."""
    content = encoded(RGB)
    place = content.index(b"colr") + 7
    assert content[place : place + 4] == b"\0\0\0\x10"
    found = files.read(io.BytesIO(content[:place] + b"\0\0\0\x12" + content[place + 4 :]))
    assert found.remarks == (reduced_to_eight(),)


@pytest.mark.parametrize("place", range(0, 200, 7))
def test_broken_files_are_refused_or_read(place: int) -> None:
    content = bytearray(encoded(RGB))
    content[place] ^= 0xFF
    with suppress(PhotoError):
        files.read(io.BytesIO(bytes(content)))
