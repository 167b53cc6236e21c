"""Spreads the differences between hints and a prediction to the surroundings of the hints.

A Gaussian process over position and lightness (Rasmussen & Williams 2006, "Gaussian Processes for
Machine Learning", section 2.2, equation 2.23; kriging in geostatistics): where the prediction
differs from a hint, it has a similar error nearby at similar lightness.
"""

from __future__ import annotations

import cv2
import numpy as np

from retint.color.lab import Float32
from retint.color.resize import average, linear

REACH = 0.06
"""Standard deviation of the kernel in short sides of the picture.

On val/, with hints at random positions, 0.2 is slightly better (20 hints: 0.1 dB). But people place
hints on objects, and with 0.2 the green of a cat's eyes spreads into its fur, and the red of a tram
into the street.
"""
ALIKE = 10.0
"""Standard deviation of the kernel in L*."""
NOISE = 0.2
"""Variance of a hint's error relative to that of the prediction."""
MOST = 256
"""Maximum number of positions; solving for more would be too slow for interactive use."""
CELL = 16
"""Side in pixels of a square in which hints of one colour are merged."""
COARSE = 2
"""Pixels per cell of the correction, which is smooth at that scale."""


def corrected(answer: Float32, lightness: Float32, hints: Float32) -> Float32:
    """Correct a prediction a*, b* [H, W, 2] with the hints [H, W, 3] that it was made with.

    Parameters
    ----------
    lightness
        L* [H, W].
    """
    places, levels, errors = _gather(answer, lightness, hints)
    if not len(errors):
        return answer
    short = min(lightness.shape)
    among = _kernel(places, levels, places, levels, short)
    among[np.diag_indices_from(among)] += NOISE
    _, weights = cv2.solve(among, errors, flags=cv2.DECOMP_CHOLESKY)
    height, width = lightness.shape
    small = average(lightness, (-(-height // COARSE), -(-width // COARSE)))
    ys, xs = np.indices(small.shape, np.float32) * COARSE + np.float32((COARSE - 1) / 2)
    everywhere = np.stack([ys.ravel(), xs.ravel()], axis=1)
    kernel = _kernel(everywhere, small.ravel(), places, levels, short)
    added = _product(kernel, np.asarray(weights, np.float32)).reshape(*small.shape, 2)
    return np.asarray(answer + linear(added, lightness.shape), np.float32)


def _gather(
    answer: Float32, lightness: Float32, hints: Float32
) -> tuple[Float32, Float32, Float32]:
    """Positions (y, x) [N, 2], L* [N] and errors [N, 2], one for each colour in each square."""
    rows, columns = np.nonzero(hints[..., 2])
    colors = hints[rows, columns, :2]
    cell = CELL
    while True:
        keys = np.column_stack([rows // cell, columns // cell, colors])
        _, of, counts = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
        if len(counts) <= MOST or cell > max(hints.shape):
            break
        cell *= 2
    values = np.column_stack([
        rows, columns, lightness[rows, columns],
        colors - answer[rows, columns],
    ])  # fmt: skip
    sums = np.zeros((len(counts), values.shape[1]))
    np.add.at(sums, of.ravel(), values)
    means = (sums / counts[:, None]).astype(np.float32)
    return means[:, :2], means[:, 2], means[:, 3:]


def _kernel(
    places: Float32, levels: Float32, others: Float32, their_levels: Float32, short: int
) -> Float32:
    """Covariance [N, M] of the errors at two sets of positions."""
    # Expanding the squares replaces the differences of all pairs by one matrix product.
    near, alike = np.float32(REACH * short), np.float32(ALIKE)
    one = np.column_stack([places / near, levels / alike]).astype(np.float32)
    other = np.column_stack([others / near, their_levels / alike]).astype(np.float32)
    squares = (one**2).sum(1)[:, None] + (other**2).sum(1) - 2 * _product(one, other.T)
    kernel: Float32 = np.exp(np.float32(-0.5) * np.maximum(squares, 0))
    return kernel


def _product(one: Float32, other: Float32) -> Float32:
    """Matrix product by OpenCV. After a numpy product, BLAS threads keep spinning while the network
    needs the cores.

    On two cores this would delay the network's next run.
    """
    product = cv2.gemm(one, np.ascontiguousarray(other), 1, None, 0)  # type: ignore[call-overload]  # None is missing in stubs
    return np.asarray(product, np.float32)
