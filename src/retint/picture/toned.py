"""Detects whether a picture is in colour, or black and white (possibly toned brown or blue).

In a toned print, colour is a function of lightness; in a colour photograph, objects of the same
lightness have different colours. So each colour is compared with the mean colour of its lightness.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retint.color import lab
from retint.color.resize import average
from retint.files import Photo

SIDE = 128
"""Longest side in pixels for the analysis; at this size paper grain and noise average out."""
BINS = 24
"""Number of lightness classes."""
LEAST_SPREAD = 5.0
"""Minimum spread of a colour picture; `benchmarks/quality/toned.py` measures the errors of this
threshold.
"""


def is_in_color(photo: Photo) -> bool:
    """Whether a picture is in colour and not just toned."""
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
    return average(pixels, (max(1, round(height * scale)), max(1, round(width * scale))))
