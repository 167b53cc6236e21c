from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from retint.evaluation.kid import discrepancies, features, kid


def sample(rng: np.random.Generator, count: int = 120, shift: float = 0.0) -> NDArray[np.float32]:
    return (rng.normal(0.5, 0.3, (count, 20)) + shift).astype(np.float32)


def test_two_samples_of_one_set_are_at_no_distance(rng: np.random.Generator) -> None:
    found = kid(discrepancies(sample(rng), sample(rng)))
    assert found.low < 0 < found.high


def test_distance_is_unbiased(rng: np.random.Generator) -> None:
    found = [kid(discrepancies(sample(rng, 30), sample(rng, 30))).mean for _ in range(100)]
    assert abs(np.mean(found)) < 3 * np.std(found) / 10


def test_distance_grows_with_the_shift(rng: np.random.Generator) -> None:
    real = sample(rng)
    near, far = (kid(discrepancies(sample(rng, shift=s), real)) for s in (0.05, 0.2))
    assert 0 < near.mean < far.mean
    assert far.low > 0


def test_agrees_with_the_definition(rng: np.random.Generator) -> None:
    x, y = sample(rng, 7).astype(float), sample(rng, 7).astype(float)

    def k(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
        return float((a @ b / a.size + 1) ** 3)

    total = sum(
        k(x[i], x[j]) + k(y[i], y[j]) - k(x[i], y[j]) - k(x[j], y[i])
        for i in range(7)
        for j in range(7)
        if i != j
    )
    found = kid(discrepancies(x.astype(np.float32), y.astype(np.float32)))
    assert found.mean == pytest.approx(total / 42, rel=1e-3)


def test_difference_of_two_methods_is_the_difference_of_their_distances(
    rng: np.random.Generator,
) -> None:
    real = sample(rng)
    worse = discrepancies(sample(rng, shift=0.2), real)
    better = discrepancies(sample(rng, shift=0.05), real)
    found = kid(worse - better)
    assert found.mean == pytest.approx(kid(worse).mean - kid(better).mean)
    assert found.low > 0


def test_features_see_colour_and_content(
    coffee: NDArray[np.uint8], grey: NDArray[np.uint8]
) -> None:
    drained = np.repeat(coffee.mean(axis=-1, keepdims=True), 3, axis=-1).astype(np.uint8)
    original, pale, other = (
        features(each) for each in (coffee, drained, np.repeat(grey[..., None], 3, axis=-1))
    )
    assert original.shape == (1280,)
    assert 0 < np.abs(original - pale).sum() < np.abs(original - other).sum()


def test_distance_grows_with_a_tint(coffee: NDArray[np.uint8]) -> None:
    crops = [coffee[y : y + 130, x : x + 130] for y in range(0, 270, 90) for x in range(0, 470, 94)]
    real = np.stack([features(crop) for crop in crops])
    found = []
    for strength in (0, 40, 120):
        tint = np.array([0, 0, strength])
        tinted = [np.clip(crop + tint, 0, 255).astype(np.uint8) for crop in crops]
        found.append(kid(discrepancies(np.stack([features(each) for each in tinted]), real)).mean)
    assert found[0] < found[1] < found[2]
