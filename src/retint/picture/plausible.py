"""Tells samples with implausible colours from others, by the colours that are predicted."""

from __future__ import annotations

import cv2
import numpy as np

from retint.color.lab import Float32

BLUR = 1 / 96
"""Width in short sides over which colours are averaged, so that noise does not count."""
DECIDED = 10.0
"""Chroma from which the hue of the prediction counts."""
OPPOSITE = -6.0
"""Chroma along the predicted hue below which a sample has the opposite hue, such as blue skin."""
FAR = 45.0
"""Distance in a*b* from the prediction that no place is likely to have."""
MOST_OPPOSITE, MOST_FAR = 0.02, 0.01
"""Shares of a picture that may have each."""


def is_plausible(sample: Float32, predicted: Float32) -> bool:
    """Whether hardly any place of a sample a*, b* [H, W, 2] contradicts the prediction [H, W, 2].

    Limits were chosen on 24 samples of four photographs, among them a magenta space suit, a blue
    arm and blue hair.
    """
    width = BLUR * min(sample.shape[:2])
    sample, predicted = (_blurred(each, width) for each in (sample, predicted))
    strength = np.linalg.norm(predicted, axis=-1)
    along = (sample * predicted).sum(axis=-1) / np.maximum(strength, np.float32(1e-3))
    opposite = (along < OPPOSITE) & (strength > DECIDED)
    far = np.linalg.norm(sample - predicted, axis=-1) > FAR
    return bool(opposite.mean() <= MOST_OPPOSITE and far.mean() <= MOST_FAR)


def _blurred(chroma: Float32, width: float) -> Float32:
    blurred = cv2.GaussianBlur(chroma, (0, 0), width, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.float32)
