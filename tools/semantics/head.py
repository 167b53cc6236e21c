"""The head: colors of cells from their tokens, their lightness and a decoder's prediction."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from retint.colorizers.parts.semantics import GRID
from retint.training.colors313 import COUNT, colors
from tools.semantics.store import CELLS, WIDTH

HEADS = 4
DROPOUT = 0.2
"""Share of hidden values left out in training: there are far more cells than different things."""


class Block(nn.Module):
    """Attention over all cells and a perceptron, as in a vision transformer (Dosovitskiy 2021)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.perceptron = _perceptron(width, 3 * width)

    def forward(self, cells: Tensor) -> Tensor:
        n, count, width = cells.shape
        asked = self.attention(self.before(cells)).reshape(n, count, 3, HEADS, width // HEADS)
        query, key, value = asked.permute(2, 0, 3, 1, 4).unbind()
        shares = torch.softmax(query @ key.transpose(-1, -2) * (width // HEADS) ** -0.5, dim=-1)
        found = (shares @ value).transpose(1, 2).reshape(n, count, width)
        cells = cells + self.out(found)
        return cells + self.perceptron(self.between(cells))  # type: ignore[no-any-return]


class Head(nn.Module):
    """Scores of the 313 colors (Zhang et al. 2016) for each cell."""

    def __init__(self, width: int = 256, blocks: int = 1) -> None:
        super().__init__()
        self.mean: Tensor
        self.deviation: Tensor
        self.whole_mean: Tensor
        self.whole_deviation: Tensor
        for name in ("mean", "whole_mean"):
            self.register_buffer(name, torch.zeros(WIDTH))
        for name in ("deviation", "whole_deviation"):
            self.register_buffer(name, torch.ones(WIDTH))
        self.of_cell, self.of_whole = nn.Linear(WIDTH, width), nn.Linear(WIDTH, width)
        self.of_color = nn.Conv2d(3, width, 3, padding=1, padding_mode="replicate")
        self.place = nn.Parameter(torch.zeros(CELLS, width))
        self.norm, self.perceptron = nn.LayerNorm(width), _perceptron(width, 2 * width)
        self.dropout = nn.Dropout(DROPOUT)
        self.blocks = nn.Sequential(*(Block(width) for _ in range(blocks)))
        self.last, self.scores = nn.LayerNorm(width), nn.Linear(width, COUNT)

    def forward(self, tokens: Tensor, whole: Tensor, light: Tensor, chroma: Tensor) -> Tensor:
        """Scores [N, 256, 313].

        Parameters
        ----------
        tokens
            Of both layers, as the backbone gives them, [N, 256, 768].
        whole
            The tokens of the whole picture, [N, 768].
        light, chroma
            L* [N, 256, 1] and a*, b* [N, 256, 2] of the decoder.
        """
        planes = torch.cat([(light - 50) / 25, chroma / 20], dim=-1)
        planes = planes.transpose(1, 2).reshape(-1, 3, GRID, GRID)
        cells = self.of_cell((tokens - self.mean) / self.deviation) + self.place
        cells = cells + self.of_whole((whole - self.whole_mean) / self.whole_deviation)[:, None]
        cells = cells + self.of_color(planes).flatten(2).transpose(1, 2)
        cells = self.dropout(cells)
        cells = cells + self.perceptron(self.norm(cells))
        scores: Tensor = self.scores(self.last(self.blocks(cells)))
        return scores


class Both(nn.Module):
    """What the shipped file gives: unit tokens [N, 256, 768] and a*, b* [N, 256, 2]."""

    def __init__(self, head: Head) -> None:
        super().__init__()
        self.head = head
        self.colors: Tensor
        self.register_buffer("colors", colors())

    def forward(
        self, layer8: Tensor, layer12: Tensor, light: Tensor, chroma: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Parameters are the outputs of the backbone [N, 257, 384], and as `Head` takes them."""
        layers = torch.cat([layer8, layer12], dim=-1)
        scores = self.head(layers[:, 1:], layers[:, 0], light, chroma)
        units = torch.cat([_unit(layer8[:, 1:]), _unit(layer12[:, 1:])], dim=-1) * 0.5**0.5
        return units, torch.softmax(scores, dim=-1) @ self.colors


def _unit(tokens: Tensor) -> Tensor:
    """Each token normalized, without what all tokens of the picture share, of length 1."""
    tokens = F.layer_norm(tokens, tokens.shape[-1:])
    return F.normalize(tokens - tokens.mean(dim=1, keepdim=True), dim=-1)


def _perceptron(width: int, hidden: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(width, hidden), nn.GELU(), nn.Dropout(DROPOUT), nn.Linear(hidden, width)
    )
