"""sRGB and linear light (IEC 61966-2-1)."""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color.buffers import Buffers

Float32 = NDArray[np.float32]
CHUNK = 1 << 18
"""Pixels that are translated at once."""


def linear(picture: NDArray[Any]) -> Float32:
    """sRGB to linear light, in [0, 1]."""
    if picture.dtype.kind == "u":
        return look_up(linear_table(picture.dtype.name), picture)
    linear: Float32 = linear_light(picture).astype(np.float32, copy=False)
    return linear


def look_up(table: Float32, levels: NDArray[Any]) -> Float32:
    """The values of a table [2^n] for levels of n bits; levels beyond it get its last one."""
    if levels.dtype == np.uint8 and levels.ndim == 2 and levels.size:
        return np.asarray(cv2.LUT(levels, table), np.float32)  # twice as fast
    values: Float32 = np.take(table, levels, mode="clip")
    return values


def translated(table: NDArray[Any], levels: NDArray[Any]) -> NDArray[Any]:
    """The values of a table for the levels of a plane [H, W]; levels beyond it get its last one.

    `numpy.take` alone makes indices of eight bytes of all levels first.
    """
    found = np.empty(levels.shape, table.dtype)
    step = max(1, CHUNK // max(1, levels.shape[1]))
    for top in range(0, len(levels), step):
        rows = slice(top, top + step)
        np.take(table, levels[rows], mode="clip", out=found[rows])
    return found


def linear_light(rgb: NDArray[Any]) -> NDArray[Any]:
    """sRGB in [0, 1] to linear light (IEC 61966-2-1)."""
    return np.where(rgb > 0.04045, ((np.maximum(rgb, 0) + 0.055) / 1.055) ** 2.4, rgb / 12.92)


def gamma(linear: NDArray[Any]) -> NDArray[Any]:
    """Linear light in [0, 1] to sRGB (IEC 61966-2-1), with the same float type."""
    root = 1.055 * linear ** (1 / 2.4) - 0.055
    return np.where(linear > 0.0031308, root, 12.92 * linear)


def encode(linear: Float32, out: NDArray[Any], buffers: Buffers | None = None) -> None:
    """Convert linear light to sRGB of the type of `out`: uint8, uint16, or float in [0, 1].

    Parameters
    ----------
    linear
        Contiguous, of the shape of `out`; it is changed. Values outside [0, 1] are clipped.
    """
    if out.dtype == np.uint8:
        # Steps are at most 0.05 of a grey level where sRGB is steepest.
        _translate(gamma_table(), _places(linear, buffers or Buffers()).reshape(out.shape), out)
        return
    np.clip(linear, 0, 1, out=linear)
    if out.dtype == np.uint16:
        out[...] = gamma(linear) * np.float32(65535) + np.float32(0.5)
    else:
        out[...] = gamma(linear)


def shares(linear: Float32, buffers: Buffers) -> Float32:
    """Linear light to sRGB in [0, 1], to 1e-4, in a buffer; values outside [0, 1] are clipped."""
    found = buffers.get("shares", linear.shape)
    _translate(_shares_table(), _places(linear, buffers), found)
    return found


def _translate(table: NDArray[Any], places: NDArray[np.uint16], out: NDArray[Any]) -> None:
    """Write the values of a table [65536] at places into `out`, of the same shape."""
    if places.size and out.flags.c_contiguous and _opencv_looks_up_16_bits():
        cv2.LUT(places, table[None], dst=out)
    else:
        np.take(table, places, mode="wrap", out=out)


@cache
def _opencv_looks_up_16_bits() -> bool:
    """OpenCV does so since version 5, in half of numpy's time."""
    try:
        cv2.LUT(np.zeros((1, 1), np.uint16), np.zeros((1, 65536), np.uint8))
    except cv2.error:
        return False
    return True


def _places(linear: Float32, buffers: Buffers) -> NDArray[np.uint16]:
    """Linear light in 65535ths."""
    rounded = buffers.get("rounded", linear.shape, np.uint16)
    if linear.size:
        rounded = cv2.addWeighted(linear, 65535, linear, 0, 0, dst=rounded, dtype=cv2.CV_16U)
    return np.asarray(rounded, np.uint16).reshape(linear.shape)


@cache
def linear_table(dtype: str) -> Float32:
    levels = np.iinfo(dtype).max + 1
    return linear_light(np.linspace(0, 1, levels)).astype(np.float32)


@cache
def gamma_table() -> NDArray[np.uint8]:
    """Levels of sRGB by linear light in 65535ths."""
    return (_shares_table() * 255 + 0.5).astype(np.uint8)


@cache
def _shares_table() -> Float32:
    return np.asarray(gamma(np.linspace(0, 1, 65536, dtype=np.float32)), np.float32)
