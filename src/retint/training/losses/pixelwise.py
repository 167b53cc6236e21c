"""Losses that compare a guess with the truth pixel by pixel.

"Analysis of Different Losses for Deep Learning Image Colorization" (Ballester et al. 2022, arXiv
2204.02980), section 3.1, compares them. Each works on what the network predicts: RGB in [0, 1], or
a*, b* over 100.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from retint.training.guess import Batch, Guess

TINY = 1e-6


class MeanSquared(nn.Module):
    """Mean of squared errors; minimal at the mean of all plausible colours."""

    def forward(self, guess: Guess, truth: Batch) -> Tensor:
        return F.mse_loss(*_pair(guess, truth))


class MeanAbsolute(nn.Module):
    """Mean of absolute errors (L1); minimal at the median of the colours."""

    def forward(self, guess: Guess, truth: Batch) -> Tensor:
        return F.l1_loss(*_pair(guess, truth))


class Huber(nn.Module):
    """Squared for errors below `beta`, absolute above (Huber 1964, as torch's smooth L1)."""

    def __init__(self, beta: float) -> None:
        super().__init__()
        self.beta = beta

    def forward(self, guess: Guess, truth: Batch) -> Tensor:
        return F.smooth_l1_loss(*_pair(guess, truth), beta=self.beta)


class Colorfulness(nn.Module):
    """Difference in colourfulness between each picture and its original, in both directions.

    Hasler & Suesstrunk 2003, equation M(3), of sRGB in [0, 1]. A loss that only rewards more colour
    (DDColor's, Kang et al. 2023) has no bound, and leads to red patches.
    """

    def forward(self, guess: Guess, truth: Batch) -> Tensor:
        ours, theirs = _colorfulness(guess.on(truth.clean_lightness)), _colorfulness(truth.rgb)
        return (ours - theirs).abs().mean()


class Denoising(nn.Module):
    """Mean of squared errors of a velocity (Salimans & Ho 2022, appendix D)."""

    def forward(self, guess: Guess, truth: Batch) -> Tensor:  # noqa: ARG002
        assert guess.velocities is not None
        return F.mse_loss(*guess.velocities)


def _colorfulness(rgb: Tensor) -> Tensor:
    """Colourfulness [N] of sRGB [N, 3, H, W]."""
    red, green, blue = rgb.flatten(2).unbind(1)
    opponents = torch.stack([red - green, (red + green) / 2 - blue])
    # The square root has no finite derivative at 0, the value of a grey picture.
    spread = (opponents.var(dim=2, correction=0).sum(0) + TINY).sqrt()
    strength = (opponents.mean(dim=2).square().sum(0) + TINY).sqrt()
    return spread + 0.3 * strength


def _pair(guess: Guess, truth: Batch) -> tuple[Tensor, Tensor]:
    if guess.painted is not None:
        return guess.painted, truth.rgb
    assert guess.chroma is not None
    return guess.chroma, truth.chroma
