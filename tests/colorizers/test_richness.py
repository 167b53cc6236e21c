from __future__ import annotations

import numpy as np

from retint.color.lab import Float32
from retint.colorizers.parts.richness import Richness

RICHNESS = Richness(faint=0.8, strong=1.4, middle=10)


def plane(chroma: float) -> Float32:
    return np.full((64, 64, 2), (0.6 * chroma, -0.8 * chroma), np.float32)


def gain(chroma: float, certainty: float | None = None) -> float:
    sure = None if certainty is None else np.full((64, 64), certainty, np.float32)
    gains = RICHNESS.gain(plane(chroma), sure)
    assert gains.shape == (64, 64, 1)
    assert gains.dtype == np.float32
    return float(gains[32, 32, 0])


def test_gain_grows_with_chroma_from_faint_to_strong() -> None:
    assert gain(0) == np.float32(0.8)
    np.testing.assert_allclose(gain(10), 1.1, rtol=1e-5)
    assert gain(5) < gain(10) < gain(30)
    np.testing.assert_allclose(gain(1000), 1.4, rtol=1e-3)


def test_uncertain_chroma_counts_as_faint() -> None:
    np.testing.assert_allclose(gain(10, certainty=0), 0.8, rtol=1e-5)
    np.testing.assert_allclose(gain(10, certainty=0.5), 0.95, rtol=1e-5)
    np.testing.assert_allclose(gain(10, certainty=1), gain(10), rtol=1e-5)


def test_a_speck_is_raised_as_what_is_around_it() -> None:
    chroma = plane(20)
    chroma[32, 32] = 0
    gains = RICHNESS.gain(chroma)[..., 0]
    assert abs(gains[32, 32] - gains[0, 0]) < 0.25 * (gains[0, 0] - 0.8)
