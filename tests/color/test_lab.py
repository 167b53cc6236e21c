from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.color import hsv2rgb, lab2rgb, rgb2hsv, rgb2lab

from retint.color import lab, srgb
from retint.color.buffers import Buffers


def merged(lightness: lab.Float32, chroma: lab.Float32, dtype: Any = np.float32) -> NDArray[Any]:
    out = np.empty((*lightness.shape, 3), dtype)
    lab.merge(lightness, chroma, out)
    return out


@pytest.fixture
def every_kind_of_colour(rng: np.random.Generator) -> NDArray[np.uint8]:
    rgb = rng.integers(0, 256, (120, 120, 3), dtype=np.uint8)
    rgb[:20] //= 30  # blacks, where CIELAB's line and sRGB's line are
    rgb[20:30] = rgb[20:30, :, :1]
    rgb[-1] = 255
    return rgb


def test_agrees_with_scikit_image(every_kind_of_colour: NDArray[np.uint8]) -> None:
    ours = lab.rgb_to_lab(every_kind_of_colour)
    theirs = rgb2lab(every_kind_of_colour)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=1e-3)
    np.testing.assert_allclose(lab.lightness(every_kind_of_colour), theirs[..., 0], atol=1e-3)
    np.testing.assert_allclose(lab.lab_to_rgb(ours), lab2rgb(theirs), atol=1e-4)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_lightness_of_grey_is_that_of_equal_channels(dtype: Any) -> None:
    top = 1 if np.dtype(dtype).kind == "f" else np.iinfo(dtype).max
    grey = (np.linspace(0, 1, 256) * top).astype(dtype)[None]
    as_rgb = np.repeat(grey[..., None], 3, axis=-1)
    np.testing.assert_allclose(lab.lightness(grey), lab.lightness(as_rgb), atol=1e-3)
    assert lab.lightness(grey)[0, 0] == pytest.approx(0, abs=1e-4)
    assert lab.lightness(grey)[0, -1] == pytest.approx(100, abs=1e-4)


def test_merge_gives_back_what_was_split(every_kind_of_colour: NDArray[np.uint8]) -> None:
    split = lab.rgb_to_lab(every_kind_of_colour)
    np.testing.assert_array_equal(
        merged(split[..., 0], split[..., 1:], np.uint8), every_kind_of_colour
    )
    in_16 = merged(split[..., 0], split[..., 1:], np.uint16)
    np.testing.assert_allclose(in_16 / 257, every_kind_of_colour, atol=0.02)


def test_impossible_chroma_costs_neither_lightness_nor_hue(rng: np.random.Generator) -> None:
    lightness = np.repeat(np.linspace(1, 99, 99, dtype=np.float32)[:, None], 64, axis=1)
    chroma = rng.normal(0, 80, (99, 64, 2)).astype(np.float32)
    result = lab.rgb_to_lab(merged(lightness, chroma))
    np.testing.assert_allclose(result[..., 0], lightness, atol=0.1)
    asked = np.arctan2(chroma[..., 1], chroma[..., 0])
    given = np.arctan2(result[..., 2], result[..., 1])
    visible = np.hypot(result[..., 1], result[..., 2]) > 5
    turned = np.abs(np.angle(np.exp(1j * (asked - given))))[visible]
    assert turned.max() < np.radians(2)


def test_reduced_chroma_is_as_strong_as_the_gamut_allows() -> None:
    lightness = np.full((1, 1), 53.24, np.float32)  # pure red has L* 53.24, C* 104.6
    red = lab.rgb_to_lab(np.array([[[1.0, 0, 0]]]))[..., 1:]
    result = lab.rgb_to_lab(merged(lightness, red * 1.5))[0, 0]
    assert np.hypot(*result[1:]) == pytest.approx(104.55, abs=0.5)


def test_possible_chroma_is_kept_whole() -> None:
    lightness = np.full((4, 4), 60, np.float32)
    chroma = np.broadcast_to(np.array([12, -20], np.float32), (4, 4, 2))
    np.testing.assert_allclose(
        lab.rgb_to_lab(merged(lightness, chroma))[..., 1:], chroma, atol=0.01
    )


@pytest.mark.parametrize("factor", [0.5, 1.5, 3.0])
def test_saturation_is_multiplied_in_hsv_at_the_same_lightness(
    every_kind_of_colour: NDArray[np.uint8], factor: float
) -> None:
    split = lab.rgb_to_lab(every_kind_of_colour)
    found = lab.saturated(split[..., 0], split[..., 1:], factor)
    hsv = rgb2hsv(every_kind_of_colour)
    hsv[..., 1] = (hsv[..., 1] * factor).clip(0, 1)
    np.testing.assert_allclose(found, rgb2lab(hsv2rgb(hsv))[..., 1:], atol=0.05)


def test_saturation_of_zero_is_grey_and_of_one_changes_nothing() -> None:
    lightness = np.full((4, 4), 60, np.float32)
    chroma = np.broadcast_to(np.array([12, -20], np.float32), (4, 4, 2))
    np.testing.assert_allclose(lab.saturated(lightness, chroma, 0), 0, atol=0.01)
    np.testing.assert_allclose(lab.saturated(lightness, chroma, 1), chroma, atol=0.01)


def test_black_and_white_take_no_colour() -> None:
    lightness = np.array([[0, 100]], np.float32)
    chroma = np.full((1, 2, 2), 40, np.float32)
    np.testing.assert_array_equal(
        merged(lightness, chroma, np.uint8), [[[0, 0, 0], [255, 255, 255]]]
    )


def test_parts_of_different_sizes_share_buffers(rng: np.random.Generator) -> None:
    lightness = rng.uniform(0, 100, (60, 50)).astype(np.float32)
    chroma = rng.normal(0, 40, (60, 50, 2)).astype(np.float32)
    buffers, found = Buffers(), np.empty((60, 50, 3), np.uint8)
    for rows in (slice(0, 10), slice(10, 50), slice(50, 60)):
        lab.merge(lightness[rows], chroma[rows], found[rows], buffers)
    np.testing.assert_array_equal(found, merged(lightness, chroma, np.uint8))


def test_the_darkest_colours_are_those_of_scikit_image() -> None:
    """Where CIELAB's cube is replaced by a line."""
    lightness = np.linspace(0, 12, 200, dtype=np.float32)[None]
    planes = np.stack([lightness, lightness / 20, -lightness / 20], axis=-1)
    found = merged(lightness, planes[..., 1:])
    np.testing.assert_allclose(found, lab2rgb(planes.astype(np.float64)), atol=1e-4)


@pytest.mark.parametrize("shape", [(40,), (40, 3), (5, 8), (5, 8, 3)])
def test_levels_do_not_depend_on_the_version_of_opencv(
    shape: tuple[int, ...], rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    linear = rng.uniform(-0.1, 1.1, shape).astype(np.float32)
    apart = np.empty((*shape, 2), np.uint8)[..., 0]  # not contiguous
    found = np.empty(shape, np.uint8)
    srgb.encode(linear.copy(), found)
    srgb.encode(linear.copy(), apart)
    monkeypatch.setattr(srgb, "_opencv_looks_up_16_bits", lambda: False)
    older = np.empty(shape, np.uint8)
    srgb.encode(linear.copy(), older)
    np.testing.assert_array_equal(found, older)
    np.testing.assert_array_equal(apart, older)
    assert found.min() == 0
    assert found.max() == 255


def test_a_picture_without_pixels_is_merged() -> None:
    assert merged(np.empty((0, 5), np.float32), np.empty((0, 5, 2), np.float32)).shape == (0, 5, 3)


@pytest.mark.parametrize("color", [(50, 14, 18), (5, 2, 1), (0, 0, 0), (100, 0, 0)])
def test_a_single_color_is_converted_like_a_picture(color: tuple[int, ...]) -> None:
    single = np.array(color, np.float32)
    np.testing.assert_allclose(
        lab.lab_to_rgb(single), lab.lab_to_rgb(single[None, None])[0, 0], atol=1e-6
    )
