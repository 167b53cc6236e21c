"""Outlines of soft masks."""

from __future__ import annotations

import cv2
import numpy as np

from retint.color.lab import Float32

HALF = 0.5
"""Share from which a place belongs to what is outlined."""
FINER = 2
"""How many times finer than the mask the outline is drawn."""
LEAST = 0.0005
"""Smallest area that gets an outline, as a share of the picture's."""
TOLERANCE = 0.75
"""Largest distance in cells of the finer mask from an exact outline."""


def outlines(mask: Float32) -> list[Float32]:
    """Closed lines around what a mask [h, w] contains, and around the holes in it.

    Each is x, y [N, 2], in shares of the width and of the height.
    """
    size = (FINER * mask.shape[1], FINER * mask.shape[0])
    inside = (cv2.resize(mask, size) > HALF).astype(np.uint8)
    # A border, so that lines run along the picture's edges and not one cell within them.
    framed = np.pad(inside, 1)
    found, _ = cv2.findContours(framed, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    large = (each for each in found if cv2.contourArea(each) > LEAST * inside.size)
    lines = (cv2.approxPolyDP(each, TOLERANCE, True)[:, 0] for each in large)
    whole = np.array(size, np.float32)
    return [np.asarray((each - 0.5) / whole, np.float32).clip(0, 1) for each in lines]
