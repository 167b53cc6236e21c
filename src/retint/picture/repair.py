"""Modest repair: dust and scratches painted over, faded prints brought back to their range.

It changes lightness, which nothing else here does, so it is off unless somebody asks. Nothing is
made up beyond what surrounds a speck.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color import lab
from retint.files import Photo

SPECK = 0.006
"""Width in short sides of the widest speck or scratch that is found."""
LEAST_CONTRAST, MOST_CONTRAST = 12.0, 45.0
"""In L*: how far a speck stands out from its surroundings to be found at strength 1 and near 0."""
MOST_SHARE = 0.03
"""Of the picture; where more stands out it is texture, and only what stands out most is dust."""
INPAINT_RADIUS = 3.0
BLACK, WHITE = 0.5, 99.5
"""Percentiles of lightness that fading has moved."""
FULL = (4.0, 96.0)
"""L* where they belong."""


def repaired(
    photo: Photo, specks: float, fading: float, left: NDArray[np.uint8] | None = None
) -> Photo:
    """A photo with less dust, scratches and fading.

    Parameters
    ----------
    specks, fading
        Between 0 (as it is) and 1.
    left
        Where nothing is painted over [H, W], not 0.
    """
    if not specks and not fading:
        return photo
    pixels = photo.pixels
    if specks:
        mask = speck_mask(pixels, specks)
        if left is not None:
            mask[left > 0] = 0
        pixels = _painted_over(pixels, mask)
    if fading:
        pixels = _unfaded(pixels, fading)
    return photo.with_pixels(pixels)


def speck_mask(pixels: NDArray[np.generic], strength: float) -> NDArray[np.uint8]:
    """Where dust and scratches are [H, W], 255, in grey or sRGB pixels [H, W, ...].

    A speck is brighter or darker than all that is around it: what a morphological opening or
    closing with a disc wider than itself takes away (Gonzalez & Woods, "Digital Image Processing",
    section 9.6, top-hat transformation). What edges of things have is taken away on one side only
    and is longer than the disc, so it stays.
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
    # A little further, so that nothing of a speck's rim is taken for its surroundings.
    wider = cv2.dilate(found, np.ones((3, 3), np.uint8))
    return np.where(wider > 0, np.uint8(255), np.uint8(0))


def _painted_over(pixels: NDArray[np.generic], mask: NDArray[np.uint8]) -> NDArray[np.generic]:
    """Telea 2004, "An Image Inpainting Technique Based on the Fast Marching Method"."""
    if not mask.any():
        return pixels
    # OpenCV paints 8 bits, or 16 in one channel; elsewhere every level stays as it is.
    planes = pixels if pixels.ndim == 3 else pixels[..., None]
    painted = np.empty_like(planes)
    for k in range(planes.shape[2]):
        plane = np.ascontiguousarray(planes[..., k])
        filled = cv2.inpaint(plane, mask, INPAINT_RADIUS, cv2.INPAINT_TELEA)
        painted[..., k] = np.where(mask > 0, filled, plane)
    return painted.reshape(pixels.shape)


def _unfaded(pixels: NDArray[np.generic], strength: float) -> NDArray[np.generic]:
    """Lightness stretched so that its darkest and lightest are where a new print has them."""
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
