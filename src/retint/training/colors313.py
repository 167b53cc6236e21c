"""The 313 colours of Zhang et al. 2016, "Colorful Image Colorization", section 2.

The a*b* plane is divided into squares of 10, of which the paper keeps 313 as in gamut. The
published list has one contiguous range of b* for each a*; it is slightly wider than sRGB's gamut.
"""

from __future__ import annotations

import torch
from torch import Tensor

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
TEMPERATURE = 0.38
"""Section 2.3: between the mean (1), which is pale, and the mode (0), which is patchy."""


def colors() -> Tensor:
    """a*, b* [313, 2]."""
    points = [(a, b) for a, low, high in ROWS for b in range(low, high + 1, 10)]
    return torch.tensor(points, dtype=torch.float32)


def nearest(chroma: Tensor, count: int = 1) -> tuple[Tensor, Tensor]:
    """The colours nearest to a*, b* [..., 2]: distances and indices [..., count], nearest first."""
    distances = torch.cdist(chroma.reshape(-1, 2), colors().to(chroma))
    found = distances.topk(count, largest=False)
    shape = (*chroma.shape[:-1], count)
    return found.values.reshape(shape), found.indices.reshape(shape)


def soft_encoded(chroma: Tensor, neighbours: int = 5, sigma: float = 5.0) -> tuple[Tensor, Tensor]:
    """Weights and indices [..., neighbours] of the colours around a*, b* [..., 2].

    Section 2.2: the five nearest colours, weighted by a Gaussian of their distance, sigma 5.
    """
    distances, indices = nearest(chroma, neighbours)
    return torch.softmax(-(distances**2) / (2 * sigma**2), dim=-1), indices


def annealed_mean(logits: Tensor, temperature: float = TEMPERATURE) -> Tensor:
    """Convert scores [N, 313, H, W] to a*, b* [N, 2, H, W] (section 2.3, equation 5)."""
    shares = torch.softmax(logits / temperature, dim=1)
    return torch.einsum("nqhw,qc->nchw", shares, colors().to(logits))
