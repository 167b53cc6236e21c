"""Averages a network's predictions over several scales and mirror images of a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from retint.color.lab import Float32
from retint.color.resize import linear, run_padded, shrink
from retint.color.size import SizeRequirement

Predict = Callable[[Float32], Float32]
"""Maps L* of several pictures [N, H, W] to their a*, b* [N, H, W, 2]."""


def mean_of_views(
    predict: Predict, lightness: Float32, scales: Sequence[float], size: SizeRequirement
) -> Float32:
    """a*, b* [H, W, 2] of a picture, averaged over scales and over the picture and its mirror
    image.

    Parameters
    ----------
    lightness
        L* [H, W].
    scales
        Scales of the picture to run the network at.
    size
        Heights and widths that the network accepts.
    """
    height, width = lightness.shape
    chroma = np.zeros((height, width, 2), np.float32)
    for scale in scales:
        view = (max(1, round(height * scale)), max(1, round(width * scale)))
        seen = run_padded(partial(_unmirror, predict), shrink(lightness, view), size)
        if view != lightness.shape:
            seen = linear(seen, (height, width))
        chroma += seen
    mean: Float32 = chroma / np.float32(len(scales))
    return mean


def _unmirror(predict: Predict, lightness: Float32) -> Float32:
    here, mirrored = predict(np.stack([lightness, lightness[:, ::-1]]))
    chroma: Float32 = (here + mirrored[:, ::-1]) / np.float32(2)
    return chroma
