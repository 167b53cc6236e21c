"""Interface of pretrained encoders, which can be frozen block by block."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

from torch import Tensor, nn


class Encoder(nn.Module, ABC):
    """L* / 100 [N, 1, H, W] to feature maps at 1/2, 1/4, 1/8, 1/16 and 1/32 of the size."""

    _trained = -1

    @abstractmethod
    def forward(self, lightness: Tensor) -> tuple[Tensor, ...]: ...

    @abstractmethod
    def parts(self) -> list[nn.Module]:
        """The blocks that can be frozen individually, first to last."""

    @abstractmethod
    def load(self, weights: str, sha256: str) -> None:
        """Load the weights named in a recipe.

        Raises
        ------
        WeightsError
            If they are missing, have another hash, or belong to another network.
        """

    def train_last(self, count: int) -> None:
        """Freeze all but the last `count` blocks; -1 freezes none."""
        self._trained = count
        parts = self.parts()
        for k, part in enumerate(parts):
            part.requires_grad_(k >= self._frozen(parts))
        self.train(self.training)

    def train(self, mode: bool = True) -> Self:
        """Frozen blocks keep the statistics of their normalisation."""
        super().train(mode)
        parts = self.parts()
        for part in parts[: self._frozen(parts)]:
            part.eval()
        return self

    def _frozen(self, parts: list[nn.Module]) -> int:
        return 0 if self._trained < 0 else max(0, len(parts) - self._trained)
