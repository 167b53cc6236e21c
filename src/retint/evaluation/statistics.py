"""Bootstrap intervals of means, and paired comparisons of two methods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

RESAMPLES = 2000
LEVEL = 0.95
BINS = 1000
"""Number of ranks that values are binned into for the interval of an area; the area itself is
exact.
"""


@dataclass(frozen=True)
class Estimate:
    """A mean with its bootstrap interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """Method A compared with method B on the same pictures, for one metric."""

    difference: Estimate
    """Mean of A minus B."""
    win_rate: float
    """Share of pictures on which A is better; ties count half."""
    p: float
    """Probability of a mean difference this large if the methods were equal, by sign flips."""


def estimate(values: Values, seed: int = 0) -> Estimate:
    """Mean and 95 % percentile bootstrap interval (Efron 1979) of independent values [N].

    Infinite values (the PSNR of identical pictures) give an infinite mean.
    """
    values = values[~np.isnan(values)]
    if values.size == 0:
        return Estimate(np.nan, np.nan, np.nan)
    rng = np.random.default_rng(seed)
    means = np.array([rng.choice(values, values.size).mean() for _ in range(RESAMPLES)])
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="lower")
    return Estimate(float(values.mean()), float(low), float(high))


def ratio(numerators: Values, denominators: Values, seed: int = 0) -> Estimate:
    """Ratio of the means of two columns [N], with its bootstrap interval over pictures.

    Resamples whose denominators are all 0 are left out.
    """
    rng = np.random.default_rng(seed)
    count = numerators.size
    ratios = []
    for _ in range(RESAMPLES):
        drawn = rng.integers(0, count, count)
        ratios.append(_ratio(numerators[drawn], denominators[drawn]))
    return Estimate(_ratio(numerators, denominators), *_interval(np.array(ratios)))


def _interval(resampled: Values) -> tuple[float, float]:
    resampled = resampled[~np.isnan(resampled)]
    if resampled.size == 0:
        return np.nan, np.nan
    low, high = np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _ratio(numerators: Values, denominators: Values) -> float:
    total = denominators.sum()
    return float(numerators.sum() / total) if total else np.nan


def area_under_roc(positive: Values, negative: Values) -> float:
    """Probability that a positive value [P] is above a negative one [Q]; ties count half.

    1 is perfect separation, 0.5 none (Hanley & McNeil 1982, "The meaning and use of the area under
    a receiver operating characteristic (ROC) curve"). NaN if one kind has no values.
    """
    if not (positive.size and negative.size):
        return float("nan")
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, "left") + np.searchsorted(ordered, positive, "right")
    return float(below.mean() / 2 / negative.size)


def separation(values: Values, positive: Mask, negative: Mask, seed: int = 0) -> Estimate:
    """`area_under_roc` over all pictures together, with its bootstrap interval over pictures.

    Parameters
    ----------
    values
        [N, K]: K values for each of N pictures.
    positive, negative
        Masks [N, K] of the two kinds of values.
    """
    area = area_under_roc(values[positive], values[negative])
    if np.isnan(area):
        return Estimate(area, area, area)
    count = len(values)
    levels = np.unique(np.quantile(values[positive | negative], np.linspace(0, 1, BINS + 1)))
    ranks = np.searchsorted(levels, values, "right")
    positives, negatives = (_counts(ranks, mask, levels.size + 1) for mask in (positive, negative))
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(count, np.full(count, 1 / count), RESAMPLES).astype(np.float64)
    above, beside = drawn @ positives, drawn @ negatives
    below = beside.cumsum(axis=1) - beside / 2
    pairs = above.sum(axis=1) * beside.sum(axis=1)
    areas = (above * below).sum(axis=1)[pairs > 0] / pairs[pairs > 0]
    return Estimate(area, *_interval(areas))


def _counts(ranks: NDArray[np.int64], chosen: Mask, size: int) -> NDArray[np.int64]:
    """Counts of each rank below `size` among the chosen values of each picture, [N, size]."""
    rows = zip(ranks, chosen, strict=True)
    return np.stack([np.bincount(row[mask], minlength=size) for row, mask in rows])


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
    flips = (np.abs(_flip(difference, rng)) >= observed * (1 - 1e-12)).sum()
    return float((flips + 1) / (RESAMPLES + 1))


def _flip(difference: Values, rng: np.random.Generator) -> Values:
    signs = rng.choice(np.array([-1.0, 1.0]), (RESAMPLES, difference.size))
    sums: Values = signs @ difference
    return sums
