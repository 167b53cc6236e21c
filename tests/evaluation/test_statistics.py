from __future__ import annotations

import numpy as np
import pytest

from retint.evaluation.statistics import area_under_roc, compare, estimate, ratio, separation


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


def test_means_include_infinite_and_leave_out_missing_values() -> None:
    assert estimate(np.array([1.0, np.inf])).mean == np.inf
    assert estimate(np.array([1.0, np.nan, 3.0])).mean == 2
    assert np.isnan(estimate(np.array([])).mean)


def test_ratio_is_of_means() -> None:
    found = ratio(np.array([1.0, 3.0]), np.array([2.0, 2.0]))
    assert found.mean == 1
    assert found.low <= 1 <= found.high
    assert np.isnan(ratio(np.zeros(3), np.zeros(3)).mean)


def test_ratio_leaves_out_resamples_that_say_nothing() -> None:
    found = ratio(np.array([1.0, 0.0]), np.array([2.0, 0.0]))
    assert (found.mean, found.low, found.high) == (0.5, 0.5, 0.5)


def test_area_under_roc_is_the_share_of_pairs_in_order() -> None:
    rng = np.random.default_rng(0)
    positive, negative = rng.integers(3, 12, 40), rng.integers(0, 9, 30)  # with ties
    pairs = positive[:, None] - negative
    expected = (pairs > 0).mean() + (pairs == 0).mean() / 2
    assert area_under_roc(positive.astype(float), negative.astype(float)) == pytest.approx(expected)
    assert np.isnan(area_under_roc(np.array([]), np.array([1.0])))


def test_interval_of_a_separation_covers_the_true_one_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    true = 0.7602  # of normal distributions one standard deviation apart: Phi(1 / sqrt(2))
    positive = np.tile(np.arange(20) < 8, (30, 1))
    covered = 0
    for k in range(100):
        found = separation(rng.normal(positive, 1), positive, ~positive, seed=k)
        covered += found.low <= true <= found.high
    assert 0.85 <= covered / 100 <= 1


def test_interval_of_a_separation_is_over_pictures_not_over_values() -> None:
    positive = np.tile([True, False], (30, 1))
    once = np.random.default_rng(0).normal(positive, 1)
    often = separation(np.repeat(once, 20, axis=1), *np.repeat([positive, ~positive], 20, axis=2))
    few = separation(once, positive, ~positive)
    assert often.mean == pytest.approx(few.mean)
    assert often.high - often.low == pytest.approx(few.high - few.low, rel=0.05)


def test_interval_of_a_clean_separation_has_no_width() -> None:
    values = np.array([[0.0, 1.0], [0.5, 2.0]])
    positive = np.array([[False, True]] * 2)
    found = separation(values, positive, ~positive)
    assert (found.mean, found.low, found.high) == (1, 1, 1)
    missing = separation(values, positive, np.zeros_like(positive))
    assert np.isnan([missing.mean, missing.low, missing.high]).all()


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
