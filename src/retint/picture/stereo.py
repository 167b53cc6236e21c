"""Finds the gap between the two pictures of a stereo card that fill the rest of it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32

MIDDLE = 0.4, 0.6
"""Where the gap is, as shares of the width."""
LEAST_WIDTH, MOST_WIDTH = 0.004, 0.12
"""Width of the gap, as a share of the whole."""
LEAST_ASPECT = 1.5
"""Minimum width of a stereo card in heights."""
ALONG = 9
"""Pixels along a column that are averaged, against noise."""
NEAR, MOST_NOISE = 8.0, 6.0
"""Maximum distance of a pixel's level from that of the gap, and noise of the gap, in levels."""
FLAT = 0.97
"""Minimum share of such pixels in a column."""
SIDE = 48
"""Size in pixels at which the two pictures are compared."""
SHIFT = 6
"""Maximum distance in these pixels between the same things in both."""
ALIKE = 0.7
"""Minimum correlation of the two pictures."""


def gap(levels: Float32) -> tuple[int, int] | None:
    """First column of the gap and the one after it, in grey levels [H, W] of a card without its
    frame; None if there is none.
    """
    height, width = levels.shape
    if width < LEAST_ASPECT * height or height < SIDE:
        return None
    first, last = (round(each * width) for each in MIDDLE)
    smooth = np.asarray(cv2.blur(levels, (1, ALONG)), np.float32)[:, first:last]
    level = np.median(smooth, axis=0)
    flat = (np.abs(smooth - level) <= NEAR).mean(axis=0) >= FLAT
    runs = [each for each in _runs(flat) if _is_gap(level[each], width)]
    if len(runs) != 1:
        return None
    start, stop = first + runs[0].start, first + runs[0].stop
    halves = levels[:, :start], levels[:, stop:]
    return (start, stop) if _correlation(*halves) >= ALIKE else None


def _runs(flags: NDArray[np.bool_]) -> list[slice]:
    """The ranges of flags [n] that are set, without those at the ends."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8))) + 1
    if flags[0]:
        edges = edges[1:]
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=False)]


def _is_gap(levels: NDArray[np.float32], width: int) -> bool:
    even = float(np.ptp(levels)) <= MOST_NOISE
    return even and LEAST_WIDTH * width <= len(levels) <= MOST_WIDTH * width


def _correlation(left: Float32, right: Float32) -> float:
    """Best correlation of two pictures, if one may be shifted sideways."""
    one, other = (
        cv2.resize(each, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for each in (left, right)
    )
    inner = one[2:-2, SHIFT:-SHIFT]
    if inner.std() < MOST_NOISE:
        return 0.0
    return float(cv2.matchTemplate(other, inner, cv2.TM_CCOEFF_NORMED).max())
