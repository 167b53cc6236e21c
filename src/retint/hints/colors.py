"""Colours of hints as text, and as a*, b*."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from retint.color import lab
from retint.color.lab import Float32
from retint.color.names import rgb_of

KEPT = 4096
"""Colours that are converted once: the hints of a reference are drawn several times."""


def chroma_of(color: str) -> tuple[float, float]:
    """a*, b* of a CSS colour or a colour name.

    Raises
    ------
    UsageError
        If there is no such colour.
    """
    return _chroma(tuple(rgb_of(color)))


@lru_cache(maxsize=KEPT)
def _chroma(rgb: tuple[int, ...]) -> tuple[float, float]:
    _, a, b = lab.rgb_to_lab(np.array(rgb, np.uint8))
    return float(a), float(b)


def color_of(lightness: float, chroma: Float32) -> str:
    """Format CIELAB as "#rrggbb": L*, and a*, b* [2], which are reduced to what L* allows."""
    return colors_of(np.full(1, lightness, np.float32), chroma.reshape(1, 2))[0]


def colors_of(lightness: Float32, chroma: Float32) -> list[str]:
    """The same for many at once, which is faster: L* [N], and a*, b* [N, 2]."""
    rgb = np.empty((1, len(lightness), 3), np.uint8)
    lab.merge(lightness[None], chroma[None], out=rgb)
    return [f"#{bytes(levels).hex()}" for levels in rgb[0]]
