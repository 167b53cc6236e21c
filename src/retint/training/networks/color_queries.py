"""Learnt queries that collect the colours of the whole picture."""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn


class ColorQueries(nn.Module):
    """Colour queries: they collect the colours of the whole picture and pass them to every cell.

    Kang et al. 2023, "DDColor: Towards Photo-Realistic Image Colorization via Dual Decoders",
    section 3.3, at one scale: learnt queries attend to all cells, then to each other; cells attend
    to the queries. Initialised to have no effect, so that it can be added to trained weights.
    """

    def __init__(self, channels: int, count: int, width: int = 64, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.queries = nn.Parameter(torch.randn(count, width) / math.sqrt(width))
        self.keys = nn.Conv2d(channels, 2 * width, 1)
        self.look = nn.Linear(width, width)
        self.looked = nn.LayerNorm(width)
        self.mixed = nn.Linear(width, 3 * width)
        self.exchanged = nn.LayerNorm(width)
        self.think = nn.Sequential(
            nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width)
        )
        self.thought = nn.LayerNorm(width)
        self.place = nn.Conv2d(channels, width, 1)
        self.project = nn.Conv2d(count, channels, 1)
        nn.init.zeros_(self.project.weight)
        nn.init.zeros_(cast(Tensor, self.project.bias))

    def forward(self, features: Tensor) -> Tensor:
        """[N, C, h, w] with information about the whole picture added to every cell."""
        n, _, height, width = features.shape
        key, value = self.keys(features).flatten(2).transpose(1, 2).chunk(2, dim=2)
        queries = self.queries.expand(n, -1, -1)
        found = _attended(self._split(self.look(queries)), self._split(key), self._split(value))
        queries = self.looked(queries + found.transpose(1, 2).flatten(2))
        mixed = _attended(*(self._split(each) for each in self.mixed(queries).chunk(3, dim=2)))
        queries = self.exchanged(queries + mixed.transpose(1, 2).flatten(2))
        queries = self.thought(queries + self.think(queries))
        places = self.place(features).flatten(2)
        likeness = (queries @ places / math.sqrt(queries.shape[2])).view(n, -1, height, width)
        answer: Tensor = features + self.project(likeness)
        return answer

    def _split(self, each: Tensor) -> Tensor:
        n, count, _ = each.shape
        return each.reshape(n, count, self.heads, -1).transpose(1, 2)


def _attended(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Vaswani et al. 2017, equation 1, written out for the exporter."""
    shares = torch.softmax(query @ key.transpose(2, 3) / math.sqrt(query.shape[3]), dim=3)
    return shares @ value
