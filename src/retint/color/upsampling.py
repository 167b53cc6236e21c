"""Enlarges chroma from the working size to full size, guided by the lightness.

A fast guided filter (He & Sun 2015, "Fast Guided Filter", algorithm 2): around every pixel, chroma
is a linear function of lightness, fitted at the working size. Its two coefficients are enlarged,
and the full-size lightness restores the edges. Unlike in the published filter, the line of a pixel
goes through its own chroma, so fine detail of the network's output is not smoothed.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32
from retint.color.resize import linear

RADIUS = 2
"""Radius of the window for each fit, in pixels of the working size."""
EPSILON = 9.0
"""Variance of L* above which a window is assumed to contain an edge for chroma to follow."""
AT_ONCE = 10_000
"""Pixels between two rows of the working size below which separate numpy calls for them take longer
than the copies of rows that one call for all needs.
"""


class GuidedUpsampler:
    """Full-size chroma, one stripe of rows at a time.

    Parameters
    ----------
    lightness
        L* [h, w] at the working size.
    chroma
        a*, b* [h, w, 2] at the working size.
    size
        Height and width of the full picture.
    """

    def __init__(
        self,
        lightness: Float32,
        chroma: Float32,
        size: tuple[int, int],
        radius: int = RADIUS,
        epsilon: float = EPSILON,
    ) -> None:
        slope, offset = _fit_lines(lightness, chroma, radius, epsilon)
        # Enlarging is separable: columns are enlarged now, rows when they are needed.
        coefficients = np.concatenate([slope, offset], axis=-1)
        columns = [
            linear(np.ascontiguousarray(coefficients[..., k]), (lightness.shape[0], size[1]))
            for k in range(4)
        ]
        self._planes = np.stack(columns)
        self._steps = np.diff(self._planes, axis=1, append=self._planes[:, -1:])
        self._above, self._share = _row_neighbours(lightness.shape[0], size[0])

    def __call__(self, rows: slice, lightness: Float32) -> Float32:
        """a*, b* [n, W, 2] of the given n rows, whose full-size L* is [n, W]."""
        chroma = np.empty((2, *lightness.shape), dtype=np.float32)
        above = self._above[rows]
        if lightness.size < AT_ONCE * len(np.unique(above)):
            self._fill(chroma, rows, lightness)
            return np.moveaxis(chroma, 0, -1)
        # Rows between the same two rows of the working size are computed together.
        ends = [*(np.flatnonzero(np.diff(above)) + 1), len(above)]
        start = 0
        for end in ends:
            between = slice(start, end)
            share = self._share[rows][between, None]
            for k in range(2):
                own = chroma[k, between]
                slope = share * self._steps[k, above[start]]
                slope += self._planes[k, above[start]]
                slope *= lightness[between]
                np.multiply(share, self._steps[k + 2, above[start]], out=own)
                own += self._planes[k + 2, above[start]]
                own += slope
            start = end
        return np.moveaxis(chroma, 0, -1)

    def _fill(self, chroma: Float32, rows: slice, lightness: Float32) -> None:
        """Compute all rows together, with the same arithmetic."""
        above, share = self._above[rows], self._share[rows][:, None]
        for k, own in enumerate(chroma):
            slope = self._steps[k].take(above, axis=0)
            slope *= share
            slope += self._planes[k].take(above, axis=0)
            slope *= lightness
            self._steps[k + 2].take(above, axis=0, out=own)
            own *= share
            own += self._planes[k + 2].take(above, axis=0)
            own += slope


def _fit_lines(
    lightness: Float32, chroma: Float32, radius: int, epsilon: float
) -> tuple[Float32, Float32]:
    """Slope and offset [h, w, 2] of chroma as a linear function of lightness around each pixel."""
    slope = box(fitted_slope(lightness, chroma, radius, epsilon), radius)
    return slope, chroma - slope * lightness[..., None]


def fitted_slope(lightness: Float32, chroma: Float32, radius: int, epsilon: float) -> Float32:
    """The slope [h, w, 2] of the window around each pixel."""
    mean_l = box(lightness, radius)[..., None]
    mean_c = box(chroma, radius)
    variance = box(lightness * lightness, radius)[..., None] - mean_l * mean_l
    covariance = box(lightness[..., None] * chroma, radius) - mean_l * mean_c
    slope = covariance / (np.maximum(variance, 0) + epsilon)
    return np.asarray(slope, np.float32)


def box(planes: Float32, radius: int) -> Float32:
    """Means [h, w] or [h, w, C] of the windows around each pixel."""
    window = (2 * radius + 1, 2 * radius + 1)
    blurred = cv2.blur(planes, window, borderType=cv2.BORDER_REFLECT)
    return np.asarray(blurred, dtype=np.float32)


def _row_neighbours(height: int, target: int) -> tuple[NDArray[np.intp], Float32]:
    """For each of `target` rows: its upper neighbour among `height` rows, and the weight of the
    next one.
    """
    centre = ((np.arange(target) + 0.5) * (height / target) - 0.5).clip(0, height - 1)
    above = np.floor(centre).astype(np.intp)
    return above, (centre - above).astype(np.float32)
