"""sRGB and CIELAB in a graph; see `retint.color.lab`, whose constants and tables these are."""

from __future__ import annotations

import numpy as np

from retint.color import lab, srgb
from retint.whole.graph import Value, joined

Planes = list[Value]
"""Red, green and blue of the same shape."""


def lightness(picture: Value) -> Value:
    """L* [H, W] of sRGB uint8 [1, H, W, 3]."""
    linear = srgb.linear_light(np.linspace(0, 1, 256))
    channels = [picture.squeezed(0).part(k, -1).to(np.int32) for k in range(3)]
    shares = [
        picture.graph.constant((weight * linear).astype(np.float32)).taken(channel, 0)
        for weight, channel in zip(lab.XYZ_FROM_RGB[1], channels, strict=True)
    ]
    return _f(shares[0] + shares[1] + shares[2]) * 116 - 16


def chroma(rgb: Value) -> Value:
    """a*, b* [2, H, W] of sRGB [3, H, W] in [0, 1]."""
    power = ((rgb.at_least(0) + 0.055) / 1.055).apply("Pow", 2.4)
    linear = (rgb > 0.04045).where(power, rgb / 12.92)
    ratios = (lab.XYZ_FROM_RGB / lab.WHITE[:, None]).astype(np.float32)
    f = _f(linear.beside(ratios) @ linear.reshaped(3, -1))
    x, y, z = (f.part(k, 0).unsqueezed(0) for k in range(3))
    shape = joined([rgb.graph.constant(np.array([2])), rgb.apply("Shape", start=1)], 0)
    return joined([(x - y) * 500, (y - z) * 200], 0).apply("Reshape", shape)


def grey(lightness: Value) -> Value:
    """The grey in [0, 1] of L*, of the same shape."""
    linear = _f_inverse((lightness + 16) / 116).clip(0, 1)
    root = linear.apply("Pow", 1 / 2.4) * 1.055 - 0.055
    return (linear > 0.0031308).where(root, linear * 12.92)


def merge(lightness: Value, a: Value, b: Value) -> Value:
    """sRGB uint8 [1, H, W, 3] of L*, a* and b* [H, W].

    Where the result would be outside sRGB, chroma is reduced at constant hue.
    """
    plane, a, b = (each.reshaped(-1) for each in (lightness, a, b))
    linear = _linear(plane, a, b)
    # Few pixels are outside, and only these are worth the search.
    outside = _outside(linear).apply("NonZero", dtype=np.int64).squeezed(0)
    inside = _reduced(*(each.taken(outside, 0) for each in (plane, a, b)))
    shape = lightness.apply("Shape", dtype=np.int64)
    channels = [
        _encoded(whole.apply("ScatterElements", outside, part, axis=0))
        .apply("Reshape", shape)
        .unsqueezed(0, -1)
        for whole, part in zip(linear, inside, strict=True)
    ]
    return joined(channels, -1)


def _reduced(plane: Value, a: Value, b: Value) -> Planes:
    """Linear light with the largest share of the chroma inside the gamut."""
    share = plane * 0
    step = 0.5
    for _ in range(lab.GAMUT_STEPS):
        trial = share + step
        share = _outside(_linear(plane, a * trial, b * trial)).where(share, trial)
        step /= 2
    return _linear(plane, a * share, b * share)


def _outside(linear: Planes) -> Value:
    red, green, blue = linear
    low = red.at_most(green).at_most(blue) < -lab.GAMUT_TOLERANCE
    return low | (red.at_least(green).at_least(blue) > 1 + lab.GAMUT_TOLERANCE)


def _linear(plane: Value, a: Value, b: Value) -> Planes:
    fy = (plane + 16) * np.float32(1 / 116)
    x, y, z = (
        _f_inverse(each)
        for each in (fy + a * np.float32(1 / 500), fy, fy - b * np.float32(1 / 200))
    )
    return [x * row[0] + y * row[1] + z * row[2] for row in lab.RGB_FROM_RATIOS]


def _encoded(linear: Value) -> Value:
    """sRGB uint8 of linear light."""
    table = linear.graph.constant(srgb.gamma_table())
    place = (linear.clip(0, 1) * (len(srgb.gamma_table()) - 1) + 0.5).to(np.int32)
    return table.taken(place, 0)


def _f(ratio: Value) -> Value:
    line = ratio * lab.LINE_SLOPE + lab.LINE_START
    return (ratio > lab.LINE_BELOW).where(ratio.apply("Pow", 1 / 3), line)


def _f_inverse(f: Value) -> Value:
    line = (f - lab.LINE_START) / lab.LINE_SLOPE
    return (f > lab.CUBE_ABOVE).where(f * f * f, line)
