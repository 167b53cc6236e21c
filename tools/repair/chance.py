"""Random tensors on one device."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


class Chance:
    """Draws from torch's own generator of a device, which `torch.manual_seed` sets."""

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(shape, device=self.device)

    def between(self, low: Tensor, high: Tensor) -> Tensor:
        """Uniform between two tensors of one shape."""
        return low + (high - low) * torch.rand(low.shape, device=self.device)

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(shape, device=self.device)

    def happens(self, share: float, *shape: int) -> Tensor:
        """True in this share of places."""
        return torch.rand(shape, device=self.device) < share

    def whole(self, high: int, *shape: int) -> Tensor:
        """Whole numbers from 0 to `high`, which is excluded."""
        return torch.randint(high, shape, device=self.device)

    def field(self, count: int, cells: int, side: int) -> Tensor:
        """Smooth noise [count, 1, side, side] of about unit deviation, from a grid of cells."""
        coarse = self.normal(count, 1, cells, cells) * 1.4
        return F.interpolate(coarse, (side, side), mode="bicubic")
