"""Pictures at the size that a network works at."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from retint.color.lab import Float32
from retint.color.size import SizeRequirement

MAX_ASPECT = 4
"""The long side of the working picture is at most this many native sizes."""
MAX_ENLARGEMENT = 4.0
"""A tiny picture is made this much larger at most before a network sees it."""


def working_size(size: tuple[int, int], native: int) -> tuple[int, int]:
    """Height and width at which a method of the given native size sees a picture."""
    short, long = min(size), max(size)
    scale = min(native / short, MAX_ASPECT * native / long, MAX_ENLARGEMENT)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def shrink(plane: Float32, size: tuple[int, int]) -> Float32:
    """L* at another size: averaged where it gets smaller, bicubic where it gets larger."""
    if size == plane.shape:
        return plane.copy()
    larger = size[0] * size[1] > plane.shape[0] * plane.shape[1]
    how = cv2.INTER_CUBIC if larger else cv2.INTER_AREA
    resized = cv2.resize(plane, (size[1], size[0]), interpolation=how)
    return np.asarray(resized, dtype=np.float32).clip(0, 100)  # bicubic overshoots at edges


def run_padded(
    network: Callable[[Float32], Float32], plane: Float32, size: SizeRequirement
) -> Float32:
    """Run a network on a plane mirrored out to a size that it accepts; cut its answer back."""
    height, width = plane.shape
    return network(padded(plane, size))[:height, :width].copy()


def padded(planes: Float32, size: SizeRequirement) -> Float32:
    """[H, W] or [H, W, C] mirrored out, below and to the right, to a size that is accepted."""
    height, width = planes.shape[:2]
    beyond = [(0, size.padded(height) - height), (0, size.padded(width) - width)]
    return np.pad(planes, beyond + [(0, 0)] * (planes.ndim - 2), mode="symmetric")
