from __future__ import annotations

import numpy as np
import pytest

from retint.evaluation.statistics import compare, estimate, ratio


def test_interval_covers_the_true_mean_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for k in range(200):
        found = estimate(rng.exponential(3.0, 60), seed=k)
        covered += found.low <= 3.0 <= found.high
    assert 0.88 <= covered / 200 <= 0.99


def test_interval_narrows_with_more_pictures() -> None:
    values = np.random.default_rng(0).normal(10, 2, 1000)
    few, many = estimate(values[:50]), estimate(values)
    assert many.high - many.low < (few.high - few.low) / 2
    assert many.mean == pytest.approx(values.mean())


def test_infinite_and_missing_values() -> None:
    assert estimate(np.array([1.0, np.inf])).mean == np.inf
    assert estimate(np.array([1.0, np.nan, 3.0])).mean == 2
    assert np.isnan(estimate(np.array([])).mean)


def test_ratio_is_of_means() -> None:
    found = ratio(np.array([1.0, 3.0]), np.array([2.0, 2.0]))
    assert found.mean == 1
    assert found.low <= 1 <= found.high
    assert np.isnan(ratio(np.zeros(3), np.zeros(3)).mean)


def test_a_clear_difference_is_found() -> None:
    rng = np.random.default_rng(0)
    base = rng.normal(20, 5, 80)
    better = base + rng.normal(0.5, 0.5, 80)
    found = compare(better, base, larger_is_better=True)
    assert found.difference.low > 0.3
    assert found.win_rate > 0.7
    assert found.p < 0.001
    assert compare(better, base, larger_is_better=False).win_rate == pytest.approx(
        1 - found.win_rate
    )


def test_no_difference_is_not_found() -> None:
    rng = np.random.default_rng(1)
    ps = [
        compare(rng.normal(0, 1, 40), rng.normal(0, 1, 40), larger_is_better=True, seed=k).p
        for k in range(60)
    ]
    assert 0.3 < np.median(ps) < 0.7
    same = np.ones(10)
    found = compare(same, same, larger_is_better=True)
    assert (found.difference.mean, found.win_rate, found.p) == (0, 0.5, 1)


def test_unequal_sets_cannot_be_paired() -> None:
    with pytest.raises(ValueError, match="paired"):
        compare(np.zeros(3), np.zeros(4), larger_is_better=True)
