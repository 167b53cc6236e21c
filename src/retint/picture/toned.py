"""Is a picture in colour already, or black and white, perhaps toned brown or blue?

In a toned print colour is a function of lightness; in a colour photograph things of one lightness
have different colours. So colours are compared with the mean colour of their lightness.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color import lab
from retint.files import Photo

SIDE = 128
"""Longest side in pixels of what is looked at: paper grain and noise average out."""
BINS = 24
"""Classes of lightness."""
LEAST_SPREAD = 5.0
"""Of a picture in colour: `benchmarks/quality/toned.py` measures what that choice gets wrong."""


def is_in_color(photo: Photo) -> bool:
    """Whether a picture is in colour already, and not only toned."""
    return color_spread(photo) >= LEAST_SPREAD


def color_spread(photo: Photo) -> float:
    """Deviation of a*, b* from the mean colour of their lightness; 0 for grey."""
    if photo.pixels.ndim == 2:
        return 0.0
    small = _small(photo.pixels)
    planes = lab.rgb_to_lab(small).reshape(-1, 3)
    classes = np.clip((planes[:, 0] * (BINS / 100)).astype(int), 0, BINS - 1)
    counts = np.maximum(np.bincount(classes, minlength=BINS), 1)
    left = np.empty((len(planes), 2))
    for k in (1, 2):
        means = np.bincount(classes, planes[:, k], minlength=BINS) / counts
        left[:, k - 1] = planes[:, k] - means[classes]
    return float(np.sqrt(np.square(left).sum(axis=1).mean()))


def _small(pixels: NDArray[np.generic]) -> NDArray[np.generic]:
    height, width = pixels.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(np.asarray(pixels), size, interpolation=cv2.INTER_AREA))
