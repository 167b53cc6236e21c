"""Means one can trust: bootstrap intervals, and paired comparison of two methods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

RESAMPLES = 2000
LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean with its bootstrap interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """Method A against method B on the same pictures, for one metric."""

    difference: Estimate
    """Mean of A minus B."""
    win_rate: float
    """Share of pictures on which A is better; ties count half."""
    p: float
    """Chance of so large a mean difference if the methods were alike, by sign flips."""


def estimate(values: Values, seed: int = 0) -> Estimate:
    """Mean and 95 % percentile bootstrap interval (Efron 1979) of independent values [N].

    Infinite values (the PSNR of identical pictures) make an infinite mean.
    """
    values = values[~np.isnan(values)]
    if values.size == 0:
        return Estimate(np.nan, np.nan, np.nan)
    rng = np.random.default_rng(seed)
    means = np.array([rng.choice(values, values.size).mean() for _ in range(RESAMPLES)])
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="lower")
    return Estimate(float(values.mean()), float(low), float(high))


def ratio(numerators: Values, denominators: Values, seed: int = 0) -> Estimate:
    """Ratio of the means of two columns [N], with its bootstrap interval over pictures."""
    rng = np.random.default_rng(seed)
    count = numerators.size
    ratios = []
    for _ in range(RESAMPLES):
        drawn = rng.integers(0, count, count)
        ratios.append(_ratio(numerators[drawn], denominators[drawn]))
    low, high = np.quantile(ratios, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(_ratio(numerators, denominators), float(low), float(high))


def _ratio(numerators: Values, denominators: Values) -> float:
    total = denominators.sum()
    return float(numerators.sum() / total) if total else np.nan


def compare(a: Values, b: Values, *, larger_is_better: bool, seed: int = 0) -> Comparison:
    """Compare two methods picture by picture.

    The p-value is that of a two-sided sign-flip permutation test on the mean difference (Good
    2005, "Permutation, Parametric and Bootstrap Tests of Hypotheses", section 3.2).

    Parameters
    ----------
    a, b
        One metric [N] of the two methods, in the same order of pictures.
    """
    if a.shape != b.shape:
        raise ValueError(f"{a.size} pictures cannot be paired with {b.size}")
    difference = a - b
    difference = difference[np.isfinite(difference)]
    better = difference > 0 if larger_is_better else difference < 0
    wins = better.mean() + (difference == 0).mean() / 2 if difference.size else np.nan
    return Comparison(estimate(difference, seed), float(wins), _sign_flip_p(difference, seed))


def _sign_flip_p(difference: Values, seed: int) -> float:
    rng = np.random.default_rng(seed)
    observed = abs(difference.sum())
    # The observed signs are one of the flips, so p is never 0.
    flips = (np.abs(_flipped(difference, rng)) >= observed * (1 - 1e-12)).sum()
    return float((flips + 1) / (RESAMPLES + 1))


def _flipped(difference: Values, rng: np.random.Generator) -> Values:
    signs = rng.choice(np.array([-1.0, 1.0]), (RESAMPLES, difference.size))
    sums: Values = signs @ difference
    return sums
