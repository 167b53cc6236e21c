"""The network: the outputs of both layers of the recognizer to what is probably skin."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tools.semantics.backbone import WIDTH
from tools.things.head import maps, standard

CHANNELS, TRUNK = 32, 48
QUARTERS = 4
"""Scores of each cell."""


class Head(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.middle, self.last = (nn.Conv2d(WIDTH, CHANNELS, 1) for _ in range(2))
        self.near = nn.Conv2d(2 * CHANNELS, TRUNK, 3, padding=1)
        self.far = nn.Conv2d(TRUNK, TRUNK, 3, padding=2, dilation=2)
        self.whole = nn.Linear(TRUNK, TRUNK)
        self.out = nn.Conv2d(TRUNK, QUARTERS, 1)

    def forward(self, layer8: Tensor, layer12: Tensor) -> Tensor:
        """Log odds [N, 32, 32] from tokens [N, 257, 384] of both layers."""
        planes = [self.middle(standard(maps(layer8))), self.last(standard(maps(layer12)))]
        found = F.gelu(self.near(F.gelu(torch.cat(planes, dim=1))))
        found = found + F.gelu(self.far(found)) + self.whole(found.mean((2, 3)))[..., None, None]
        odds: Tensor = F.pixel_shuffle(self.out(F.gelu(found)), 2)
        return odds[:, 0]
