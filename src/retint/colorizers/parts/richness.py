"""Chroma made richer where a network means it.

A network that errs least answers with the middle of all plausible colors. Where these agree, the
middle is strong and only a little dull; where they do not, it is faint, and its hue says little.
One factor for both adds as much error in the second place as color in the first.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from retint.color.lab import Float32

SURROUNDINGS = 1 / 64
"""Width, in short sides, of the Gaussian over which chroma is judged: one thing, one factor."""


@dataclass(frozen=True)
class Richness:
    """What chroma is multiplied by, from the faintest to the strongest."""

    faint: float
    """Where there is next to none."""
    strong: float
    """Where there is most."""
    middle: float
    """The chroma in a*b* that is multiplied by the mean of both."""

    def gain(self, chroma: Float32, certainty: Float32 | None = None) -> Float32:
        """What a*, b* [H, W, 2] are multiplied by [H, W, 1].

        What nobody is certain of [H, W], in [0, 1], counts as faint, in that measure.
        """
        width = SURROUNDINGS * min(chroma.shape[:2])
        around = cv2.GaussianBlur(chroma, (0, 0), width, borderType=cv2.BORDER_REPLICATE)
        square = (around**2).sum(axis=-1, keepdims=True)
        share = square / (square + np.float32(self.middle**2))
        if certainty is not None:
            share = share * certainty[..., None]
        gain: Float32 = np.float32(self.faint) + np.float32(self.strong - self.faint) * share
        return gain
