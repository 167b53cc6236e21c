"""Measures whether objects are coloured completely, on a coarse grid of mean colours.

People complain about a coloured cheek beside a grey arm, half a suit, or a wall that changes from
olive to brown, but means of pixel errors hardly show these. A cell of a 16 x 16 grid is about as
large as the smallest part that is noticed in this way, and its mean is free of texture and noise.

Grids are CIELAB: `truth` is L*a*b* [N, 16, 16, 3] of N originals, `answer` is a*b* [N, 16, 16, 2]
of their colourings. The lightness of both is the same.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32
from retint.color.resize import average
from retint.evaluation.metrics import HUELESS, ciede2000

Grid = NDArray[np.floating[Any]]
Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

SIDE = 16
"""Cells along each side of a picture, whatever its shape."""
NO_COLOR = 0.05
"""Chroma of a cell that results from rounding only: greys of 8 bits have up to 0.01."""

COLORED, NEUTRAL = 14.0, 5.0
"""A cell of the original with more chroma than the first value is coloured, with less than the
second it is neutral. Cells between them are ambiguous and do not count.
"""
GREY, TINTED = 5.0, 10.0
"""A cell of the result with less chroma than the first value is grey, with more than the second it
is tinted.
"""

SKIN_HUE = (25.0, 75.0)
"""In degrees. All skin tones lie between red and yellow."""
SKIN_CHROMA = (12.0, 38.0)
SKIN_LIGHTNESS = (25.0, 88.0)
SKIN_DIRECTION = 50.0
"""Hue angle in degrees; the chroma of a result along it counts as skin colour."""
NEUTRAL_BESIDE_SKIN = 6.0
"""Maximum chroma of neutral cells with the lightness of skin, which are compared with skin."""

EQUAL_CHROMA = 0.7
"""Ratio of the mean chroma of results to that of originals at which methods are compared."""

ALIKE = 6.0
"""Maximum distance in a*b* of a cell from the mean of its region."""
REGION_CELLS = 6
REGION_CHROMA = 8.0
"""Minimum number of cells, and minimum mean chroma, of a region."""


def cell_means(lab: Float32) -> NDArray[np.float16]:
    """Mean colours [16, 16, 3] of a picture L*a*b* [H, W, 3]."""
    means = average(lab, (SIDE, SIDE))
    chroma = means[..., 1:]
    chroma[length(chroma) < NO_COLOR] = 0
    return means.astype(np.float16)


@dataclass(frozen=True)
class Original:
    """The cells of an original, and their regions."""

    colors: NDArray[np.float16]
    """Mean L*a*b*, [16, 16, 3]."""
    regions: NDArray[np.int16]
    """Their `regions_of`, [16, 16]."""


def original(lab: Float32) -> Original:
    """The cells of a picture L*a*b* [H, W, 3]."""
    colors = cell_means(lab)
    return Original(colors, regions_of(colors[..., 1:]))


def length(chroma: Grid) -> NDArray[np.floating[Any]]:
    """Chroma [...] of a*b* [..., 2]."""
    lengths: NDArray[np.floating[Any]] = np.hypot(chroma[..., 0], chroma[..., 1])
    return lengths


def equal_chroma_factor(truth: Grid, answer: Grid) -> float:
    """Factor that brings the mean chroma of all results to `EQUAL_CHROMA` of the originals'.

    One factor for the whole set, so that pictures keep their chroma relative to each other. NaN for
    results without colour.
    """
    true_mean, mean = (float(length(each).mean()) for each in (truth[..., 1:], answer))
    return EQUAL_CHROMA * true_mean / mean if mean > HUELESS * true_mean else float("nan")


@dataclass(frozen=True)
class Labelled:
    """Values of cells [N, 256], and masks of the two classes to separate.

    `statistics.area_under_roc` measures how well the values separate them.
    """

    values: Values
    positive: Mask
    negative: Mask


def coloredness(truth: Grid, answer: Grid) -> Labelled:
    """The result's chroma, for coloured against neutral cells.

    More chroma everywhere trades left grey for tinted. How well chroma separates the two classes
    does not depend on such a factor.
    """
    chroma = length(truth[..., 1:])
    return _label(length(answer), chroma > COLORED, chroma < NEUTRAL)


def skin_coloredness(truth: Grid, answer: Grid) -> Labelled:
    """The result's chroma along the hue of skin, for skin against neutral cells of the same
    lightness.

    For pictures of people only, since sand and wood also have the colours of skin. Neutral cells
    that are darker or lighter than skin are excluded, since lightness alone separates them.
    """
    lightness, chroma = truth[..., 0], length(truth[..., 1:])
    hue = np.degrees(np.arctan2(truth[..., 2], truth[..., 1]))
    direction = np.radians(SKIN_DIRECTION)
    along = answer @ np.array([np.cos(direction), np.sin(direction)])
    as_light = _within(lightness, SKIN_LIGHTNESS)
    skin = as_light & _within(chroma, SKIN_CHROMA) & _within(hue, SKIN_HUE)
    return _label(along, skin, as_light & (chroma < NEUTRAL_BESIDE_SKIN))


def _within(values: Grid, limits: tuple[float, float]) -> Mask:
    return np.asarray((values >= limits[0]) & (values <= limits[1]), np.bool_)


def _label(values: Grid, positive: Mask, negative: Mask) -> Labelled:
    flat = (len(values), -1)
    return Labelled(
        values.astype(np.float64).reshape(flat), positive.reshape(flat), negative.reshape(flat)
    )


@dataclass(frozen=True)
class Tally:
    """Sums over the cells of each picture, [N]."""

    colored: Values
    """Cells that are coloured in the original."""
    left_grey: Values
    """Those that are grey in the result."""
    neutral: Values
    """Cells that are neutral in the original."""
    tinted: Values
    """Those that are tinted in the result."""
    true_spread: Values
    """Standard deviation of a*b* within regions of the original, times their number of cells."""
    spread: Values
    """The same for the result, in the same regions."""
    ciede2000: Values
    """Mean CIEDE2000 of the cells."""


def tally(truth: Values, answer: Values, regions: NDArray[np.int16]) -> Tally:
    """Compute the sums over the cells of each picture.

    Parameters
    ----------
    regions
        `regions_of` each original, [N, 16, 16].
    """
    chroma, ours = length(truth[..., 1:]), length(answer)
    colored, neutral = chroma > COLORED, chroma < NEUTRAL
    coloured = np.concatenate([truth[..., :1], answer], axis=-1)
    return Tally(
        colored=_count(colored),
        left_grey=_count(colored & (ours < GREY)),
        neutral=_count(neutral),
        tinted=_count(neutral & (ours > TINTED)),
        true_spread=_spreads(truth[..., 1:], regions),
        spread=_spreads(answer, regions),
        ciede2000=np.asarray(ciede2000(coloured, truth).mean(axis=(1, 2)), np.float64),
    )


def _count(cells: Mask) -> Values:
    return np.asarray(cells.sum(axis=(1, 2)), np.float64)


def _spreads(chroma: Values, regions: NDArray[np.int16]) -> Values:
    return np.array([_spread(*each) for each in zip(chroma, regions, strict=True)])


def _spread(chroma: Values, regions: NDArray[np.int16]) -> float:
    """Standard deviation, mean of a* and b*, within each region; summed over all its cells."""
    total = 0.0
    for region in range(regions.max() + 1):
        inside = chroma[regions == region]
        total += len(inside) * float(inside.std(axis=0).mean())
    return total


def regions_of(chroma: Grid) -> NDArray[np.int16]:
    """Index of the region of each cell [16, 16] of a*b* [16, 16, 2], or -1.

    Regions are grown from the top left, breadth first (Zucker 1976, "Region growing: Childhood and
    adolescence"): a neighbour is added if it is within `ALIKE` of the mean so far. Small and
    neutral regions are excluded.
    """
    labels = np.full(chroma.shape[:2], -1, np.int16)
    free = np.ones(chroma.shape[:2], np.bool_)
    lengths = length(chroma)
    colors: list[list[tuple[float, float]]] = chroma.tolist()
    count = 0
    for start in np.ndindex(free.shape):
        if not free[start]:
            continue
        cells = tuple(np.transpose(_grow(colors, start, free)))
        if len(cells[0]) >= REGION_CELLS and lengths[cells].mean() >= REGION_CHROMA:
            labels[cells] = count
            count += 1
    return labels


def _grow(
    colors: list[list[tuple[float, float]]], start: tuple[int, ...], free: Mask
) -> list[tuple[int, int]]:
    """Cells of the region around `start`; they are removed from the free cells."""
    height, width = free.shape
    y, x = start
    free[y, x] = False
    found, front = [(y, x)], deque([(y, x)])
    sum_a, sum_b = colors[y][x]
    while front:
        y, x = front.popleft()
        for v, u in ((y, x + 1), (y + 1, x), (y, x - 1), (y - 1, x)):
            if not (0 <= v < height and 0 <= u < width and free[v, u]):
                continue
            a, b = colors[v][u]
            if math.hypot(a - sum_a / len(found), b - sum_b / len(found)) <= ALIKE:
                free[v, u] = False
                found.append((v, u))
                front.append((v, u))
                sum_a, sum_b = sum_a + a, sum_b + b
    return found
