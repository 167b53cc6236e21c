"""Errors of a coloured picture compared with its original, and its colourfulness.

All functions take sRGB uint8 [H, W, 3]; CIELAB is D65.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000
from skimage.metrics import structural_similarity

from retint.color import lab

RGB = NDArray[np.uint8]
Lab = NDArray[np.floating[Any]]

HUELESS = 0.05
"""Share of the original's chroma below which the hue of a result is only rounding noise."""


@dataclass(frozen=True)
class Scores:
    """Metrics of one coloured picture."""

    mse: float
    """Mean squared error of RGB in [0, 1]."""
    psnr: float
    """Peak signal-to-noise ratio in dB; infinite for identical pictures."""
    ssim: float
    """Structural similarity of RGB (Wang et al. 2004), 7x7 windows, averaged over channels."""
    chroma_error: float
    """Mean absolute error of a* and b*."""
    ciede2000: float
    """Mean CIEDE2000 colour difference (CIE 142:2001)."""
    colorfulness: float
    """Hasler & Suesstrunk's measure of the coloured picture."""
    original_colorfulness: float
    lightness_error: float
    """Mean absolute error of L*."""


def score(coloured: RGB, original: RGB) -> Scores:
    """Compare a coloured picture with its original of the same size."""
    error = mean_squared_error(coloured, original)
    ours, truth = lab.rgb_to_lab(coloured), lab.rgb_to_lab(original)
    difference = np.abs(ours - truth)
    return Scores(
        mse=error,
        psnr=psnr(error),
        ssim=ssim(coloured, original),
        chroma_error=float(difference[..., 1:].mean()),
        ciede2000=float(ciede2000(ours, truth).mean()),
        colorfulness=colorfulness(coloured),
        original_colorfulness=colorfulness(original),
        lightness_error=float(difference[..., 0].mean()),
    )


def ciede2000(picture: Lab, original: Lab) -> NDArray[np.floating[Any]]:
    """CIEDE2000 difference [...] of two CIELAB pictures [..., 3] (CIE 142:2001)."""
    differences: NDArray[np.floating[Any]] = deltaE_ciede2000(original, picture)  # type: ignore[no-untyped-call]
    return differences


def mean_squared_error(picture: NDArray[Any], original: NDArray[Any]) -> float:
    """Mean squared error of values in [0, 255], as a share of 255 squared."""
    return float(np.square((picture.astype(np.float64) - original) / 255).mean())


def psnr(mse: float) -> float:
    """Decibels of a mean squared error of values in [0, 1]."""
    return float("inf") if mse == 0 else float(-10 * np.log10(mse))


def ssim(picture: RGB, original: RGB) -> float:
    """Structural similarity in [-1, 1]; NaN for pictures smaller than its window of 7 x 7."""
    if min(picture.shape[:2]) < 7:
        return float("nan")
    similarity = structural_similarity(  # type: ignore[no-untyped-call]
        picture, original, channel_axis=-1, data_range=255
    )
    return float(similarity)


def colorfulness(picture: RGB) -> float:
    """Hasler & Suesstrunk 2003, "Measuring colourfulness in natural images", equation M(3).

    0 for grey; 15 is slightly, 45 quite, 82 highly colourful.
    """
    red, green, blue = np.moveaxis(picture.astype(np.float64), -1, 0)
    red_green = red - green
    yellow_blue = (red + green) / 2 - blue
    spread = np.hypot(red_green.std(), yellow_blue.std())
    strength = np.hypot(red_green.mean(), yellow_blue.mean())
    return float(spread + 0.3 * strength)
