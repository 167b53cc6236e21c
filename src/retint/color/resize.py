"""Resizes pictures to the working size of a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32
from retint.color.size import SizeRequirement

MAX_ASPECT = 4
"""Maximum long side of the working picture, in native sizes."""
MAX_ENLARGEMENT = 4.0
"""Maximum enlargement of a tiny picture."""


def working_size(size: tuple[int, int], native: int) -> tuple[int, int]:
    """Height and width at which a method with the given native size sees a picture."""
    short, long = min(size), max(size)
    scale = min(native / short, MAX_ASPECT * native / long, MAX_ENLARGEMENT)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def average(planes: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """Resize [H, W] or [H, W, C] to a smaller height and width, by averages of pixels."""
    return _resize(planes, size, cv2.INTER_AREA)


def linear(planes: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """Resize [H, W] or [H, W, C] to a larger height and width, bilinearly."""
    return _resize(planes, size, cv2.INTER_LINEAR)


def cubic(planes: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """Resize [H, W] or [H, W, C] bicubically; the result overshoots at edges."""
    return _resize(planes, size, cv2.INTER_CUBIC)


def nearest(planes: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """Resize [H, W] or [H, W, C] by copying the nearest pixel."""
    return _resize(planes, size, cv2.INTER_NEAREST)


def _resize(planes: NDArray[Any], size: tuple[int, int], how: int) -> NDArray[Any]:
    # OpenCV takes the width first.
    return np.asarray(cv2.resize(planes, (size[1], size[0]), interpolation=how))


def shrink(plane: Float32, size: tuple[int, int]) -> Float32:
    """Resize L*: by averaging to smaller sizes, bicubic to larger ones."""
    if size == plane.shape:
        return plane.copy()
    larger = size[0] * size[1] > plane.shape[0] * plane.shape[1]
    return (cubic if larger else average)(plane, size).clip(0, 100)


def run_padded(
    network: Callable[[Float32], Float32], plane: Float32, size: SizeRequirement
) -> Float32:
    """Run a network on a plane padded to an accepted size; crop the result."""
    height, width = plane.shape
    return network(padded(plane, size))[:height, :width].copy()


def padded(planes: Float32, size: SizeRequirement) -> Float32:
    """Pad [H, W] or [H, W, C] below and to the right by mirroring, to an accepted size."""
    height, width = planes.shape[:2]
    beyond = [(0, size.padded(height) - height), (0, size.padded(width) - width)]
    return np.pad(planes, beyond + [(0, 0)] * (planes.ndim - 2), mode="symmetric")
