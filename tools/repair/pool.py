"""Pictures and damage made beforehand, where making them would take as long as learning."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tools.repair.chance import Chance
from tools.repair.damage import Damaged, Layers, laid_over, layers

PART = 32


class Pool:
    """Combines a stock of pictures with a stock of damage, cut and mirrored at random.

    Parameters
    ----------
    pictures
        Makes so many pictures [N, 1, S, S] in [0, 1].
    count
        Number of pictures in the stock.
    side
        Side of the cuts.
    """

    def __init__(
        self, pictures: Callable[[int], Tensor], chance: Chance, count: int, side: int
    ) -> None:
        self._chance, self._side = chance, side
        made = [(255 * pictures(PART)).round().byte() for _ in range(max(1, count // PART))]
        self._pictures = torch.cat(made)
        size = self._pictures.shape[-1]
        parts = [layers(chance, PART, size) for _ in range(max(1, count // PART // 3))]
        self._damage = torch.cat(
            [torch.cat((each.shade, each.kept, each.paint, each.cover), 1).half() for each in parts]
        )

    def __call__(self, count: int) -> Damaged:
        grey = self._some(self._pictures, count).float() / 255
        return laid_over(grey, Layers(*torch.split(self._some(self._damage, count).float(), 1, 1)))

    def _some(self, stock: Tensor, count: int) -> Tensor:
        """Cuts of random rows, all from one place and mirrored alike."""
        chance, side = self._chance, self._side
        top, left = chance.whole(stock.shape[-1] - side + 1, 2).tolist()
        cut = stock[chance.whole(len(stock), count), :, top : top + side, left : left + side]
        across, down, turned = chance.happens(0.5, 3).tolist()
        if turned and stock is self._damage:
            cut = cut.transpose(2, 3)
        mirrored = [2] * (down and stock is self._damage) + [3] * across
        return cut.flip(mirrored) if mirrored else cut
