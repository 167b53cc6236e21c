"""Distance from the features of a teacher (`retint.training.networks.student` has the source)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from retint.training.guess import Batch, Guess
from retint.training.networks.efficientnet import imagenet
from retint.training.networks.student import TAPS


class Distillation(nn.Module):
    """Mean squared distance from the teacher's features, averaged over the five scales.

    Each channel of the teacher is normalised to mean 0 and variance 1, so that all have the same
    weight: predicting nothing costs 1.
    """

    def __init__(self) -> None:
        super().__init__()
        self.teacher = imagenet().requires_grad_(False)
        self.standard = nn.ModuleList(nn.BatchNorm2d(n, affine=False) for n in TAPS.values())

    def forward(self, guess: Guess, truth: Batch) -> Tensor:
        with torch.no_grad():
            maps = self.teacher.taps(truth.lightness.expand(-1, 3, -1, -1), tuple(TAPS))
            targets = [norm(each) for norm, each in zip(self.standard, maps, strict=True)]
        distances = [F.mse_loss(*pair) for pair in zip(guess.features, targets, strict=True)]
        return torch.stack(distances).mean()

    def train(self, mode: bool = True) -> Distillation:
        super().train(mode)
        self.teacher.eval()
        return self
