"""Changes chroma as a look and the option `warmth` say; lightness is only read.

Limits on dark places and on magenta follow HAVC (Dan64, vs-deoldify), which desaturates what is
darker than 30 % of luma, fully below 10 %, and the hues from magenta to red.
"""

from __future__ import annotations

import cv2
import numpy as np

from retint.color.lab import Float32
from retint.picture.looks import Color, Dye, Grading, Hues

WARM = Hues(55, 80)
"""Hues that `warmth` strengthens; the middle is that of skin, wood and sand."""
WARM_GAIN = 0.5
"""Addition to the factor for the chroma of these hues at full warmth."""
WARM_FILL = 4.0
"""Chroma added to grey places of middle lightness at full warmth."""
FAINT = 8.0
"""Chroma at which half of that is added."""
BLACK, DIM = 9.0, 32.0
"""L* of 10 % and 30 % of luma: below the first, `dark` applies fully, above the second not."""
KNEE = 0.6
"""Share of a limit above which chroma is reduced."""
LEAST_DYED, DYED = 4.0, 10.0
"""Chroma below which nothing is painted, and above which paint is opaque."""
BRUSH = 1 / 90
"""Width of the brush in short sides."""
SOFT_ENDS = 8.0
"""L* over which paint fades at the ends of its range."""


def graded(lightness: Float32, chroma: Float32, grading: Grading) -> Float32:
    """Change a*, b* [H, W, 2] of a picture with L* [H, W]."""
    found = _warmed(lightness, chroma, grading.warmth)
    if grading.dyes:
        found = _painted(lightness, found, grading.dyes)
    length, angle = _polar(found)
    gain, turn = np.full_like(length, grading.gain), np.zeros_like(length)
    for band in grading.bands:
        share = _share(angle, band.hues)
        gain *= 1 + share * np.float32(band.gain - 1)
        turn += share * np.float32(band.turn)
    if grading.dark != 1:
        gain *= grading.dark + (1 - grading.dark) * ramp(lightness, BLACK, DIM)
    length *= gain
    for band in grading.bands:
        share = _share(angle, band.hues)
        length += share * (_limited(length, band.most) - length)
    length = _limited(length, grading.most)
    found = _planes(length, angle + turn)
    return found + _tint(lightness, grading.shadows, grading.lights)


def _warmed(lightness: Float32, chroma: Float32, warmth: float) -> Float32:
    """Strengthen warm colours, and give grey places of middle lightness some."""
    if not warmth:
        return chroma
    length, angle = _polar(chroma)
    gain = 1 + np.float32(warmth * WARM_GAIN) * _share(angle, WARM) * ramp(lightness, BLACK, DIM)
    faint = 1 / (1 + (length / np.float32(FAINT)) ** 2)
    middle = ramp(lightness, 10, 30) * ramp(-lightness, -97, -85)
    fill = np.float32(warmth * WARM_FILL) * faint * middle
    return chroma * gain[..., None] + _planes(fill, np.full_like(fill, WARM.middle))


def _painted(lightness: Float32, chroma: Float32, dyes: tuple[Dye, ...]) -> Float32:
    """Only the colours of the dyes, where the chroma has their hues."""
    length, angle = _polar(chroma)
    painted = np.zeros_like(chroma)
    for dye in dyes:
        share = _share(angle, dye.hues) * ramp(length, LEAST_DYED, DYED)
        share *= ramp(lightness, dye.darkest, dye.darkest + SOFT_ENDS)
        share *= ramp(-lightness, -dye.lightest, SOFT_ENDS - dye.lightest)
        painted += _planes(share * np.float32(dye.most), np.full_like(angle, dye.color))
    width = BRUSH * min(lightness.shape)
    return np.asarray(
        cv2.GaussianBlur(painted, (0, 0), width, borderType=cv2.BORDER_REPLICATE), np.float32
    )


def _tint(lightness: Float32, shadows: Color, lights: Color) -> Float32:
    """a*, b* [H, W, 2] of the cast; black and white get none."""
    share = (lightness / np.float32(100)).clip(0, 1)
    bell = 4 * share * (1 - share)
    dark, light = (np.asarray(each, np.float32) for each in (shadows, lights))
    mixed = (1 - share)[..., None] * dark + share[..., None] * light
    return np.asarray(bell[..., None] * mixed, np.float32)


def _share(angle: Float32, hues: Hues) -> Float32:
    """How much each hue in degrees belongs to a range: 1 in its middle, 0 outside."""
    apart = np.abs((angle - np.float32(hues.middle) + 180) % 360 - 180)
    found: Float32 = _smooth(1 - apart / np.float32(hues.reach))
    return found


def ramp(values: Float32, low: float, high: float) -> Float32:
    """0 below `low`, 1 above `high`, smooth between them."""
    return _smooth((values - np.float32(low)) / np.float32(high - low))


def _smooth(share: Float32) -> Float32:
    share = share.clip(0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def _limited(length: Float32, most: float) -> Float32:
    """Chroma that approaches `most`; below the knee it is unchanged."""
    knee, room = np.float32(KNEE * most), np.float32((1 - KNEE) * most)
    over = np.maximum(length - knee, 0)
    return np.asarray(np.minimum(length, knee) + room * (1 - np.exp(-over / room)), np.float32)


def _polar(chroma: Float32) -> tuple[Float32, Float32]:
    """Length, and angle in degrees, of a*, b* [H, W, 2]."""
    length, angle = cv2.cartToPolar(
        np.ascontiguousarray(chroma[..., 0]), np.ascontiguousarray(chroma[..., 1]),
        angleInDegrees=True,
    )  # fmt: skip
    return np.asarray(length, np.float32), np.asarray(angle, np.float32)


def _planes(length: Float32, angle: Float32) -> Float32:
    """a*, b* [H, W, 2]."""
    turned = np.radians(angle, dtype=np.float32)
    return np.stack([length * np.cos(turned), length * np.sin(turned)], axis=-1)
