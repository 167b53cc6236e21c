"""sRGB <-> CIELAB (D65, 2 degree observer), and merging of chroma with a given lightness.

Formulas: IEC 61966-2-1 (sRGB) and CIE 15:2018, 8.2.1 (CIELAB), with the constants of scikit-image,
so that figures measured with either agree. All arithmetic is float32.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color import srgb
from retint.color.buffers import Buffers

Float32 = NDArray[np.float32]

XYZ_FROM_RGB = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
"""XYZ of D65."""

RGB_FROM_RATIOS = (np.linalg.inv(XYZ_FROM_RGB) * WHITE).astype(np.float32)
"""Linear RGB from X, Y, Z relative to white."""

# Below this value, CIE's cube root is replaced by a line, so that its slope stays finite.
LINE_BELOW = 0.008856
LINE_SLOPE = 7.787
LINE_START = 16 / 116
CUBE_ABOVE = 0.2068966

# Chroma out of gamut is reduced by bisection: 10 steps find the largest share to 1/1024.
GAMUT_STEPS = 10
GAMUT_TOLERANCE = 1e-4


def lightness(picture: NDArray[Any], weights: NDArray[Any] = XYZ_FROM_RGB[1]) -> Float32:
    """CIELAB L* of a picture.

    Parameters
    ----------
    picture
        sRGB [H, W, 3] or grey [H, W]; uint8, uint16 or float in [0, 1].
    weights
        Weights of linear red, green and blue in the luminance; by default those of human vision.

    Returns
    -------
    [H, W] in [0, 100].
    """
    if picture.ndim == 2:
        if picture.dtype.kind == "u":
            return srgb.look_up(_lightness_table(picture.dtype.name), picture)
        return _lightness_of_luminance(srgb.linear(picture))
    luminance: Float32 = srgb.linear(picture) @ weights.astype(np.float32)
    return _lightness_of_luminance(luminance)


def rgb_to_lab(rgb: NDArray[Any]) -> Float32:
    """Convert sRGB [..., 3] (uint8, uint16 or float in [0, 1]) to L* [0, 100], a*, b*."""
    f = _f(srgb.linear(rgb) @ (XYZ_FROM_RGB / WHITE[:, None]).T.astype(np.float32))
    fx, fy, fz = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)], axis=-1)


def lab_to_rgb(lab: Float32) -> Float32:
    """Convert L*a*b* [..., 3] to sRGB [..., 3] in [0, 1]; colours out of gamut are clipped."""
    planes = np.moveaxis(np.asarray(lab, dtype=np.float32), -1, 0)
    return srgb.gamma(np.clip(np.stack(_linear_planes(*planes), axis=-1), 0, 1))


def merge(
    lightness: Float32, chroma: Float32, out: NDArray[Any], buffers: Buffers | None = None
) -> None:
    """Merge chroma with lightness, which stays unchanged.

    Where the result would be outside sRGB, chroma is reduced at constant hue.

    Parameters
    ----------
    lightness
        L* [H, W] in [0, 100].
    chroma
        a*, b* [H, W, 2]; fastest if each plane is contiguous.
    out
        Output, sRGB [H, W, 3]: uint8, uint16, or float in [0, 1].
    buffers
        Memory to be used again by calls for parts of one picture.
    """
    buffers = buffers or Buffers()
    srgb.encode(linear_rgb(lightness, chroma, buffers), out, buffers)


def linear_rgb(lightness: Float32, chroma: Float32, buffers: Buffers) -> Float32:
    """Linear R, G and B [H, W, 3] of L* [H, W] and a*, b* [H, W, 2], in a buffer.

    Where they would be outside sRGB, chroma is reduced at constant hue.
    """
    linear = _linear_rgb(lightness, chroma, buffers)
    if not lightness.size:
        return linear
    lowest, highest, *_ = cv2.minMaxLoc(linear.reshape(-1))
    if lowest < -GAMUT_TOLERANCE or highest > 1 + GAMUT_TOLERANCE:
        inside = cv2.inRange(linear, (-GAMUT_TOLERANCE,) * 3, (1 + GAMUT_TOLERANCE,) * 3)
        outside = np.flatnonzero(inside.reshape(-1) == 0)
        planes = lightness, chroma[..., 0], chroma[..., 1]
        reduced = _reduce_chroma(*(plane.reshape(-1)[outside] for plane in planes))
        linear.reshape(-1, 3)[outside] = np.stack(reduced, axis=-1)
    return linear


def grey(picture: NDArray[Any]) -> NDArray[Any]:
    """The grey [H, W], of the picture's type, with the lightness of sRGB [H, W, 3]."""
    return grey_of(lightness(picture), picture.dtype)


def grey_of(lightness: Float32, dtype: np.dtype[Any]) -> NDArray[Any]:
    """The grey [H, W] of L* [H, W]: uint8, uint16 or floating point in [0, 1]."""
    # The last bit matters: networks with 8-bit arithmetic that see this grey amplify it.
    f = (lightness + np.float32(16)) / np.float32(116)
    luminance: Float32 = f * f * f
    line = f <= np.float32(CUBE_ABOVE)
    luminance[line] = (f[line] - np.float32(LINE_START)) / np.float32(LINE_SLOPE)
    grey = np.empty(lightness.shape, dtype)
    srgb.encode(luminance, grey)
    return grey


def in_gamut(lightness: Float32, chroma: Float32) -> Float32:
    """Reduce chroma at constant hue where the colour is outside sRGB.

    Parameters
    ----------
    lightness, chroma
        L* [N] and a*, b* [N, 2].
    """
    share = _share_in_gamut(lightness, chroma[:, 0], chroma[:, 1])
    return chroma * share[:, None]


def saturated(lightness: Float32, chroma: Float32, factor: float) -> Float32:
    """Chroma of the merged picture after its HSV saturation is multiplied by a factor.

    HSV's hue and value stay, and saturation is limited to 1 (Smith 1978, "Color Gamut Transform
    Pairs"), so strong colours gain less than pale ones. Changes of lightness are lost when the
    chroma is merged again.

    Parameters
    ----------
    lightness, chroma
        L* [H, W] and a*, b* [H, W, 2], as for `merge`.
    factor
        0 gives grey; 1 changes only colours outside the gamut.

    Returns
    -------
    a*, b* [H, W, 2].
    """
    rgb = np.empty((*lightness.shape, 3), np.float32)
    merge(lightness, chroma, out=rgb)
    value = rgb.max(axis=-1, keepdims=True)
    spread = value - rgb.min(axis=-1, keepdims=True)
    # Saturation is spread / value, so it can grow by at most value / spread.
    growth = np.minimum(np.float32(factor), value / np.maximum(spread, np.float32(1e-6)))
    return rgb_to_lab(value - (value - rgb) * growth)[..., 1:]


def _reduce_chroma(lightness: Float32, a: Float32, b: Float32) -> list[Float32]:
    """Linear R, G, B [N] with the largest share of the chroma inside the gamut."""
    share = _share_in_gamut(lightness, a, b)
    return _linear_planes(lightness, a * share, b * share)


def _share_in_gamut(lightness: Float32, a: Float32, b: Float32) -> Float32:
    """The largest share of the chroma inside the gamut [N], to 1/1024."""
    f, y = _luminance(lightness)
    fx, fz = a * np.float32(1 / 500), b * np.float32(-1 / 200)  # at full chroma, less f
    low = np.zeros_like(lightness)
    step = np.float32(0.5)
    for _ in range(GAMUT_STEPS):
        share = low + step
        fits = ~_outside_gamut(_rgb_of(f + fx * share, y, f + fz * share))
        low += fits * step
        step *= np.float32(0.5)
    return low


def _outside_gamut(linear: list[Float32]) -> NDArray[np.bool_]:
    red, green, blue = linear
    lowest = np.minimum(np.minimum(red, green), blue)
    highest = np.maximum(np.maximum(red, green), blue)
    outside: NDArray[np.bool_] = lowest < np.float32(-GAMUT_TOLERANCE)
    outside |= highest > np.float32(1 + GAMUT_TOLERANCE)
    return outside


def _linear_rgb(lightness: Float32, chroma: Float32, buffers: Buffers) -> Float32:
    """Linear R, G and B [H, W, 3], also outside sRGB, in a buffer."""
    size = lightness.shape
    if not lightness.size:
        return np.empty((*size, 3), np.float32)
    f, x, z, spare = (buffers.get(name, size) for name in ("f", "x", "z", "spare"))
    np.multiply(lightness, np.float32(1 / 116), out=f)
    f += np.float32(LINE_START)
    np.multiply(chroma[..., 0], np.float32(1 / 500), out=x)
    x += f
    np.multiply(chroma[..., 1], np.float32(-1 / 200), out=z)
    z += f
    for plane in (f, x, z):
        _invert_f(plane, spare)
    ratios = cv2.merge([x, f, z], dst=buffers.get("ratios", (*size, 3)))
    rgb = cv2.transform(ratios, RGB_FROM_RATIOS, dst=buffers.get("linear", (*size, 3)))
    return np.asarray(rgb, np.float32)


def _linear_planes(lightness: Float32, a: Float32, b: Float32) -> list[Float32]:
    """Convert L*, a*, b* planes to linear R, G and B; plane by plane, which is fastest in numpy."""
    f, y = _luminance(lightness)
    return _rgb_of(f + a * np.float32(1 / 500), y, f - b * np.float32(1 / 200))


def _luminance(lightness: Float32) -> tuple[Float32, Float32]:
    """CIE's f of the luminance, and the luminance, of L*."""
    f = (lightness + np.float32(16)) * np.float32(1 / 116)
    return f, _f_inverse(f)


def _rgb_of(fx: Float32, y: Float32, fz: Float32) -> list[Float32]:
    """Linear R, G and B of CIE's f of X and Z, and of Y."""
    x, z = _f_inverse(fx), _f_inverse(fz)
    planes = []
    for row in RGB_FROM_RATIOS:
        plane = x * row[0]
        plane += y * row[1]
        plane += z * row[2]
        planes.append(plane)
    return planes


def _lightness_of_luminance(luminance: Float32) -> Float32:
    return np.float32(116) * _f(luminance) - np.float32(16)


def _f(ratio: Float32) -> Float32:
    line = np.float32(LINE_SLOPE) * ratio + np.float32(LINE_START)
    f: Float32 = np.where(ratio > LINE_BELOW, np.cbrt(ratio), line)
    return f


def _f_inverse(f: Float32) -> Float32:
    inverse = np.array(f, np.float32, ndmin=1)  # of a single color, numpy makes f a scalar
    _invert_f(inverse, np.empty_like(inverse))
    return inverse.reshape(np.shape(f))


def _invert_f(f: Float32, spare: Float32) -> None:
    """Replace CIE's f by its argument.

    Parameters
    ----------
    spare
        An array of the same shape, whose content is lost.
    """
    meeting = np.float32(CUBE_ABOVE)
    if not f.size or f.min() > meeting:
        np.multiply(f, f, out=spare)
        f *= spare
        return
    # The line and the cube have one value where they meet, so each can be limited to its part and
    # both be added: in numpy this is much faster than choosing pixels.
    np.maximum(f, meeting, out=spare)
    np.minimum(f, meeting, out=f)
    f -= meeting
    f *= np.float32(1 / LINE_SLOPE)
    f += cv2.pow(spare, 3).reshape(f.shape)


@cache
def _lightness_table(dtype: str) -> Float32:
    return _lightness_of_luminance(srgb.linear_table(dtype))
