"""Undamaged grey pictures of all sharpness, with what must not be mistaken for damage."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from tools.repair.chance import Chance

LUMA = (0.299, 0.587, 0.114)


class Scenes:
    """Draws batches of pictures.

    Parameters
    ----------
    soft, sharp
        Grey pictures [N, S, S], uint8 on the device, which stay so in memory: squeezed ones, and
        cuts at their own size.
    drawings
        Text, grids and hatching [N, S, S], uint8, 255 for paper.
    """

    def __init__(self, soft: Tensor, sharp: Tensor, drawings: Tensor, chance: Chance) -> None:
        self._soft, self._sharp, self._drawings, self._chance = soft, sharp, drawings, chance
        self.side = soft.shape[-1]

    def __call__(self, count: int) -> Tensor:
        """Pictures [count, 1, S, S] in [0, 1]."""
        makers: tuple[tuple[float, Callable[[int], Tensor]], ...] = (
            (0.12, lambda n: self._some(self._soft, n)),
            (0.28, lambda n: self._some(self._sharp, n)),
            (0.25, self._mosaics),
            (0.35, self._enlarged),
        )
        chance = self._chance
        shares = torch.tensor([share for share, _ in makers])
        counts = (shares * count + torch.rand(len(makers))).floor().long()
        counts[-1] = max(0, count - int(counts[:-1].sum()))
        made = [make(int(n)) for n, (_, make) in zip(counts, makers, strict=True) if n]
        grey = torch.cat(made)[:count]
        grey = self._printed_on(grey)
        grey = _turned(grey, chance)
        return _developed(grey, chance)

    def _some(self, pictures: Tensor, count: int) -> Tensor:
        rows = self._chance.whole(len(pictures), count)
        return pictures[rows][:, None].float() / 255

    def _mosaics(self, count: int) -> Tensor:
        """Four pictures of half the size, which are sharp, somewhere beside one another."""
        small = F.avg_pool2d(torch.cat((self._some(self._soft, 2 * count),
                                        self._some(self._sharp, 2 * count))), 2)  # fmt: skip
        half = self.side // 2
        rows = small.view(4, count, 1, half, half)
        joined = torch.cat((torch.cat((rows[0], rows[2]), 3), torch.cat((rows[3], rows[1]), 3)), 2)
        shift = self._chance.whole(half, 2).tolist()
        return joined.roll(shift, (2, 3))

    def _enlarged(self, count: int) -> Tensor:
        """Cuts enlarged 1 to 5 times and turned a little, mostly sharpened."""
        chance = self._chance
        source = torch.cat((self._some(self._soft, count - count // 2),
                            self._some(self._sharp, count // 2)))  # fmt: skip
        share = 0.2 + 0.75 * chance.uniform(0, 1, count) ** 0.8
        angle = 0.15 * chance.normal(count)
        spread = 1 - share
        middle = chance.uniform(-1, 1, 2, count) * spread
        cos, sin = share * torch.cos(angle), share * torch.sin(angle)
        affine = torch.stack((cos, -sin, middle[0], sin, cos, middle[1]), 1).view(count, 2, 3)
        grid = F.affine_grid(affine, [count, 1, self.side, self.side], align_corners=False)
        cut = F.grid_sample(source, grid, "bicubic", "reflection", align_corners=False)
        cut = cut + chance.uniform(0, 3, count, 1, 1, 1) * (cut - blurred(cut, 1.2))
        return cut.clamp(0, 1)

    def _printed_on(self, grey: Tensor) -> Tensor:
        """Text and hatching over a few pictures, also enlarged."""
        chance, count = self._chance, len(grey)
        ink = 1 - self._some(self._drawings, count)
        share = chance.uniform(0.4, 1.0, count)
        zero = torch.zeros_like(share)
        affine = torch.stack((share, zero, zero, zero, share, zero), 1).view(count, 2, 3)
        grid = F.affine_grid(affine, [count, 1, self.side, self.side], align_corners=False)
        ink = F.grid_sample(ink, grid, "bilinear", "reflection", align_corners=False)
        opacity = chance.happens(0.12, count, 1, 1, 1) * chance.uniform(0.2, 1, count, 1, 1, 1)
        tone = torch.round(chance.uniform(0, 1, count, 1, 1, 1)) * 0.9 + 0.05
        return grey + opacity * ink * (tone - grey)


def grey_of(rgb: Tensor) -> Tensor:
    """Luma [N, S, S], uint8, of sRGB [N, S, S, 3], uint8."""
    weights = torch.tensor(LUMA, device=rgb.device)
    return torch.cat([(part.float() @ weights).round().byte() for part in torch.split(rgb, 1024)])


def scanned(grey: Tensor, chance: Chance) -> Tensor:
    """What a scanner does to a print and its damage: a little blur, sharpening and noise."""
    count = len(grey)
    change = chance.uniform(-1.0, 0.8, count, 1, 1, 1) * chance.happens(0.6, count, 1, 1, 1)
    grey = grey + change * (grey - blurred(grey, 0.8))
    noise = chance.uniform(0, 0.015, count, 1, 1, 1) * chance.normal(*grey.shape)
    return (grey + noise).clamp(0, 1)


def blurred(grey: Tensor, sigma: float) -> Tensor:
    reach = math.ceil(3 * sigma)
    steps = torch.arange(-reach, reach + 1, device=grey.device)
    kernel = torch.exp(-(steps**2) / (2 * sigma**2))
    kernel = kernel / kernel.sum()
    padded = F.pad(grey, (reach, reach, reach, reach), "reflect")
    return F.conv2d(F.conv2d(padded, kernel.view(1, 1, 1, -1)), kernel.view(1, 1, -1, 1))


def _turned(grey: Tensor, chance: Chance) -> Tensor:
    """Mirrored, and a few upside down or on their side."""
    grey = torch.where(chance.happens(0.5, len(grey), 1, 1, 1), grey.flip(3), grey)
    grey = torch.where(chance.happens(0.1, len(grey), 1, 1, 1), grey.flip(2), grey)
    return torch.where(chance.happens(0.15, len(grey), 1, 1, 1), grey.transpose(2, 3), grey)


def _developed(grey: Tensor, chance: Chance) -> Tensor:
    """Film, paper and age: sharpness, gamma, fading and grain."""
    count = len(grey)
    amount = chance.uniform(-1, 1.2, count, 1, 1, 1) * chance.happens(0.6, count, 1, 1, 1)
    grey = (grey + amount * (grey - blurred(grey, 1.0))).clamp(0, 1)
    grey = grey ** torch.exp(0.3 * chance.normal(count, 1, 1, 1))
    black = chance.uniform(-0.1, 0.25, count, 1, 1, 1)
    white = chance.uniform(0.7, 1.1, count, 1, 1, 1)
    grey = (black + grey * (white - black)).clamp(0, 1)
    fine = chance.normal(*grey.shape)
    coarse = blurred(chance.normal(*grey.shape), 0.9) * 3
    noise = torch.where(chance.happens(0.5, count, 1, 1, 1), fine, coarse)
    amount = 0.05 * chance.uniform(0, 1, count, 1, 1, 1) ** 2 * chance.happens(0.75, count, 1, 1, 1)
    return (grey + amount * noise * (0.4 + 4 * grey * (1 - grey)) / 1.4).clamp(0, 1)
