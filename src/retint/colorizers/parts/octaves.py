"""Noise with the spectrum of colour errors: mostly over whole pictures and large parts of them.

White noise hides fine detail long before it hides the tint of a whole picture, so a sampler with
few steps would decide the tint in its first step. Noise with the spectrum of the data hides all
scales equally. (Song & Ermon 2019 and Ho et al. 2020 use white noise; nothing in their derivations
requires the noise to be white in the basis of the pixels.)
"""

from __future__ import annotations

import numpy as np

from retint.color.lab import Float32
from retint.color.resize import linear

AMPLITUDES = (0.61, 0.35, 0.65, 0.51, 0.47, 0.19)
"""Amplitudes of noise with 1, 2, 4, ... 32 values per short side of the picture.

Fitted so that its means over 1 to 32 of 32 cells have the variances of the difference between
photographs and the guided U-Net's prediction; the sum has a standard deviation of 1.
"""


def grids(height: int, width: int) -> list[tuple[int, int]]:
    """Sizes of the octaves for a picture of that many cells, coarsest first."""
    short = min(height, width)
    return [
        (min(height, round(height * 2**k / short)), min(width, round(width * 2**k / short)))
        for k in range(len(AMPLITUDES))
    ]


def noise(seed: tuple[int, ...], channels: int, height: int, width: int) -> Float32:
    """Noise [C, H, W], deterministic for a seed."""
    random = np.random.default_rng(seed)
    octaves = [
        random.standard_normal((channels, *grid), np.float32) for grid in grids(height, width)
    ]
    return blended(octaves, height, width)


def blended(octaves: list[Float32], height: int, width: int) -> Float32:
    """Enlarge octaves [C, h, w] and add them up."""
    total = np.zeros((octaves[0].shape[0], height, width), np.float32)
    for amplitude, octave in zip(AMPLITUDES, octaves, strict=True):
        for plane, coarse in zip(total, octave, strict=True):
            plane += np.float32(amplitude) * linear(coarse, (height, width))
    return total
