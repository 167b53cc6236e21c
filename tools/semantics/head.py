"""The head: colors of a picture's parts from the tokens of its cells."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from retint.colorizers.parts.semantics import GRID
from retint.training.colors313 import COUNT, colors
from tools.semantics.backbone import WIDTH
from tools.semantics.vit import CELLS, EPSILON

HIDDEN, HEADS = 256, 4
"""Values of a cell within the head, and heads of its attention."""
PARTS = 2
"""Each cell is divided into so many rows and columns, each of which gets colors of its own."""


class Block(nn.Module):
    """Attention over all cells and a perceptron, as in a vision transformer (Dosovitskiy 2021)."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self._heads = heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.perceptron = nn.Sequential(
            nn.Linear(width, 3 * width), nn.GELU(), nn.Dropout(dropout), nn.Linear(3 * width, width)
        )

    def forward(self, cells: Tensor) -> Tensor:
        n, count, width = cells.shape
        each = width // self._heads
        asked = self.attention(self.before(cells)).reshape(n, count, 3, self._heads, each)
        query, key, value = asked.permute(2, 0, 3, 1, 4).unbind()
        shares = torch.softmax(query @ key.transpose(-1, -2) * each**-0.5, dim=-1)
        found = (shares @ value).transpose(1, 2).reshape(n, count, width)
        cells = cells + self.out(found)
        return cells + self.perceptron(self.between(cells))  # type: ignore[no-any-return]


class Head(nn.Module):
    """Scores of the 313 colors (Zhang et al. 2016) for each part of each cell.

    `dropout` is the share of hidden values left out in training.
    """

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH, eps=EPSILON) for _ in range(2))
        self.of_cell = nn.Linear(2 * WIDTH, HIDDEN)
        self.of_whole = nn.Linear(2 * WIDTH, HIDDEN)
        self.place = nn.Parameter(torch.zeros(CELLS, HIDDEN))
        self.dropout = nn.Dropout(dropout)
        self.block = Block(HIDDEN, HEADS, dropout)
        self.last, self.scores = nn.LayerNorm(HIDDEN), nn.Linear(HIDDEN, PARTS**2 * COUNT)

    def forward(self, middle: Tensor, last: Tensor) -> Tensor:
        """Scores [N, 256, 4, 313] of the outputs of the two blocks, [N, 257, 384] each."""
        layers = zip(self.norms, (middle, last), strict=True)
        tokens = torch.cat([norm(each) for norm, each in layers], dim=-1)
        cells = self.of_cell(tokens[:, 1:]) + self.of_whole(tokens[:, :1]) + self.place
        scores: Tensor = self.scores(self.last(self.block(self.dropout(cells))))
        return scores.reshape(-1, CELLS, PARTS**2, COUNT)


class Colors(nn.Module):
    """What the shipped file gives for outputs of the two blocks [N, 257, 384].

    Unit tokens [N, 256, 768], and a*, b* [N, 32, 32, 2].
    """

    def __init__(self, head: Head) -> None:
        super().__init__()
        self.head = head
        self.colors: Tensor
        self.register_buffer("colors", colors())

    def forward(self, middle: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
        shares = torch.softmax(self.head(middle, last), dim=-1)
        units = torch.cat([_unit(middle[:, 1:]), _unit(last[:, 1:])], dim=-1) * 0.5**0.5
        return units, in_place(shares @ self.colors)


def in_place(parts: Tensor) -> Tensor:
    """Values of the parts of cells [N, 256, 4, C] as a picture of them [N, 32, 32, C]."""
    grid = parts.reshape(-1, GRID, GRID, PARTS, PARTS, parts.shape[-1]).transpose(2, 3)
    return grid.reshape(-1, GRID * PARTS, GRID * PARTS, parts.shape[-1])


def _unit(tokens: Tensor) -> Tensor:
    """Each token normalized, without what all tokens of the picture share, of length 1."""
    tokens = F.layer_norm(tokens, tokens.shape[-1:])
    return F.normalize(tokens - tokens.mean(dim=1, keepdim=True), dim=-1)
