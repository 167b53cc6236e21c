"""The head: which of the four turns a picture has, from what the backbone sees in it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from retint.colorizers.parts.semantics import GRID
from tools.semantics.backbone import WIDTH
from tools.semantics.head import Block

HEADS, DROPOUT = 4, 0.2
"""Heads of the attention, and share of hidden values left out in training."""
TURNS = 4
"""Quarter turns clockwise that make a picture upright: 0, 1, 2, 3."""


LIMIT = 8.0
"""Largest standardized value; a few tokens have far larger ones."""


class Head(nn.Module):
    """Outputs of blocks 8 and 12, [N, 257, 384] each, to scores of the four turns [N, 4].

    Attention over the cells with learnt positions, since up is a matter of places: sky above,
    ground below. The softmax of the scores, divided by `temperature`, is the probability.

    Parameters
    ----------
    pool
        Cells whose tokens are averaged, in each direction: fewer places learn from fewer pictures.
    """

    def __init__(self, width: int = 160, blocks: int = 2, pool: int = 1) -> None:
        super().__init__()
        self.mean: Tensor
        self.deviation: Tensor
        self.temperature: Tensor
        self.pool = pool
        # Of the token of the whole picture, and of the cells.
        self.register_buffer("mean", torch.zeros(2, 2 * WIDTH))
        self.register_buffer("deviation", torch.ones(2, 2 * WIDTH))
        self.register_buffer("temperature", torch.ones(1))
        self.embedding = nn.Linear(2 * WIDTH, width)
        self.positions = nn.Parameter(torch.randn(1, (GRID // pool) ** 2 + 1, width) * 0.02)
        self.dropout = nn.Dropout(DROPOUT)
        self.blocks = nn.Sequential(*(Block(width, HEADS, DROPOUT) for _ in range(blocks)))
        self.last, self.scores = nn.LayerNorm(2 * width), nn.Linear(2 * width, TURNS)

    def forward(self, layer8: Tensor, layer12: Tensor) -> Tensor:
        """Scores [N, 4], already divided by the temperature."""
        return self.judge(pooled(torch.cat([layer8, layer12], dim=-1), self.pool))

    def judge(self, tokens: Tensor) -> Tensor:
        """The same for `pooled` tokens of both layers."""
        whole = (tokens[:, :1] - self.mean[0]) / self.deviation[0]
        cells = (tokens[:, 1:] - self.mean[1]) / self.deviation[1]
        tokens = self.embedding(torch.cat([whole, cells], dim=1).clamp(-LIMIT, LIMIT))
        tokens = self.blocks(self.dropout(tokens + self.positions))
        read = torch.cat([tokens[:, 0], tokens[:, 1:].mean(dim=1)], dim=-1)
        scores: Tensor = self.scores(self.last(read))
        return scores.float() / self.temperature

    def standardize(self, tokens: Tensor) -> None:
        """Take means and deviations from these pooled tokens."""
        for k, some in enumerate((tokens[:, :1], tokens[:, 1:])):
            flat = some.flatten(0, 1)
            self.mean[k] = flat.mean(dim=0)
            self.deviation[k] = flat.std(dim=0) + 1e-3


def pooled(layers: Tensor, pool: int) -> Tensor:
    """Tokens [N, 1 + cells, C] averaged over squares of cells; the first is that of the picture."""
    layers = layers.float()
    if pool == 1:
        return layers
    side = GRID // pool
    cells = layers[:, 1:].reshape(-1, side, pool, side, pool, layers.shape[-1])
    return torch.cat([layers[:, :1], cells.mean(dim=(2, 4)).flatten(1, 2)], dim=1)
