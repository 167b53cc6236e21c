"""Strengthens chroma where the network's prediction is strong.

A network that minimises its error predicts the mean of all plausible colours. Where these agree,
the mean is strong and only slightly dull; where they differ, it is faint and its hue is unreliable.
A single factor for both would add as much error in the second case as colour in the first.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from retint.color.lab import Float32

SURROUNDINGS = 1 / 64
"""Width in short sides of the Gaussian that averages chroma, so that one object gets one factor."""


@dataclass(frozen=True)
class Richness:
    """Factors for chroma, from the faintest to the strongest."""

    faint: float
    """Factor for almost no chroma."""
    strong: float
    """Factor for the highest chroma."""
    middle: float
    """Chroma in a*b* at which the factor is the mean of both."""

    def gain(self, chroma: Float32, certainty: Float32 | None = None) -> Float32:
        """Factor [H, W, 1] for a*, b* [H, W, 2].

        Chroma counts as fainter in proportion to the lack of `certainty` [H, W], in [0, 1].
        """
        width = SURROUNDINGS * min(chroma.shape[:2])
        around = cv2.GaussianBlur(chroma, (0, 0), width, borderType=cv2.BORDER_REPLICATE)
        return self.at(np.asarray(around, np.float32), certainty)

    def at(self, chroma: Float32, certainty: Float32 | None = None) -> Float32:
        """As `gain`, for each a*, b* by itself."""
        square = (chroma**2).sum(axis=-1, keepdims=True)
        share = square / (square + np.float32(self.middle**2))
        if certainty is not None:
            share = share * certainty[..., None]
        gain: Float32 = np.float32(self.faint) + np.float32(self.strong - self.faint) * share
        return gain
