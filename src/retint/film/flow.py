"""Optical flow between frames, and its reliability."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32

AGREED = 1.5
"""Difference in pixels between forward and backward flow above which a match is doubtful."""
ALIKE = 7.0
"""Difference in L* above which a match is doubtful."""
MIN_SIDE = 32
"""Minimum side in pixels: DIS needs larger pictures."""


@dataclass(frozen=True)
class Motion:
    """Flow between two consecutive frames, in both directions.

    `onward` [h, w, 2] contains for each pixel of the first frame its offset (x, y) in the second;
    `back` for each pixel of the second frame its offset in the first.
    """

    first: Float32
    second: Float32
    """L* [h, w]."""
    onward: Float32
    back: Float32

    @property
    def from_first(self) -> Carrier:
        """Warps planes of the first frame to the second."""
        return Carrier.of(self.first, self.second, self.back, self.onward)

    @property
    def from_second(self) -> Carrier:
        """Warps planes of the second frame to the first."""
        return Carrier.of(self.second, self.first, self.onward, self.back)


@dataclass(frozen=True)
class Carrier:
    """Warps planes from one frame to another."""

    x: Float32
    y: Float32
    trust: Float32
    """[h, w] in [0, 1]."""

    @classmethod
    def of(cls, source: Float32, target: Float32, flow: Float32, reverse: Float32) -> Carrier:
        """Create it from the flow from target to source; the reverse flow determines its
        reliability.
        """
        ys, xs = np.indices(target.shape, dtype=np.float32)
        x, y = xs + flow[..., 0], ys + flow[..., 1]
        there = cv2.remap(reverse, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        missed = np.square(flow + there).sum(axis=-1)
        then = cv2.remap(source, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        unlike = np.square((then - target) * np.float32(1 / ALIKE))
        trust = np.exp(-missed * np.float32(1 / AGREED**2) - unlike)
        height, width = target.shape
        trust[(x < 0) | (y < 0) | (x > width - 1) | (y > height - 1)] = 0
        return cls(x, y, np.asarray(trust, np.float32))

    def __call__(self, planes: Float32) -> Float32:
        """Warp [h, w, ...] of the source to the target."""
        carried = cv2.remap(
            planes, self.x, self.y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(carried, np.float32)


class Flow:
    """Dense inverse search (Kroeger et al. 2016, ECCV)."""

    def __init__(self) -> None:
        self._search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)

    def __call__(self, first: Float32, second: Float32) -> Motion:
        """Flow between L* [h, w] of two frames."""
        if min(first.shape) < MIN_SIDE:
            none = np.zeros((*first.shape, 2), np.float32)
            return Motion(first, second, none, none)
        return Motion(first, second, self.way(first, second), self.way(second, first))

    def way(self, source: Float32, target: Float32, start: Float32 | None = None) -> Float32:
        """Offsets (x, y) in `target` of the pixels of `source` [h, w, 2].

        Parameters
        ----------
        start
            Offsets [h, w, 2] from which the search begins; 0 by default.
        """
        found = np.zeros((*source.shape, 2), np.float32) if start is None else start.copy()
        if min(source.shape) < MIN_SIDE:
            return found
        return np.asarray(self._search.calc(_grey(source), _grey(target), found), np.float32)


def _grey(lightness: Float32) -> NDArray[np.uint8]:
    return (lightness * np.float32(2.55) + np.float32(0.5)).astype(np.uint8)
