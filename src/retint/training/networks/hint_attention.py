"""Attention from every cell of a picture to all of its hints."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

HINT_PLANES = 4
"""a*, b*, whether a cell contains a hint, and the share of it that the hint covers."""
HINT_GAIN = 4.0
"""Scales a*, b* over 100 to the size of the features that they are added to."""
FAR = -1e4
"""Attention score of a cell that must be ignored."""


class HintAttention(nn.Module):
    """Every cell attends to all hints and takes their colour (Vaswani et al. 2017, section 3.2).

    The weight of a hint depends on the similarity of the features of both cells and on their
    distance; each head learns the importance of each. An additional empty cell allows a cell to
    attend to no hint.
    """

    def __init__(self, channels: int, heads: int, width: int = 16) -> None:
        super().__init__()
        self.count, self.width = heads, width
        self.query = nn.Conv2d(channels, heads * width, 1)
        self.key = nn.Conv2d(channels, heads * width, 1)
        self.nobody = nn.Conv2d(channels, heads, 1)
        self.closeness = nn.Parameter(torch.linspace(-4, 3, heads))
        self.project = nn.Conv2d(heads * HINT_PLANES, channels, 1)

    def forward(self, features: Tensor, hints: Tensor) -> Tensor:
        """What is added to the features, from [N, C, h, w] and planes [N, 4, h, w]."""
        n, _, height, width = features.shape
        # Mostly a few of hundreds of cells; all others would have a share of 0.
        hinted = hints[:, 2].amax(0).flatten().nonzero()[:, 0]
        told = hints.flatten(2).index_select(2, hinted)
        query = self.query(features).view(n, self.count, self.width, -1)
        key = self.key(features).flatten(2).index_select(2, hinted)
        key = key.view(n, self.count, self.width, -1)
        alike = query.transpose(2, 3) @ key / math.sqrt(self.width)
        # Softplus ensures that nearer hints never have less weight than distant ones.
        falloff = F.softplus(self.closeness)[:, None, None]
        scores = alike - falloff * _squared_distances(height, width, features, hinted)
        scores = scores + (1 - told[:, 2:3])[:, :, None] * FAR
        nobody = self.nobody(features).flatten(2)[..., None]
        shares = torch.softmax(torch.cat([scores, nobody], dim=3), dim=3)
        values = F.pad(told, (0, 1)).transpose(1, 2)[:, None]
        taken = (shares @ values).permute(0, 1, 3, 2).reshape(n, -1, height, width)
        answer: Tensor = self.project(taken)
        return answer


def _squared_distances(height: int, width: int, like: Tensor, others: Tensor) -> Tensor:
    """Squared distances of all cells from `others` [hw, N]; the picture's short side is 4."""
    y = torch.arange(height, device=like.device, dtype=like.dtype)
    x = torch.arange(width, device=like.device, dtype=like.dtype)
    ys = y[:, None].expand(height, width).reshape(-1)
    xs = x[None, :].expand(height, width).reshape(-1)
    down = ys[:, None] - ys.index_select(0, others)
    across = xs[:, None] - xs.index_select(0, others)
    squares = down**2 + across**2
    return squares * (16.0 / min(height, width) ** 2)


def pooled(hints: Tensor, step: int | None) -> Tensor:
    """Pool hints [N, 3, H, W] to cells of `step` pixels, or to one cell: [N, 4, H/step, W/step].

    Mean a*, b* of the hinted pixels, whether there are any, and the share of the cell they cover.
    """
    chroma, mask = hints[:, :2], hints[:, 2:]
    if step is None:
        filled = mask.mean((2, 3), keepdim=True)
        total = (chroma * mask).mean((2, 3), keepdim=True)
    else:
        filled = F.avg_pool2d(mask, step)
        total = F.avg_pool2d(chroma * mask, step)
    mean = total / filled.clamp(min=1e-6)
    present = (filled > 0).to(mask.dtype)
    return torch.cat([mean * HINT_GAIN, present, filled], dim=1)
