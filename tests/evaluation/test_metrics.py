from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.color import rgb2lab
from skimage.metrics import peak_signal_noise_ratio

from retint.color import lab
from retint.evaluation import metrics


def test_identical_pictures_have_no_error(coffee: NDArray[np.uint8]) -> None:
    scores = metrics.score(coffee, coffee)
    assert scores.psnr == math.inf
    assert scores.ssim == pytest.approx(1)
    assert (scores.mse, scores.ciede2000, scores.chroma_error, scores.lightness_error) == (0,) * 4
    assert scores.colorfulness == scores.original_colorfulness > 15


def test_agrees_with_scikit_image(coffee: NDArray[np.uint8]) -> None:
    faded = (coffee * 0.8 + 20).astype(np.uint8)
    scores = metrics.score(faded, coffee)
    expected = peak_signal_noise_ratio(coffee, faded)  # type: ignore[no-untyped-call]
    assert scores.psnr == pytest.approx(expected, abs=1e-6)
    difference = np.abs(rgb2lab(faded) - rgb2lab(coffee))
    assert scores.chroma_error == pytest.approx(difference[..., 1:].mean(), abs=1e-3)
    assert scores.lightness_error == pytest.approx(difference[..., 0].mean(), abs=1e-3)


def test_a_known_shift_of_chroma_gives_its_error() -> None:
    lightness = np.full((40, 40), 60, np.float32)
    original, shifted = np.empty((2, 40, 40, 3), np.uint8)
    lab.merge(lightness, np.full((40, 40, 2), 5, np.float32), original)
    lab.merge(lightness, np.broadcast_to(np.array([11, -3], np.float32), (40, 40, 2)), shifted)
    scores = metrics.score(shifted, original)
    assert scores.chroma_error == pytest.approx((6 + 8) / 2, abs=0.3)  # 8-bit rounding
    assert scores.lightness_error < 0.3


def test_a_known_shift_gives_its_mean_squared_error() -> None:
    original = np.full((8, 8, 3), 100, np.uint8)
    shifted = original.copy()
    shifted[..., 0] += 51  # a fifth of the range, in a third of the values
    assert metrics.mean_squared_error(shifted, original) == pytest.approx(0.04 / 3)
    assert metrics.psnr(0.01) == pytest.approx(20)


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [  # Sharma, Wu & Dalal 2005, "The CIEDE2000 color-difference formula", table 1
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_ciede2000_equals_that_of_published_pairs(
    one: tuple[float, ...], other: tuple[float, ...], difference: float
) -> None:
    first, second = (np.array([[each]], np.float32) for each in (one, other))
    assert metrics.ciede2000(first, second)[0, 0] == pytest.approx(difference, abs=2e-4)


def test_colourfulness_equals_that_by_hand() -> None:
    # red and green: R-G is 255 and -255, (R+G)/2-B is 127.5 twice: 255 + 0.3 * 127.5
    picture = np.array([[[255, 0, 0], [0, 255, 0]]], np.uint8)
    assert metrics.colorfulness(picture) == pytest.approx(293.25)
    assert metrics.colorfulness(np.full((4, 4, 3), 77, np.uint8)) == 0


def test_ssim_of_tiny_pictures_is_not_a_number() -> None:
    tiny = np.zeros((6, 30, 3), np.uint8)
    assert math.isnan(metrics.ssim(tiny, tiny))
