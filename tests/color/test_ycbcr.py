"""Chroma planes that fit an unchanged luma plane."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from retint.color import lab, srgb
from retint.color.buffers import Buffers
from retint.color.lab import Float32
from retint.color.ycbcr import BT601_WEIGHTS, Layout

SIZE = (40, 60)


def layout(bits: int = 8, step: int = 1) -> Layout:
    return Layout("any", SIZE, bits, step, step, BT601_WEIGHTS, full=True, grey=False)


def colors(rng: np.random.Generator, size: tuple[int, int], strength: float) -> Float32:
    return rng.normal(0, strength, (*size, 2)).astype(np.float32)


def decoded(
    luma: NDArray[np.uint8], blue: NDArray[np.uint8], red: NDArray[np.uint8]
) -> NDArray[np.float64]:
    """R'G'B' as JFIF defines it (ITU-T T.871, section 7), not clipped."""
    y, cb, cr = luma.astype(float), blue - 128.0, red - 128.0
    green = y - 0.114 * 1.772 / 0.587 * cb - 0.299 * 1.402 / 0.587 * cr
    return np.stack([y + 1.402 * cr, green, y + 1.772 * cb], axis=-1)


def test_pale_colours_are_those_of_the_merged_picture(rng: np.random.Generator) -> None:
    own = layout()
    luma = rng.integers(60, 200, SIZE, dtype=np.uint8)
    lightness, chroma = own.lightness(luma), colors(rng, SIZE, 5)
    merged = np.empty((*SIZE, 3), np.float32)
    lab.merge(lightness, chroma, merged)
    found = decoded(luma, *own.chroma(luma, chroma, lightness))  # type: ignore[arg-type]
    differences = merged * 255 @ np.array([0.299, 0.587, 0.114])
    expected = merged * 255 - differences[..., None] + luma[..., None]
    np.testing.assert_allclose(found, expected, atol=1.8)  # half a level of Cb is 0.9 of blue


@pytest.mark.parametrize("step", [1, 2], ids=["4:4:4", "4:2:0"])
def test_strong_colours_stay_inside_the_gamut_of_all_their_pixels(
    rng: np.random.Generator, step: int
) -> None:
    own = layout(step=step)
    luma = rng.integers(0, 256, SIZE, dtype=np.uint8)
    small = luma[::step, ::step]
    planes = own.chroma(luma, colors(rng, small.shape, 60), own.lightness(small))
    full = (each.repeat(step, 0).repeat(step, 1) for each in planes)
    found = decoded(luma, *full)  # type: ignore[arg-type]
    assert found.min() > -1.8
    assert found.max() < 256.8
    assert min(each.std() for each in planes) > 3


def test_parts_share_buffers(rng: np.random.Generator) -> None:
    own, buffers = layout(bits=10), Buffers()
    luma = rng.integers(0, 1024, SIZE, dtype=np.uint16)
    lightness, chroma = own.lightness(luma), colors(rng, SIZE, 30)
    whole = own.chroma(luma, chroma, lightness)
    for rows in (slice(0, 7), slice(7, 40)):
        part = own.chroma(luma[rows], chroma[rows], lightness[rows], buffers)
        for plane, piece in zip(whole, part, strict=True):
            np.testing.assert_array_equal(plane[rows], piece)


def test_shares_are_close_to_the_exact_curve() -> None:
    linear = np.linspace(-0.1, 1.1, 100_000, dtype=np.float32)[None]
    exact = srgb.gamma(linear.clip(0, 1))
    np.testing.assert_allclose(srgb.shares(linear, Buffers()), exact, atol=1.1e-4)
