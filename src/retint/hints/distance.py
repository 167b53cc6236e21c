"""How far the places of a picture are from all hints."""

from __future__ import annotations

import cv2
import numpy as np

from retint.color.lab import Float32

REACH = 0.2
"""Distance from a hint, in short sides, at which a place counts as far for the most part."""


def unknown(hints: Float32 | None) -> Float32 | None:
    """Distance of each pixel [H, W] from hints [H, W, 3], from 0 to 1; None without hints."""
    if hints is None or not hints[..., 2].any():
        return None
    free = (hints[..., 2] == 0).astype(np.uint8)
    distance = cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_3)
    return np.asarray(1 - np.exp(-distance / np.float32(REACH * min(free.shape))), np.float32)
