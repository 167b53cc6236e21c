from __future__ import annotations

import numpy as np
import pytest

from retint.color import lab
from retint.training.data import degradations
from retint.training.data.degradations import STEPS, Degradation, degrade

RAMP = np.linspace(5, 95, 96, dtype=np.float32)[None].repeat(64, axis=0)
"""Dark on the left, light on the right."""
EACH = pytest.mark.parametrize("degradation", [step for step, _ in STEPS], ids=lambda s: s.__name__)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@EACH
def test_the_same_seed_gives_the_same_damage(degradation: Degradation) -> None:
    before = RAMP.copy()
    once, again = degradation(RAMP, rng(3), 1.0), degradation(RAMP, rng(3), 1.0)
    np.testing.assert_array_equal(once, again)
    np.testing.assert_array_equal(RAMP, before)
    assert any(not np.array_equal(once, degradation(RAMP, rng(k), 1.0)) for k in range(4, 8))


@EACH
def test_result_is_lightness(degradation: Degradation) -> None:
    for seed in range(8):
        damaged = degradation(RAMP, rng(seed), 1.0)
        assert damaged.dtype == np.float32
        assert damaged.shape == RAMP.shape
        assert damaged.min() >= 0
        assert damaged.max() <= 100


@EACH
def test_strength_scales_the_damage(degradation: Degradation) -> None:
    def damage(strength: float) -> float:
        return float(
            np.mean([np.abs(degradation(RAMP, rng(k), strength) - RAMP).mean() for k in range(12)])
        )

    # JPEG of quality 95 rounds a little even at strength 0.
    assert damage(0) < 0.6
    assert damage(0) < damage(0.4) < damage(1)


def test_fading_lifts_blacks_and_dims_whites() -> None:
    faded = degradations.fade(RAMP, rng(1), 1.0)
    assert faded.min() > RAMP.min()
    assert faded.max() < RAMP.max()


def test_vignette_darkens_corners_only() -> None:
    flat = np.full((40, 60), 50, np.float32)
    dimmed = degradations.vignette(flat, rng(1), 1.0)
    assert dimmed[20, 30] > 49.5
    assert dimmed[0, 0] < 48
    assert dimmed[0, 0] == pytest.approx(dimmed[-1, -1], abs=1.5)


def test_blur_takes_detail_and_grain_adds_it() -> None:
    noisy = np.asarray(50 + 20 * rng().standard_normal((300, 300)), np.float32).clip(0, 100)
    assert degradations.blur(noisy, rng(1), 1.0).std() < 0.9 * noisy.std()
    flat = np.full((64, 64), 50, np.float32)
    assert degradations.grain(flat, rng(1), 1.0).std() > 1


def test_orthochromatic_film_is_blind_to_red() -> None:
    red, blue = np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2, 3), np.uint8)
    red[..., 0], blue[..., 2] = 200, 200
    assert degradations.orthochromatic(red, rng(0), 1.0).mean() < lab.lightness(red).mean() - 3
    assert degradations.orthochromatic(blue, rng(0), 1.0).mean() > lab.lightness(blue).mean() + 3
    np.testing.assert_allclose(
        degradations.orthochromatic(red, rng(0), 0.0), lab.lightness(red), atol=1e-3
    )


def test_all_together_are_seeded_and_differ() -> None:
    picture = np.asarray(RAMP[..., None].repeat(3, axis=2) * 2.5, np.uint8)
    np.testing.assert_array_equal(degrade(picture, rng(5)), degrade(picture, rng(5)))
    seen = {degrade(picture, rng(k)).tobytes() for k in range(12)}
    assert len(seen) >= 11
