from __future__ import annotations

import cv2
import numpy as np
import pytest

from retint.color import upsampling
from retint.color.lab import Float32
from retint.color.resize import shrink
from retint.color.upsampling import GuidedUpsampler

FULL = (240, 320)


def upsampled(chroma: Float32, lightness: Float32) -> Float32:
    small = shrink(lightness, chroma.shape[:2])
    return GuidedUpsampler(small, chroma, lightness.shape)(slice(None), lightness)


def test_flat_chroma_stays_flat(rng: np.random.Generator) -> None:
    chroma = np.broadcast_to(np.array([7, -30], np.float32), (24, 32, 2)).copy()
    lightness = rng.uniform(0, 100, FULL).astype(np.float32)
    np.testing.assert_allclose(upsampled(chroma, lightness)[..., 0], 7, atol=0.05)
    np.testing.assert_allclose(upsampled(chroma, lightness)[..., 1], -30, atol=0.05)


def test_colour_ends_at_the_edge_of_lightness() -> None:
    """A dark red shape on a light grey ground: less bleeds over the edge than with bicubic."""
    y, x = np.mgrid[: FULL[0], : FULL[1]]
    inside = np.hypot(y - 118, x - 163) < 70
    lightness = np.where(inside, 35, 80).astype(np.float32)
    chroma = np.stack([np.where(inside, 50, 0), np.where(inside, 30, 0)], -1).astype(np.float32)
    small = np.ascontiguousarray(
        cv2.resize(chroma, (32, 24), interpolation=cv2.INTER_AREA), np.float32
    )
    bicubic = cv2.resize(small, FULL[::-1], interpolation=cv2.INTER_CUBIC)
    guided = upsampled(small, lightness)
    assert np.abs(guided - chroma).mean() < 0.7 * np.abs(bicubic - chroma).mean()
    bled = np.abs(guided[~inside]).mean() / np.abs(bicubic[~inside]).mean()
    assert bled < 0.7


@pytest.mark.parametrize("size", [(24, 32), (25, 31), (7, 900), (1, 1)])
def test_flat_lightness_gives_the_bilinear_enlarging_of_opencv(
    size: tuple[int, int], rng: np.random.Generator
) -> None:
    """With no variance to explain, the line is flat and what is left is bilinear enlarging."""
    chroma = rng.normal(0, 20, (*size, 2)).astype(np.float32)
    flat = np.full(size, 50, np.float32)
    upsampler = GuidedUpsampler(flat, chroma, FULL, radius=0)
    expected = cv2.resize(chroma, FULL[::-1], interpolation=cv2.INTER_LINEAR)
    answer = upsampler(slice(None), np.full(FULL, 50, np.float32))
    np.testing.assert_allclose(answer, expected, atol=0.02)


@pytest.mark.parametrize("rows", [slice(None), slice(37, 111), slice(239, 240)])
@pytest.mark.parametrize("size", [(24, 32), (180, 240), (7, 900)])
def test_rows_at_once_equal_rows_one_step_at_a_time(
    rows: slice, size: tuple[int, int], rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    chroma = rng.normal(0, 20, (*size, 2)).astype(np.float32)
    lightness = rng.uniform(0, 100, FULL).astype(np.float32)
    upsampler = GuidedUpsampler(shrink(lightness, size), chroma, FULL)
    answers = []
    for pixels in (0, FULL[0] * FULL[1] + 1):
        monkeypatch.setattr(upsampling, "AT_ONCE", pixels)
        answers.append(upsampler(rows, lightness[rows]))
    one, other = answers
    np.testing.assert_array_equal(one, other)


def test_stripes_equal_the_whole(rng: np.random.Generator) -> None:
    chroma = rng.normal(0, 20, (24, 32, 2)).astype(np.float32)
    lightness = rng.uniform(0, 100, FULL).astype(np.float32)
    upsampler = GuidedUpsampler(shrink(lightness, (24, 32)), chroma, FULL)
    whole = upsampler(slice(None), lightness)
    for rows in (slice(0, 1), slice(37, 111), slice(239, 240)):
        np.testing.assert_array_equal(upsampler(rows, lightness[rows]), whole[rows])
