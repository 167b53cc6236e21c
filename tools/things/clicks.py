"""Random clicks on pictures whose colors are known."""

from __future__ import annotations

import torch
from torch import Tensor

from retint.colorizers.parts.things import COLOR_SCALE
from tools.things.pictures import Views
from tools.things.regions import regions

CLICKS = 8
COLORED = 10.0
"""Chroma at which a place is chosen twice as often as a grey one."""
KNOWN = 0.75
"""Share of clicks whose color the network is told."""
OFF, FADED = 4.0, (0.7, 1.4)
"""Deviation of such a color from the true one, and the range of their chroma's quotient."""


class Clicks:
    """Random clicks on a batch, and what they should find.

    People click on what has a color more often than on what is grey.
    """

    def __init__(self, views: Views, chance: torch.Generator, count: int = CLICKS) -> None:
        width = views.chroma.shape[3]
        device = views.chroma.device
        often = 1 + views.chroma.square().sum(1).sqrt().clamp(max=40) / COLORED
        places = torch.multinomial(often.flatten(1), count, generator=chance)
        self.rows, self.columns = places // width, places % width
        true = views.chroma.flatten(2).gather(2, places[:, None].expand(-1, 2, -1))
        self.colors = _told(true.transpose(1, 2), chance, device)
        self.connected, self.alike, self.certain = regions(views.chroma, self.rows, self.columns)

    def of(self, embedded: Tensor, light: Tensor) -> Tensor:
        """What the decoder takes, [N, K, 50]."""
        height, width = light.shape[2:]
        found = [self._at(planes) for planes in (embedded.float(), light)]
        across, down = (self.columns + 0.5) / width, (self.rows + 0.5) / height
        return torch.cat([*found, across[..., None], down[..., None], self.colors], dim=2)

    def _at(self, planes: Tensor) -> Tensor:
        """What planes [N, C, h, w] say at the clicks [N, K, C]."""
        places = (self.rows * planes.shape[3] + self.columns)[:, None]
        return planes.flatten(2).gather(2, places.expand(-1, planes.shape[1], -1)).transpose(1, 2)


def _told(colors: Tensor, chance: torch.Generator, device: torch.device) -> Tensor:
    """Colors [N, K, 2] as people give them [N, K, 3], or not at all."""
    n, count, _ = colors.shape
    draws = torch.rand(n, count, 2, generator=chance, device=device)
    low, high = FADED
    told = colors * (low * (high / low) ** draws[..., :1])
    told = told + OFF * torch.randn(colors.shape, generator=chance, device=device)
    known = (draws[..., 1:] < KNOWN).float()
    return torch.cat([known, known * told / float(COLOR_SCALE)], dim=2)
