"""Repair of dust and scratches, and of the contrast of faded prints.

Repair changes lightness, which nothing else in retint does, so it is off by default. It fills
specks from their surroundings only.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color import lab
from retint.files import Photo

SPECK = 0.006
"""Width of the widest speck or scratch that is detected, in short sides."""
LEAST_CONTRAST, MOST_CONTRAST = 12.0, 45.0
"""Minimum contrast of a speck with its surroundings, in L*, at strength 1 and near 0."""
MOST_SHARE = 0.03
"""Maximum share of the picture; if more stands out it is texture, and only the most distinct specks
count.
"""
INPAINT_RADIUS = 3.0
BLACK, WHITE = 0.5, 99.5
"""Percentiles of lightness that fading has moved."""
FULL = (4.0, 96.0)
"""L* values that these percentiles are mapped to."""


def repaired(
    photo: Photo, specks: float, fading: float, left: NDArray[np.uint8] | None = None
) -> Photo:
    """Reduce dust, scratches and fading.

    Parameters
    ----------
    specks, fading
        Strength between 0 (unchanged) and 1.
    left
        Mask [H, W]; nothing is repaired where it is not 0.
    """
    if not specks and not fading:
        return photo
    pixels = photo.pixels
    if specks:
        mask = speck_mask(pixels, specks)
        if left is not None:
            mask[left > 0] = 0
        pixels = _inpaint(pixels, mask)
    if fading:
        pixels = _correct_fading(pixels, fading)
    return photo.with_pixels(pixels)


def speck_mask(pixels: NDArray[np.generic], strength: float) -> NDArray[np.uint8]:
    """Mask of dust and scratches [H, W], 255 where they are, from grey or sRGB pixels [H, W, ...].

    A speck is brighter or darker than everything around it, so a morphological opening or closing
    with a disc wider than the speck removes it (Gonzalez & Woods, "Digital Image Processing",
    section 9.6, top-hat transformation). What that operation removes at the edges of objects lies
    on one side only and is longer than the disc, so it is kept.
    """
    lightness = lab.lightness(pixels)
    width = max(3, 2 * round(SPECK * min(lightness.shape) / 2) + 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    bright = cv2.morphologyEx(lightness, cv2.MORPH_TOPHAT, disc)
    dark = cv2.morphologyEx(lightness, cv2.MORPH_BLACKHAT, disc)
    contrast = np.maximum(bright, dark)
    least = MOST_CONTRAST - strength * (MOST_CONTRAST - LEAST_CONTRAST)
    least = max(least, float(np.quantile(contrast, 1 - MOST_SHARE)))
    found = (contrast > least).astype(np.uint8)
    # Grow the mask, so that the rim of a speck is not used as its surroundings.
    wider = cv2.dilate(found, np.ones((3, 3), np.uint8))
    return np.where(wider > 0, np.uint8(255), np.uint8(0))


def _inpaint(pixels: NDArray[np.generic], mask: NDArray[np.uint8]) -> NDArray[np.generic]:
    """Telea 2004, "An Image Inpainting Technique Based on the Fast Marching Method"."""
    if not mask.any():
        return pixels
    # OpenCV inpaints 8 bits, or 16 bits in one channel; pixels outside the mask keep their exact
    # values.
    planes = pixels if pixels.ndim == 3 else pixels[..., None]
    painted = np.empty_like(planes)
    for k in range(planes.shape[2]):
        plane = np.ascontiguousarray(planes[..., k])
        filled = cv2.inpaint(plane, mask, INPAINT_RADIUS, cv2.INPAINT_TELEA)
        painted[..., k] = np.where(mask > 0, filled, plane)
    return painted.reshape(pixels.shape)


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
