"""YCbCr as used in films and JPEG files: chroma planes that fit an unchanged luma plane.

ITU-R BT.601-7, BT.709-6 and BT.2020-2 (non-constant luminance), limited and full range; JFIF is
BT.601 at full range (ITU-T T.871).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color import lab, srgb
from retint.color.buffers import Buffers
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
        return srgb.look_up(_lightness_table(self), luma)

    def _shares(self, luma: Levels) -> Float32:
        """Luma in [0, 1], by table."""
        return srgb.look_up(_share_table(self), luma)

    def chroma(
        self, luma: Levels, chroma: Float32, lightness: Float32, buffers: Buffers | None = None
    ) -> tuple[Levels, Levels]:
        """The two chroma planes for a*, b*, inside the gamut at the original luma.

        Parameters
        ----------
        luma
            Luma of the frame [H, W].
        chroma, lightness
            a*, b* [h, w, 2] and L* [h, w] at the size of chroma.
        buffers
            Memory to be used again by calls for parts of one picture.
        """
        buffers = buffers or Buffers()
        rgb = srgb.shares(lab.linear_rgb(lightness, chroma, buffers), buffers)
        away = cv2.split(cv2.transform(rgb, self._away))
        self._fit(luma, away)
        middle = 1 << (self.bits - 1)
        kr, kb = self.matrix

        def plane(k: int, weight: float) -> Levels:
            value = away[k] * np.float32(self.chroma_span / (2 * (1 - weight)))
            value += np.float32(middle + 0.5)
            return value.astype(np.uint8) if self.bits == 8 else value.astype(np.uint16)

        return plane(2, kb), plane(0, kr)

    @functools.cached_property
    def _away(self) -> Float32:
        """The matrix [3, 3] from R'G'B' to its differences from luma."""
        kr, kb = self.matrix
        return np.asarray(np.eye(3) - np.array([kr, 1 - kr - kb, kb]), np.float32)

    def _fit(self, luma: Levels, away: Sequence[Any]) -> None:
        """Reduce differences of the channels from luma [h, w] until they fit its pixels."""
        lowest, highest = _extremes(luma, self.down, self.across)
        low = self._shares(lowest)
        room = np.float32(1) - (low if highest is lowest else self._shares(highest))
        up = np.maximum(np.maximum(away[0], away[1]), away[2])
        down = -np.minimum(np.minimum(away[0], away[1]), away[2])
        beyond = np.flatnonzero(((up > room) | (down > low)).reshape(-1))
        if not beyond.size:
            return
        share = np.ones(len(beyond), np.float32)
        for reach, most in ((up, room), (down, low)):
            each = np.maximum(reach.reshape(-1)[beyond], np.float32(1e-6))
            share = np.minimum(share, most.reshape(-1)[beyond] / each)
        for plane in away:
            plane.reshape(-1)[beyond] *= share

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


@functools.cache
def _share_table(layout: Layout) -> Float32:
    """Shares of white by level."""
    return layout.share(np.arange(1 << layout.bits))
