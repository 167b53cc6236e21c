"""Simulated hints: colours taken from the picture that the network has to predict.

Zhang et al. 2017, "Real-Time User-Guided Image Colorization with Learned Deep Priors", section 3.2:
a geometrically distributed number of points, Gaussian around the centre of the picture, each a
square patch of 1 to 9 pixels with the mean colour of its area; some pictures get their complete
chroma. Clicks of people are less accurate, so colours and positions can be perturbed. People also
draw strokes along objects of one colour. And they correct mistakes, mostly at unlikely colours: a
network trained only with random positions takes the first such hint as the palette of the whole
picture.
"""

from __future__ import annotations

import cv2
import numpy as np

from retint.color.lab import Float32
from retint.training.guess import CHROMA_SCALE
from retint.training.recipe import Hinting

LARGEST_PATCH = 9
CANDIDATES = 64
"""Number of candidate positions, of which the most unusual get hints."""
UNUSUAL = 8
"""Maximum number of hints at unusual positions per picture; later hints are refinements."""
LONGEST_STROKE = 0.5
"""As a share of the short side."""
ALIKE = 8.0
"""Maximum distance in a*b* between a stroke's colours and that of its start."""


def simulated_hints(chroma: Float32, rng: np.random.Generator, how: Hinting) -> Float32:
    """Hint planes [3, H, W] for a picture: a*, b* over `CHROMA_SCALE`, and a mask.

    Parameters
    ----------
    chroma
        a*, b* [H, W, 2].
    """
    height, width, _ = chroma.shape
    planes = np.zeros((3, height, width), np.float32)
    draw = rng.random()
    if draw < how.none:
        return planes
    if draw < how.none + how.full:
        planes[:2] = chroma.transpose(2, 0, 1) / CHROMA_SCALE
        planes[2] = 1
        return planes
    count = _count(rng, how)
    places: list[tuple[float, float]] = []
    if how.unusual and rng.random() < how.unusual:
        places = _unusual(chroma, min(count, UNUSUAL), rng)
    for k in range(count):
        y, x = places[k] if k < len(places) else rng.normal(0.5, how.spread, 2) * (height, width)
        side = int(rng.integers(1, LARGEST_PATCH + 1))
        where = _patch((y, x), side, (height, width))
        source = where
        if rng.random() < how.careless:
            down, right = rng.normal(0, how.slip * min(height, width), 2)
            source = _patch((y + down, x + right), side, (height, width))
        color = chroma[source].mean(axis=(0, 1)) + rng.normal(0, how.noise, 2)
        drawn = [where]
        if how.strokes and rng.random() < how.strokes:
            drawn += _stroke(chroma, (y, x), side, rng)
        for patch in drawn:
            planes[:2, *patch] = color[:, None, None] / CHROMA_SCALE
            planes[2, *patch] = 1
    return planes


def _count(rng: np.random.Generator, how: Hinting) -> int:
    if how.most:
        return round(float(np.exp(rng.uniform(0, np.log(how.most)))))
    return int(rng.geometric(1 / how.points))


def _unusual(chroma: Float32, count: int, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Positions with colours far from the picture's mean and from each other."""
    height, width, _ = chroma.shape
    rows, columns = rng.integers(height, size=CANDIDATES), rng.integers(width, size=CANDIDATES)
    around = np.asarray(cv2.blur(chroma, (LARGEST_PATCH // 2, LARGEST_PATCH // 2)), np.float32)
    colors = around[rows, columns]
    farness = np.linalg.norm(colors - chroma.mean(axis=(0, 1)), axis=1)
    found = []
    for _ in range(count):
        k = int(farness.argmax())
        found.append((float(rows[k]), float(columns[k])))
        farness = np.minimum(farness, np.linalg.norm(colors - colors[k], axis=1))
    return found


def _stroke(
    chroma: Float32, start: tuple[float, float], side: int, rng: np.random.Generator
) -> list[tuple[slice, slice]]:
    """The patches of a straight stroke that ends where the colour differs from its start."""
    size = chroma.shape[:2]
    direction = rng.uniform(0, 2 * np.pi)
    step = np.array([np.sin(direction), np.cos(direction)]) * max(1, side / 2)
    length = rng.uniform(0, LONGEST_STROKE) * min(size)
    color = chroma[_patch(start, side, size)].mean(axis=(0, 1))
    patches = []
    for k in range(1, int(length / max(1, side / 2))):
        patch = _patch((start[0] + k * step[0], start[1] + k * step[1]), side, size)
        if np.linalg.norm(chroma[patch].mean(axis=(0, 1)) - color) > ALIKE:
            break
        patches.append(patch)
    return patches


def _patch(centre: tuple[float, float], side: int, size: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns of a square, moved inside the picture if necessary."""
    top = int(np.clip(centre[0] - side / 2, 0, max(0, size[0] - side)))
    left = int(np.clip(centre[1] - side / 2, 0, max(0, size[1] - side)))
    return slice(top, top + side), slice(left, left + side)
