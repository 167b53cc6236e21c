"""A smaller network than that of `head`, which learns on a CPU: a mask has one cell per token."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tools.semantics.backbone import WIDTH
from tools.things.head import (
    HEAD_WIDTH,
    HEADS,
    OUTPUTS,
    SPREADS,
    Residual,
    around,
    distances_of,
    places_of,
    standard,
    twice,
)

CHANNELS = HEADS * HEAD_WIDTH
TRUNK, EDGES = 64, 8
FOUND = 24
"""Planes that the decoder's scores are made of."""


class Embedder(nn.Module):
    """Embeddings [N, 32, h, w] of tokens [N, 384, h, w] and of a grey picture [N, 1, 8h, 8w]."""

    def __init__(self) -> None:
        super().__init__()
        self.middle, self.last = (nn.Conv2d(WIDTH, TRUNK, 1) for _ in range(2))
        self.light = nn.Conv2d(1, EDGES, 8, stride=8)
        self.joined = nn.Conv2d(2 * TRUNK + EDGES, TRUNK, 1)
        self.trunk = Residual(TRUNK)
        self.out = nn.Conv2d(TRUNK, CHANNELS, 1)

    def forward(self, layer8: Tensor, layer12: Tensor, light: Tensor) -> Tensor:
        both = [self.middle(standard(layer8)), self.last(standard(layer12))]
        found = self.joined(F.gelu(torch.cat([*both, self.light(light - 0.5)], dim=1)))
        embedded: Tensor = self.out(F.gelu(self.trunk(found)))
        return embedded


class Decoder(nn.Module):
    """Scores of masks for clicked places, as those of `head`."""

    def __init__(self) -> None:
        super().__init__()
        self.scales = nn.Parameter(torch.full((HEADS,), 0.5))
        self.bias = nn.Parameter(torch.tensor(1.0))
        self.of_clicked = nn.Linear(CHANNELS, 24)
        self.stem = nn.Conv2d(HEADS + 3 + 2 + len(SPREADS), 24, 3, padding=1)
        self.down2, self.down2b = nn.Conv2d(24, 40, 3, 2, 1), nn.Conv2d(40, 40, 3, 1, 1)
        self.up1 = nn.Conv2d(40 + 24, FOUND, 3, 1, 1)
        self.out = nn.Conv2d(FOUND, OUTPUTS, 1)

    def forward(self, embedded: Tensor, light: Tensor, clicked: Tensor) -> tuple[Tensor, Tensor]:
        """Scores [N * K, 2, h, w], and those of alikeness alone [N * K, 1, h, w]."""
        found, first = self.found(embedded, light, clicked)
        return self.out(found) + first, first

    def found(self, embedded: Tensor, light: Tensor, clicked: Tensor) -> tuple[Tensor, Tensor]:
        """Planes [N * K, 24, h, w] that scores are made of, and scores of alikeness alone."""
        vectors, grey, across, down = torch.split(clicked, [CHANNELS, 1, 1, 1], dim=2)
        distances = distances_of(embedded, vectors)
        alike = self.bias - (distances * self.scales.abs()[:, None, None]).sum(2, keepdim=True)
        first = alike.flatten(0, 1)
        lights = around(light, grey)
        known = [torch.exp(-distances), lights, *places_of(lights, across, down)]
        at1 = self.stem(torch.cat(known, dim=2).flatten(0, 1))
        at1 = F.gelu(at1 + self.of_clicked(vectors).flatten(0, 1)[..., None, None])
        at2 = F.gelu(self.down2b(F.gelu(self.down2(at1))))
        return F.gelu(self.up1(torch.cat([twice(at2), at1], dim=1))), first


class SmallThings(nn.Module):
    """Both together."""

    def __init__(self) -> None:
        super().__init__()
        self.embedder, self.decoder = Embedder(), Decoder()
