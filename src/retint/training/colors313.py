"""The 313 colours of Zhang et al. 2016 (`color.bins`), for training."""

from __future__ import annotations

import torch
from torch import Tensor

from retint.color import bins

COUNT = bins.COUNT
TEMPERATURE = 0.38
"""Section 2.3: between the mean (1), which is pale, and the mode (0), which is patchy."""


def colors() -> Tensor:
    """a*, b* [313, 2]."""
    return torch.from_numpy(bins.colors())


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
