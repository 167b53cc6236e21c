"""Measures the steadiness of the colours of a film.

Warp error after Lai et al. 2018 ("Learning Blind Video Temporal Consistency", section 4.2), on
a*b*: changes of colour along the motion of the original. CDC (Liu et al. 2024, "Temporally
Consistent Video Colorization with Deep Feature Propagation and Self-regularization Learning",
section 4): changes of the colour histograms.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32

AGREED = 1.0
"""Maximum difference in pixels between forward and backward flow."""
ALIKE = 8
"""Maximum change of a pixel between frames, in grey levels."""
APART = (1, 2, 4)
"""Distances in frames between the compared histograms."""


class WarpError:
    """Mean difference between a*b* of a frame warped to the next one, and a*b* of that one.

    Pixels that are occluded, or whose motion is unreliable, are excluded.
    """

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def motion(
        self, before: NDArray[np.uint8], now: NDArray[np.uint8]
    ) -> tuple[Float32, Float32, NDArray[np.bool_]]:
        """Positions in `before` of the pixels of `now` (grey [h, w]): x, y, and a mask."""
        none = np.zeros((*now.shape, 2), np.float32)
        back = np.asarray(self._flow.calc(now, before, none.copy()), np.float32)
        onward = np.asarray(self._flow.calc(before, now, none), np.float32)
        ys, xs = np.indices(now.shape, dtype=np.float32)
        x, y = xs + back[..., 0], ys + back[..., 1]
        missed = np.square(back + cv2.remap(onward, x, y, cv2.INTER_LINEAR)).sum(axis=-1)
        then = cv2.remap(before, x, y, cv2.INTER_LINEAR).astype(int)
        sure = (missed < AGREED**2) & (np.abs(then - now) < ALIKE)
        return x, y, np.asarray(sure, np.bool_)

    @staticmethod
    def of(
        motion: tuple[Float32, Float32, NDArray[np.bool_]], before: Float32, now: Float32
    ) -> float:
        """Error for a*b* [h, w, 2] of two frames; NaN if no pixel is reliable."""
        x, y, sure = motion
        if not sure.any():
            return float("nan")
        carried = cv2.remap(before, x, y, cv2.INTER_LINEAR)
        return float(np.abs(carried - now).mean(axis=-1)[sure].mean())


def histograms(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Shares of the 256 levels [3, 256]."""
    counts = [np.bincount(rgb[..., k].ravel(), minlength=256) for k in range(3)]
    shares = np.stack(counts) / rgb[..., 0].size
    return np.asarray(shares, np.float64)


def cdc(all_histograms: list[NDArray[np.float64]]) -> float:
    """Mean Jensen-Shannon divergence of histograms 1, 2 and 4 frames apart."""
    found = []
    for step in APART:
        pairs = zip(all_histograms, all_histograms[step:], strict=False)
        found += [_divergence(*pair) for pair in pairs]
    return float(np.mean(found)) if found else float("nan")


def _divergence(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    middle = (one + other) / 2
    total = 0.0
    for each in (one, other):
        some = each > 0
        total += 0.5 * float((each[some] * np.log(each[some] / middle[some])).sum())
    return total / len(one)
