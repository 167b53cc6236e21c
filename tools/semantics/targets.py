"""What the head is trained for: the colors of each part of each cell, and their cross-entropy."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from retint.colorizers.parts.semantics import GRID
from retint.training.colors313 import colors, soft_encoded
from tools.semantics.head import PARTS, in_place
from tools.semantics.vit import CELLS

FINE = 64
"""Places to a side at which the true chroma is looked at: 4 in each part of a cell."""


class Targets:
    """Shares of the 313 colors for whole numbers of a* and b*, as a table on the device."""

    def __init__(self, device: torch.device) -> None:
        levels = torch.arange(-127, 128, dtype=torch.float32)
        encoded = soft_encoded(torch.cartesian_prod(levels, levels))
        self._shares, self._indices = (each.to(device) for each in encoded)
        self._colors = colors().to(device)

    def loss(self, scores: Tensor, chroma: Tensor) -> Tensor:
        """Cross-entropy of scores [N, 256, 4, 313] with a*, b* [N, 2, 64, 64]."""
        levels = (chroma.round().clamp(-127, 127) + 127).long()
        keys = _by_part(levels[:, 0] * 255 + levels[:, 1])
        logarithms = F.log_softmax(scores.float(), dim=-1)
        found = logarithms.gather(-1, self._indices[keys].flatten(-2))
        return -(self._shares[keys].flatten(-2) * found).sum(-1).mean() / keys.shape[-1]

    def error(self, scores: Tensor, chroma: Tensor) -> float:
        """Mean squared error of the cells' a*, b*."""
        predicted = in_place(torch.softmax(scores.float(), dim=-1) @ self._colors)
        predicted = F.avg_pool2d(predicted.permute(0, 3, 1, 2), PARTS)
        return (predicted - F.avg_pool2d(chroma, FINE // GRID)).square().mean().item()


def _by_part(planes: Tensor) -> Tensor:
    """[N, 64, 64] to the places of each part of each cell, [N, 256, 4, 4]."""
    within = FINE // GRID // PARTS
    divided = planes.reshape(-1, GRID, PARTS, within, GRID, PARTS, within)
    return divided.permute(0, 1, 4, 2, 5, 3, 6).reshape(-1, CELLS, PARTS**2, within**2)
