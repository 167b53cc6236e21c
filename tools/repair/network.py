"""The network that tells damage from what was photographed."""

from __future__ import annotations

import itertools

from torch import Tensor, nn
from torch.nn import functional as F

WIDTHS = (16, 32, 64, 96)
"""Channels at 1/2, 1/4, 1/8 and 1/16 of the size; those at 1/32 are the last."""
STEP = 32
"""Heights and widths are multiples of this."""


class DamageNet(nn.Module):
    """A U-Net (Ronneberger et al. 2015) over blocks of 2 x 2 pixels.

    No convolution runs at full size: two neighbouring rows and columns become channels (Shi et al.
    2016, "Real-Time Single Image and Video Super-Resolution"), and the answer is spread likewise.
    """

    def __init__(self) -> None:
        super().__init__()
        first, *_, last = WIDTHS
        self.entry = nn.Sequential(_conv(4, first), Residual(first))
        self.down = nn.ModuleList(
            nn.Sequential(_conv(fine, coarse, 2), Residual(coarse))
            for fine, coarse in itertools.pairwise(WIDTHS)
        )
        self.deep = nn.Sequential(_separable(last, 2), *(Wide(last) for _ in range(3)))
        self.back = nn.Conv2d(last, last, 1)
        self.narrow = nn.ModuleList(
            nn.Conv2d(coarse, fine, 1)
            for fine, coarse in zip(WIDTHS[-2::-1], WIDTHS[:0:-1], strict=True)
        )
        self.join = nn.ModuleList(_conv(width, width) for width in WIDTHS[-2::-1])
        self.answer = nn.Conv2d(first, 4, 3, padding=1)
        nn.init.constant_(self.answer.bias, -3.0)  # type: ignore[arg-type]  # there is a bias

    def forward(self, grey: Tensor) -> Tensor:
        """Log odds of damage [N, 1, H, W] from grey in [0, 1] of the same shape."""
        maps = [self.entry(F.pixel_unshuffle(grey - 0.5, 2))]
        for down in self.down:
            maps.append(down(maps[-1]))
        deep = maps.pop()
        found = deep + _doubled(self.back(self.deep(deep)))
        for narrow, join in zip(self.narrow, self.join, strict=True):
            found = join(maps.pop() + _doubled(narrow(found)))
        answer: Tensor = F.pixel_shuffle(self.answer(found), 2)
        return answer


class Residual(nn.Module):
    """Two convolutions added to their input (He et al. 2016)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _conv(width, width)
        self.second = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        )

    def forward(self, maps: Tensor) -> Tensor:
        return F.relu(maps + self.second(self.first(maps)))


class Wide(nn.Module):
    """A convolution over 5 x 5 places, channel by channel, then one over channels."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, width, 5, padding=2, groups=width, bias=False),
            nn.BatchNorm2d(width),
            nn.Conv2d(width, width, 1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, maps: Tensor) -> Tensor:
        return F.relu(maps + self.body(maps))


def _conv(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )


def _separable(width: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(width, width, 3, stride, 1, groups=width, bias=False),
        nn.BatchNorm2d(width),
        nn.Conv2d(width, width, 1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
    )


def _doubled(maps: Tensor) -> Tensor:
    return F.interpolate(maps, scale_factor=2, mode="nearest")
