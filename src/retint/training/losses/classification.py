"""Colour as classification with higher weights for rare colours: Zhang et al. 2016, section 2."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from retint.training.colors313 import COUNT, colors, nearest, soft_encoded
from retint.training.guess import CHROMA_SCALE, Batch, Guess

SIGMA = 5.0
"""Width in a*b* of the Gaussian that smooths the colour frequencies (section 2.2)."""
UNIFORM = 0.5
"""Weight of the uniform distribution: the paper's lambda."""


class Classification(nn.Module):
    """Cross-entropy of the soft-encoded chroma, weighted by the rarity of its nearest colour.

    Equation 2. Until `rebalance` is called, all colours have the same weight.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("rarity", torch.ones(COUNT))
        self.rarity: Tensor

    def forward(self, guess: Guess, truth: Batch) -> Tensor:
        assert guess.logits is not None
        _, _, height, width = guess.logits.shape
        chroma = F.adaptive_avg_pool2d(truth.chroma, (height, width)) * CHROMA_SCALE
        shares, indices = soft_encoded(chroma.movedim(1, -1))
        scores = F.log_softmax(guess.logits, dim=1).movedim(1, -1)
        entropy = -(shares * scores.gather(-1, indices)).sum(-1)
        return (self.rarity[indices[..., 0]] * entropy).mean()

    @torch.no_grad()
    def rebalance(self, batches: Iterable[Tensor]) -> None:
        """Compute the colour frequencies from pictures, sRGB [N, 3, H, W] in [0, 1]."""
        counts = torch.zeros(COUNT)
        for rgb in batches:
            chroma = Batch(rgb[:, :1], rgb).chroma.movedim(1, -1) * CHROMA_SCALE
            _, indices = nearest(chroma)
            counts += torch.bincount(indices.flatten(), minlength=COUNT)
        self.rarity.copy_(rarity(counts / counts.sum()))


def rarity(frequencies: Tensor) -> Tensor:
    """Weights [313] of colours with frequencies [313]; their expectation is 1 (equation 4)."""
    distances = torch.cdist(colors(), colors())
    kernel = torch.exp(-(distances**2) / (2 * SIGMA**2))
    smoothed = frequencies @ (kernel / kernel.sum(1, keepdim=True))
    weights = 1 / ((1 - UNIFORM) * smoothed + UNIFORM / COUNT)
    return weights / (smoothed * weights).sum()
