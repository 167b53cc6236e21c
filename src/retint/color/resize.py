"""Resizes pictures to the working size of a network."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

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


def shrink(plane: Float32, size: tuple[int, int]) -> Float32:
    """Resize L*: by averaging to smaller sizes, bicubic to larger ones."""
    if size == plane.shape:
        return plane.copy()
    larger = size[0] * size[1] > plane.shape[0] * plane.shape[1]
    how = cv2.INTER_CUBIC if larger else cv2.INTER_AREA
    resized = cv2.resize(plane, (size[1], size[0]), interpolation=how)
    return np.asarray(resized, dtype=np.float32).clip(0, 100)  # bicubic overshoots at edges


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
