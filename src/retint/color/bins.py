"""The 313 colours of Zhang et al. 2016, "Colorful Image Colorization", section 2.

The a*b* plane is divided into squares of 10, of which the paper keeps 313 as in gamut. The
published list has one contiguous range of b* for each a*; it is slightly wider than sRGB's gamut.
"""

from __future__ import annotations

import numpy as np

from retint.color.lab import Float32

GRID = 10.0
"""Distance between neighbouring colours in a* and in b*."""
ROWS = (
    # a*, lowest b*, highest b*
    (-90, 50, 90),
    (-80, 20, 90),
    (-70, 0, 90),
    (-60, -20, 90),
    (-50, -30, 100),
    (-40, -40, 100),
    (-30, -50, 100),
    (-20, -50, 100),
    (-10, -60, 100),
    (0, -70, 100),
    (10, -80, 90),
    (20, -80, 90),
    (30, -90, 90),
    (40, -100, 90),
    (50, -100, 80),
    (60, -110, 80),
    (70, -110, 80),
    (80, -110, 70),
    (90, -110, 70),
    (100, -90, 0),
)
COUNT = sum((high - low) // 10 + 1 for _, low, high in ROWS)


def colors() -> Float32:
    """a*, b* [313, 2]."""
    points = [(a, b) for a, low, high in ROWS for b in range(low, high + 1, 10)]
    return np.array(points, np.float32)
