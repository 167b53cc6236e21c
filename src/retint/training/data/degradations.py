"""Degradations of old photographs, as seeded functions of lightness.

A network trained only on clean lightness mistakes grain for texture and fading for fog. Each
function takes L* [H, W] in [0, 100] and a random generator, and returns L* of the same size; it is
deterministic for a state of the generator. `strength` scales all of them: 1 corresponds to a
photograph that has been in an album for eighty years, 0 leaves the picture unchanged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color import lab
from retint.color.lab import Float32

RED_BLIND = np.array([0.0, 0.62, 0.38])
"""Weights of linear red, green and blue in an orthochromatic film."""

Degradation = Callable[[Float32, np.random.Generator, float], Float32]


def degrade(rgb: NDArray[np.uint8], rng: np.random.Generator, strength: float = 1.0) -> Float32:
    """L* [H, W] of a colour picture, sRGB [H, W, 3], degraded as in an old photograph.

    Each degradation is applied to about half of the pictures, in the physical order: film, lens,
    darkroom, ageing, scanner.
    """
    lightness = lab.lightness(rgb)
    if rng.random() < 0.3:
        lightness = orthochromatic(rgb, rng, strength)
    for degradation, chance in STEPS:
        if rng.random() < chance:
            lightness = degradation(lightness, rng, strength)
    return lightness


def orthochromatic(rgb: NDArray[Any], rng: np.random.Generator, strength: float) -> Float32:
    """L* as recorded by a film with low sensitivity to red: dark lips and red cloth, pale skies."""
    share = np.float32(rng.uniform(0, 0.7) * strength)
    return lab.lightness(rgb, (1 - share) * lab.XYZ_FROM_RGB[1] + share * RED_BLIND)


def blur(lightness: Float32, rng: np.random.Generator, strength: float) -> Float32:
    """Blur of a soft lens or a missed focus, up to 1 % of the short side."""
    sigma = rng.uniform(0, 0.01) * strength * min(lightness.shape)
    return _blur(lightness, sigma)


def tone(lightness: Float32, rng: np.random.Generator, strength: float) -> Float32:
    """Contrast of the paper: gamma between 0.6 and 1.6, and an S curve or its inverse."""
    gamma = np.exp(rng.uniform(-0.47, 0.47) * strength)
    bend = rng.uniform(-0.6, 0.6) * strength
    level = (lightness / 100) ** np.float32(gamma)
    curve = level + np.float32(bend) * level * (1 - level) * (2 * level - 1)
    return _lightness(curve * 100)


def fade(lightness: Float32, rng: np.random.Generator, strength: float) -> Float32:
    """Raise blacks and lower whites."""
    black = rng.uniform(0, 25) * strength
    white = 100 - rng.uniform(0, 25) * strength
    return _lightness(black + lightness * np.float32((white - black) / 100))


def vignette(lightness: Float32, rng: np.random.Generator, strength: float) -> Float32:
    """Darken the corners."""
    height, width = lightness.shape
    y = (np.arange(height, dtype=np.float32) - height / 2) / (height / 2)
    x = (np.arange(width, dtype=np.float32) - width / 2) / (width / 2)
    fall = np.float32(rng.uniform(0, 0.25) * strength) * (x**2 + y[:, None] ** 2)
    return _lightness(lightness * (1 - fall))


def grain(lightness: Float32, rng: np.random.Generator, strength: float) -> Float32:
    """Film grain: coarse or fine noise, strongest in the midtones."""
    noise = rng.standard_normal(lightness.shape, np.float32)
    coarse = rng.uniform(0, 0.8)
    noise = _blur(noise, coarse)
    noise *= np.float32(rng.uniform(0, 8) * strength) / max(noise.std(), np.float32(1e-6))
    level = lightness / 100
    return _lightness(lightness + noise * (np.float32(0.4) + 4 * level * (1 - level)) / 1.4)


def scratches(lightness: Float32, rng: np.random.Generator, strength: float) -> Float32:
    """Bright or dark scratches and specks of dust."""
    marked = lightness.copy()
    height, width = lightness.shape
    for _ in range(rng.binomial(4, 0.5 * min(strength, 1))):
        top = (int(rng.integers(width)), int(rng.integers(height)))
        lean = rng.normal(0, 0.1)
        length = rng.uniform(0.1, 1) * height
        end = (int(top[0] + lean * length), int(top[1] + length))
        cv2.line(marked, top, end, float(rng.choice([5, 95])), 1, cv2.LINE_8)
    for _ in range(rng.binomial(16, 0.5 * min(strength, 1))):
        spot = (int(rng.integers(width)), int(rng.integers(height)))
        radius = int(rng.integers(0, max(1, min(height, width) // 96) + 1))
        cv2.circle(marked, spot, radius, float(rng.choice([5, 95])), -1, cv2.LINE_8)
    share = np.float32(rng.uniform(0.3, 1))
    return _lightness(lightness + share * (marked - lightness))


def blocks(lightness: Float32, rng: np.random.Generator, strength: float) -> Float32:
    """JPEG artefacts of a quality between 95 and 25."""
    quality = int(95 - rng.uniform(0, 70) * strength)
    levels = (lightness * 2.55 + 0.5).astype(np.uint8)
    _, code = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, max(5, quality)])
    decoded = cv2.imdecode(code, cv2.IMREAD_GRAYSCALE)
    assert decoded is not None
    return _lightness(decoded.astype(np.float32) / np.float32(2.55))


STEPS: tuple[tuple[Degradation, float], ...] = (
    (blur, 0.5),
    (vignette, 0.3),
    (grain, 0.6),
    (tone, 0.6),
    (fade, 0.5),
    (scratches, 0.4),
    (blocks, 0.4),
)
"""The degradations in order, with the share of pictures for each."""


def _blur(plane: Float32, sigma: float) -> Float32:
    if sigma < 0.05:
        return plane
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.float32)


def _lightness(plane: NDArray[Any]) -> Float32:
    return np.asarray(plane, np.float32).clip(0, 100)
