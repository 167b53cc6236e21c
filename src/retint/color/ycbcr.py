"""YCbCr as used in films and JPEG files: chroma planes that fit an unchanged luma plane.

ITU-R BT.601-7, BT.709-6 and BT.2020-2 (non-constant luminance), limited and full range; JFIF is
BT.601 at full range (ITU-T T.871).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retint.color import lab
from retint.color.lab import Float32
from retint.color.resize import average

Levels = NDArray[np.uint8] | NDArray[np.uint16]
BT601_WEIGHTS = (0.299, 0.114)
"""Weights of red and blue in luma."""


@dataclass(frozen=True)
class Layout:
    """Layout of YCbCr planes in a film or JPEG file."""

    format: str
    """FFmpeg's name, such as yuv420p10le."""
    size: tuple[int, int]
    """Height and width of luma."""
    bits: int
    across: int
    down: int
    """Luma pixels per chroma pixel."""
    matrix: tuple[float, float]
    full: bool
    grey: bool
    """Whether the source has no chroma."""

    @property
    def chroma_size(self) -> tuple[int, int]:
        """Height and width of chroma."""
        height, width = self.size
        return -(-height // self.down), -(-width // self.across)

    @property
    def black(self) -> float:
        return 0.0 if self.full else 16.0 * (1 << (self.bits - 8))

    @property
    def span(self) -> float:
        """Levels of luma from black to white."""
        return float((1 << self.bits) - 1) if self.full else 219.0 * (1 << (self.bits - 8))

    @property
    def chroma_span(self) -> float:
        """Levels of chroma from minimum to maximum."""
        return float((1 << self.bits) - 1) if self.full else 224.0 * (1 << (self.bits - 8))

    def share(self, luma: NDArray[Any]) -> Float32:
        """Luma in [0, 1]."""
        share = (luma.astype(np.float32) - np.float32(self.black)) / np.float32(self.span)
        return np.asarray(share.clip(0, 1), np.float32)

    def lightness(self, luma: Levels) -> Float32:
        """L* of luma."""
        return np.asarray(np.take(_lightness_table(self), luma), np.float32)

    def chroma(self, luma: Levels, chroma: Float32, lightness: Float32) -> tuple[Levels, Levels]:
        """The two chroma planes for a*, b*, inside the gamut at the original luma.

        Parameters
        ----------
        luma
            Luma of the frame [H, W].
        chroma, lightness
            a*, b* [h, w, 2] and L* [h, w] at the size of chroma.
        """
        red, green, blue = _srgb(lightness, chroma)
        kr, kb = self.matrix
        grey = kr * red + (1 - kr - kb) * green + kb * blue
        # Differences of the channels from grey.
        away = np.stack([red - grey, green - grey, blue - grey])
        low, high = (self.share(each) for each in _extremes(luma, self.down, self.across))
        room = np.where(away > 0, 1 - high, low)
        share = (room / np.maximum(np.abs(away), np.float32(1e-6))).min(axis=0).clip(0, 1)
        middle = 1 << (self.bits - 1)
        planes = []
        for k, weight in ((2, kb), (0, kr)):
            value = away[k] * share * np.float32(self.chroma_span / (2 * (1 - weight)))
            planes.append((value + np.float32(middle + 0.5)).astype(self.dtype))
        return planes[0], planes[1]

    @property
    def dtype(self) -> type[np.uint8] | type[np.uint16]:
        return np.uint8 if self.bits == 8 else np.uint16


def _extremes(luma: Levels, down: int, across: int) -> tuple[Levels, Levels]:
    """The minimum and maximum luma of the pixels that share a chroma pixel."""
    if down == across == 1:
        return luma, luma
    height, width = luma.shape
    padded = np.pad(luma, ((0, -height % down), (0, -width % across)), mode="edge")
    columns = [padded[:, k::across] for k in range(across)]
    low, high = np.minimum(*columns), np.maximum(*columns)
    if down == 2:
        low, high = np.minimum(low[::2], low[1::2]), np.maximum(high[::2], high[1::2])
    return low, high


def _srgb(lightness: Float32, chroma: Float32) -> Float32:
    """sRGB [3, h, w] in [0, 1] of L* and a*, b*."""
    rgb = np.empty((*lightness.shape, 3), np.uint16)
    lab.merge(lightness, chroma, out=rgb)
    return np.moveaxis(rgb, -1, 0).astype(np.float32) * np.float32(1 / 65535)


@functools.cache
def _lightness_table(layout: Layout) -> Float32:
    """L* by level."""
    levels: Float32 = lab.lightness(layout.share(np.arange(1 << layout.bits)[None]))[0]
    return levels


def shrunk(luma: Levels, size: tuple[int, int]) -> Levels:
    """Resize luma to the same or a smaller size."""
    if luma.shape == size:
        return luma
    return average(luma, size)
