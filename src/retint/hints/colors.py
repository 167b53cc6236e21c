"""Colours of hints as text, and as a*, b*."""

from __future__ import annotations

import numpy as np

from retint.color import lab
from retint.color.lab import Float32
from retint.color.names import rgb_of


def chroma_of(color: str) -> tuple[float, float]:
    """a*, b* of a CSS colour or a colour name.

    Raises
    ------
    UsageError
        If there is no such colour.
    """
    _, a, b = lab.rgb_to_lab(np.array(rgb_of(color), np.uint8))
    return float(a), float(b)


def color_of(lightness: float, chroma: Float32) -> str:
    """Format CIELAB as "#rrggbb": L*, and a*, b* [2], which are reduced to what L* allows."""
    rgb = np.empty((1, 1, 3), np.uint8)
    lab.merge(np.full((1, 1), lightness, np.float32), chroma.reshape(1, 1, 2), out=rgb)
    return "#" + "".join(f"{level:02x}" for level in rgb[0, 0])
