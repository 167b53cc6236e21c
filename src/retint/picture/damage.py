"""Where a photograph is damaged: scratches, dust, hairs, cracks, tears.

A small network tells them from what was photographed; filters cannot tell an eyelash from a
scratch. Model card: `weights/damage.md`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color import lab
from retint.color.resize import average, linear, run_padded
from retint.colorizers.parts.network import load_own
from retint.hints import Hints

NAME = "damage"
"""Name of the network and of its file."""
MOST_PIXELS = 1_500_000
"""Larger pictures are reduced to this size for the network."""
SURE, UNSURE = 0.99, 0.8
"""Least probability of damage at strengths near 0 and at 1."""
AROUND = 0.5
"""Pixels beside damage are part of it down to this share of that probability."""


@dataclass(frozen=True)
class Retouch:
    """What a person marked for repair, or excluded from it."""

    damaged: Hints = field(default_factory=Hints)
    """Shapes that are repaired, whatever is found in them."""
    left: Hints = field(default_factory=Hints)
    """Shapes in which nothing is repaired, not even in the others."""

    def mark(self, mask: NDArray[np.uint8]) -> None:
        """Change a mask [H, W] of what is repaired."""
        for shapes, value in ((self.damaged, 255), (self.left, 0)):
            if shapes:
                mask[shapes.mask(mask.shape[:2]) > 0] = value


AS_FOUND = Retouch()


def likelihood(pixels: NDArray[np.generic], threads: int = 0) -> NDArray[np.uint8]:
    """Probability of damage [h, w], 255 for certainty, from grey or sRGB pixels [H, W, ...].

    The result is as large as the picture, or smaller if that has more than `MOST_PIXELS`.
    """
    height, width = pixels.shape[:2]
    scale = math.sqrt(MOST_PIXELS / (height * width))
    if scale < 1:
        pixels = average(pixels, (max(1, round(height * scale)), max(1, round(width * scale))))
    grey = lab.grey_of(lab.lightness(pixels), np.dtype(np.float32))
    network = load_own(NAME, None, threads, "cpu")
    odds = run_padded(
        lambda plane: network(plane[None, None])[0, 0], grey, network.description.size
    )
    return (odds * 255 + np.float32(0.5)).astype(np.uint8)


def damage_mask(
    likely: NDArray[np.uint8], strength: float, size: tuple[int, int]
) -> NDArray[np.uint8]:
    """Mask [H, W] of this size, 255 where the picture is to be repaired.

    Parameters
    ----------
    likely
        The result of `likelihood`.
    strength
        How much counts as damage, between 0 and 1.

    A place belongs to the mask if its probability is high, and so does what is connected with it
    and nearly as probable (Canny 1986, "A Computational Approach to Edge Detection", section
    VII: thresholding with hysteresis).
    """
    high = 255 * (SURE + strength * (UNSURE - SURE))
    possible = (likely > AROUND * high).astype(np.uint8)
    count, labels = cv2.connectedComponents(possible, connectivity=8)
    certain = np.zeros(count, np.uint8)
    certain[labels[likely > high]] = 255
    certain[0] = 0
    found = certain[labels]
    if found.shape != size:
        found = np.where(linear(found, size) > 127, np.uint8(255), np.uint8(0))
    # The rim of a scratch is not what surrounds it.
    return np.asarray(cv2.dilate(found, np.ones((3, 3), np.uint8)), np.uint8)
