"""Measures the colours of skin, separately for dark and light skin.

Skin is detected in the original by the chrominance rule of Chai & Ngan 1999, "Face Segmentation
Using Skin-Color Map in Videophone Applications", section III: 77 <= Cb <= 127 and 133 <= Cr <= 173.
The rule ignores brightness, so it detects dark skin too; sand and wood of the same hue also pass.
Pixels are grouped by individual typology angle, ITA = atan((L* - 50) / b*), with the classes of
Del Bino & Bernerd 2013, "Variations in skin colour and the biological consequences of ultraviolet
radiation exposure", table 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32, rgb_to_lab
from retint.evaluation.metrics import ciede2000

GROUPS = {
    "very light": (55.0, 90.0),
    "light": (41.0, 55.0),
    "intermediate": (28.0, 41.0),
    "tan": (10.0, 28.0),
    "brown": (-30.0, 10.0),
    "dark": (-90.0, -30.0),
}
"""ITA in degrees: above the first value, up to the second."""

PEOPLE = frozenset(
    {"faces", "humanseg", "lfw", "pedestrians", "people", "persons", "portraits", "utkface"}
)
"""Collections and folders whose pictures all show people."""


def shows_people(source: str) -> bool:
    """Whether all pictures of a source show people."""
    return source.casefold() in PEOPLE


def is_skin(rgb: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Mask [H, W] of pixels of sRGB [H, W, 3] with the colour of skin."""
    _, cr, cb = np.moveaxis(cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb), -1, 0)
    found: NDArray[np.bool_] = (cb >= 77) & (cb <= 127) & (cr >= 133) & (cr <= 173)
    return found


def typology_angle(lab: Float32) -> NDArray[np.float64]:
    """ITA in degrees [...] of L*a*b* [..., 3]."""
    lightness, b = lab[..., 0].astype(np.float64), lab[..., 2].astype(np.float64)
    angle: NDArray[np.float64] = np.degrees(np.arctan((lightness - 50) / np.maximum(b, 1e-6)))
    return angle


def group_of(lab: Float32) -> NDArray[np.int64]:
    """Index into `GROUPS` [...] of L*a*b* [..., 3]."""
    lower = [low for low, _ in GROUPS.values()][:-1]
    groups: NDArray[np.int64] = (typology_angle(lab)[..., None] <= np.array(lower)).sum(axis=-1)
    return groups


def hue_error(ours: Float32, truth: Float32) -> NDArray[np.float64]:
    """Signed change of hue in degrees [...], in (-180, 180]; positive towards yellow and green."""
    angles = [np.arctan2(each[..., 2], each[..., 1]).astype(np.float64) for each in (ours, truth)]
    turn: NDArray[np.float64] = np.degrees(np.angle(np.exp(1j * (angles[0] - angles[1]))))
    return turn


@dataclass(frozen=True)
class Tally:
    """Sums over the skin pixels of one picture, one for each group of `GROUPS`."""

    pixels: tuple[float, ...]
    ciede2000: tuple[float, ...]
    hue_turn: tuple[float, ...]
    """Signed, in degrees."""
    hue_error: tuple[float, ...]
    """Absolute, in degrees."""
    chroma: tuple[float, ...]
    original_chroma: tuple[float, ...]


def tally(coloured: NDArray[np.uint8], original: NDArray[np.uint8]) -> Tally:
    """Compute the sums over the skin of one picture, by group."""
    found = is_skin(original)
    truth, ours = rgb_to_lab(original[found]), rgb_to_lab(coloured[found])
    groups = group_of(truth)
    turn = hue_error(ours, truth)

    def sums(values: NDArray[Any]) -> tuple[float, ...]:
        return tuple(np.bincount(groups, values, minlength=len(GROUPS)).tolist())

    return Tally(
        pixels=sums(np.ones(len(truth))),
        ciede2000=sums(ciede2000(ours, truth)) if len(truth) else sums(turn),
        hue_turn=sums(turn),
        hue_error=sums(np.abs(turn)),
        chroma=sums(np.hypot(ours[..., 1], ours[..., 2])),
        original_chroma=sums(np.hypot(truth[..., 1], truth[..., 2])),
    )
