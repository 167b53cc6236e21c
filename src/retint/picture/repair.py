"""Repair of damaged places, and of the contrast of faded prints.

Repair changes lightness, which nothing else in retint does, so it is off by default. It fills
damaged places from their surroundings.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color import lab
from retint.files import Photo
from retint.picture import texture

INPAINT_RADIUS = 3.0
NARROW = 9.0
"""Width in pixels of the widest place that is filled smoothly."""
BLACK, WHITE = 0.5, 99.5
"""Percentiles of lightness that fading has moved."""
FULL = (4.0, 96.0)
"""L* values that these percentiles are mapped to."""
LEAST_TOLD = 0.1
"""Percentage of a picture below which the exact one is not told."""


def repaired(photo: Photo, mask: NDArray[np.uint8] | None, fading: float) -> Photo:
    """Reduce damage and fading.

    Parameters
    ----------
    mask
        What to paint over [H, W], 0 for sound pixels, which do not change; None for nothing.
    fading
        Strength between 0 (unchanged) and 1.
    """
    pixels = photo.pixels
    if mask is not None:
        pixels = _inpaint(pixels, mask)
    if fading:
        pixels = _correct_fading(pixels, fading)
    return photo if pixels is photo.pixels else photo.with_pixels(pixels)


def repaired_text(share: float) -> str:
    """A remark on the share of a picture, from 0 to 1, that was painted over."""
    if not share:
        return "found no damage to repair"
    percent = 100 * share
    told = f"{percent:.1f}" if percent >= LEAST_TOLD else f"less than {LEAST_TOLD}"
    return f"repaired {told} % of the picture"


def _inpaint(pixels: NDArray[np.generic], mask: NDArray[np.uint8]) -> NDArray[np.generic]:
    """Fill narrow places smoothly and wide ones with texture from nearby."""
    if not mask.any():
        return pixels
    planes = (pixels if pixels.ndim == 3 else pixels[..., None]).copy()
    wide = _wide(mask)
    _smooth(planes, np.where(wide, np.uint8(0), mask))
    left = texture.fill(planes, wide)
    _smooth(planes, left.astype(np.uint8))
    return planes.reshape(pixels.shape)


def _wide(mask: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Places of the mask that are wider than `NARROW`, with their rims."""
    radius = NARROW / 2
    core = (cv2.distanceTransform(mask, cv2.DIST_L2, 5) > radius).astype(np.uint8)
    reach = 2 * round(radius + 2) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    found: NDArray[np.bool_] = (cv2.dilate(core, disc) > 0) & (mask > 0)
    return found


def _smooth(planes: NDArray[np.generic], mask: NDArray[np.uint8]) -> None:
    """Fill places of planes [H, W, C], in place, by Telea 2004, "An Image Inpainting Technique
    Based on the Fast Marching Method".
    """
    if not mask.any():
        return
    # OpenCV inpaints 8 bits, or 16 bits or floating point in one channel, and adds up to about one
    # level, so that floating point needs levels, too.
    scale = 1 if planes.dtype.kind == "u" else np.float32(255)
    for k in range(planes.shape[2]):
        levels = np.ascontiguousarray(planes[..., k]) * scale
        filled = cv2.inpaint(levels, mask, INPAINT_RADIUS, cv2.INPAINT_TELEA)
        if scale != 1:
            filled = filled.clip(0, scale) / scale
        planes[..., k][mask > 0] = filled[mask > 0]


def _correct_fading(pixels: NDArray[np.generic], strength: float) -> NDArray[np.generic]:
    """Stretch lightness so that its extremes are those of a new print."""
    lightness = lab.lightness(pixels)
    low, high = np.percentile(lightness[:: max(1, lightness.shape[0] // 1000)], (BLACK, WHITE))
    if high - low < 1:
        return pixels
    to_low = min(low, FULL[0])
    to_high = max(high, FULL[1])
    stretched = to_low + (lightness - low) * np.float32((to_high - to_low) / (high - low))
    wanted = lightness + np.float32(strength) * (stretched - lightness)
    grey = lab.grey_of(np.clip(wanted, 0, 100).astype(np.float32), pixels.dtype)
    return grey if pixels.ndim == 2 else np.repeat(grey[..., None], 3, axis=2)
