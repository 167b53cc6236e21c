"""Detects whether a picture is in colour, or black and white (possibly toned brown or blue).

In a toned print, colour is a function of lightness; in a colour photograph, objects of the same
lightness have different colours. So each colour is compared with that of its lightness. Two kinds
of colour do not make a colour photograph: noise, as on tapes, which averages out over small areas,
and small parts of a picture that is grey elsewhere, such as a logo, a stamp or a colour target.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color import lab
from retint.color.lab import Float32
from retint.color.resize import average
from retint.files import Photo

SIDE = 128
"""Longest side in pixels for the analysis; at this size paper grain and noise average out."""
COARSE = 32
"""The same at which the noise of tapes averages out, too."""
BINS = 24
"""Number of lightness classes."""
LEAST_SPREAD = 4.0
"""Minimum spread of a colour picture; `benchmarks/quality/toned.py` measures the errors of this
threshold.
"""
LEAST_DETAIL = 4.0
"""Minimum distance of the most colourful details; the other sign of a colour picture."""
DETAILS, FINE, WIDE = 0.98, 2.0, 16.0
"""Quantile of the details, and Gaussians (standard deviations in pixels) that remove noise from
them, and stains around them.
"""
MOST_OF_NOISE = 0.65
"""Share of the spread that noise has at most at the coarse size."""
REST = 0.8
"""Share of a picture with coloured parts that is grey or toned."""
MOST_OF_REST = 2.5
"""Maximum distance of its colours from those of their lightness."""
SHADES = (5.0, 95.0)
"""L* of the pixels that are judged; black and white can hardly have a colour."""
DEGREE, ROUNDS = 3, 12
"""Degree of the polynomials of a tone, and rounds of fitting them."""
LEAST_APART = 0.5
"""Distance below which a colour is on the tone."""
LEAST_JUDGED = 0.1
"""Minimum share of such pixels; otherwise, all are judged."""
KEPT_SIDE = 256
"""Longest side in pixels for finding coloured parts."""
LEAST_KEPT = 8.0
"""Minimum distance of a coloured part from the colour of its lightness."""
MOST_OF_NEUTRAL = 1.0
"""Maximum chroma of neutral pixels; grey things in colour photographs have more in places."""
BLOCK, OF_BLOCK, OF_PICTURE = 8, 0.9, 0.25
"""Side in pixels of blocks, and the share of a block, and of all blocks, that is neutral where a
colour picture is grey in part.
"""
NEUTRAL_SHADES, REST_OF_BLOCK = (8.0, 94.0), 0.3
"""L* of the pixels that are judged, since black and white are neutral in colour photographs, too,
and the share of a block that they need.
"""
MOST_BESIDE = 9
"""Diameter in pixels below which neutral places belong to the colours around them."""
IN_PART = "it is partly gray, and only that part is colored"


class Kind(Enum):
    """Kinds of pictures by their colours, as named in remarks."""

    COLOR = "in color"
    GREY = "black and white, or toned"
    NOISE = "its color is noise, so it counts as black and white"
    PARTS = "only small parts of it are in color, so it counts as black and white"


def kind_of(photo: Photo) -> Kind:
    """Determine whether a picture is grey, toned or in colour."""
    if photo.pixels.ndim == 2:
        return Kind.GREY
    left = _residual(photo)
    if _spread(left) < LEAST_SPREAD and _of_details(left) < LEAST_DETAIL:
        return Kind.GREY
    fine, coarse = (_Distances.of(photo, side) for side in (SIDE, COARSE))
    if coarse.spread < MOST_OF_NOISE * fine.spread:
        return Kind.NOISE
    return Kind.PARTS if fine.of_most <= MOST_OF_REST else Kind.COLOR


def is_in_color(photo: Photo) -> bool:
    """Whether a picture is in colour and not just toned, noisy or coloured in small parts."""
    return kind_of(photo) is Kind.COLOR


def is_grey_in_part(photo: Photo) -> bool:
    """Whether a picture in colour has a large neutral part, such as a half-restored one."""
    if photo.pixels.ndim == 2:
        return False
    lightness, chroma = _lightness_and_chroma(photo, SIDE)
    shade = (lightness > NEUTRAL_SHADES[0]) & (lightness < NEUTRAL_SHADES[1])
    shares = _block_means(np.stack([shade, shade & (chroma <= MOST_OF_NEUTRAL)]))
    judged = shares[0] >= REST_OF_BLOCK
    if not judged.any():
        return False
    return bool((shares[1] >= OF_BLOCK * shares[0])[judged].mean() >= OF_PICTURE)


def color_spread(photo: Photo) -> float:
    """Deviation of a*, b* from the mean colour of their lightness; 0 for grey."""
    return 0.0 if photo.pixels.ndim == 2 else _spread(_residual(photo))


def _spread(left: Float32) -> float:
    return float(np.sqrt(np.square(left).sum(axis=-1).mean()))


def _of_details(left: Float32) -> float:
    """How colourful the most colourful details of a `_residual` are. Noise averages out
    over their size, and stains are wider.
    """
    details = cv2.GaussianBlur(left - cv2.GaussianBlur(left, (0, 0), WIDE), (0, 0), FINE)
    return float(np.quantile(np.linalg.norm(details, axis=-1), DETAILS))


def _residual(photo: Photo) -> Float32:
    """What is left of a*, b* [h, w, 2] without the mean colour of their lightness."""
    planes = lab.rgb_to_lab(_small(photo.pixels))
    classes = _classes(planes[..., 0]).ravel()
    counts = np.maximum(np.bincount(classes, minlength=BINS), 1)
    left = np.empty((*planes.shape[:2], 2), np.float32)
    for k in (1, 2):
        own = planes[..., k].ravel()
        means = np.bincount(classes, own, minlength=BINS) / counts
        left[..., k - 1] = (own - means[classes]).reshape(planes.shape[:2])
    return left


def _lightness_and_chroma(photo: Photo, side: int) -> tuple[Float32, Float32]:
    planes = lab.rgb_to_lab(_small(photo.pixels, side))
    return planes[..., 0], np.asarray(np.linalg.norm(planes[..., 1:], axis=-1), np.float32)


def _block_means(planes: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Means [n, h / 8, w / 8] of planes [n, h, w] over their whole blocks."""
    count, height, width = planes.shape
    rows, columns = height // BLOCK, width // BLOCK
    whole = planes[:, : rows * BLOCK, : columns * BLOCK]
    means: NDArray[np.float64] = whole.reshape(count, rows, BLOCK, columns, BLOCK).mean((2, 4))
    return means


def colored_parts(photo: Photo) -> Float32:
    """Where a picture has colours besides those of a tone [h, w], in [0, 1], at a small size."""
    if photo.pixels.ndim == 2:
        return np.zeros((1, 1), np.float32)
    if is_in_color(photo) and is_grey_in_part(photo):
        return _beside_neutral(photo)
    distances = _Distances.of(photo, KEPT_SIDE).planes
    colored = (cv2.blur(distances, (3, 3)) > LEAST_KEPT).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    closed = cv2.morphologyEx(colored, cv2.MORPH_CLOSE, disc)
    wider = cv2.dilate(closed, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.blur(wider.astype(np.float32), (3, 3)), np.float32)


def _beside_neutral(photo: Photo) -> Float32:
    """Everything [h, w] but large neutral parts."""
    _, chroma = _lightness_and_chroma(photo, KEPT_SIDE)
    neutral = (cv2.blur(chroma, (3, 3)) <= MOST_OF_NEUTRAL).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (MOST_BESIDE, MOST_BESIDE))
    parts = cv2.morphologyEx(neutral, cv2.MORPH_OPEN, disc)
    return np.asarray(cv2.blur((1 - parts).astype(np.float32), (3, 3)), np.float32)


@dataclass(frozen=True)
class _Distances:
    """Distances of colours from the tone of their lightness."""

    planes: Float32
    """[h, w]."""
    judged: NDArray[np.bool_]
    """Pixels that are neither black nor white [h, w]."""

    @classmethod
    def of(cls, photo: Photo, side: int) -> _Distances:
        planes = lab.rgb_to_lab(_small(photo.pixels, side))
        apart = np.linalg.norm(planes[..., 1:] - _tone(planes.reshape(-1, 3), planes), axis=-1)
        judged = (planes[..., 0] > SHADES[0]) & (planes[..., 0] < SHADES[1])
        if judged.mean() < LEAST_JUDGED:
            judged[:] = True
        return cls(np.asarray(apart, np.float32), judged)

    @property
    def spread(self) -> float:
        return float(np.sqrt(np.square(self.planes[self.judged]).mean()))

    @property
    def of_most(self) -> float:
        """The distance that most of the picture does not exceed."""
        return float(np.quantile(self.planes[self.judged], REST))


def _tone(samples: Float32, planes: Float32) -> NDArray[np.float64]:
    """The tone [h, w, 2] at the lightness of planes [h, w, 3]: polynomials of it, fitted to most of
    the samples [N, 3] (least absolute deviations, by iteratively reweighted least squares).
    """
    powers = np.vander(samples[:, 0] / 100, DEGREE + 1)
    weights = np.ones(len(samples))
    for _ in range(ROUNDS):
        root = np.sqrt(weights)[:, None]
        fitted = np.linalg.lstsq(powers * root, samples[:, 1:] * root, rcond=None)[0]
        apart = np.linalg.norm(samples[:, 1:] - powers @ fitted, axis=1)
        weights = 1 / np.maximum(apart, LEAST_APART)
    tone: NDArray[np.float64] = np.vander(planes[..., 0].ravel() / 100, DEGREE + 1) @ fitted
    return tone.reshape(*planes.shape[:2], 2)


def _classes(lightness: Float32) -> NDArray[np.intp]:
    return np.clip((lightness * (BINS / 100)).astype(np.intp), 0, BINS - 1)


def _small(pixels: NDArray[Any], side: int = SIDE) -> NDArray[Any]:
    height, width = pixels.shape[:2]
    scale = min(1.0, side / max(height, width))
    return average(pixels, (max(1, round(height * scale)), max(1, round(width * scale))))
