"""The network of `small` with a last layer that sharpens its masks: 4 x 4 cells for each token."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tools.things import small
from tools.things.head import OUTPUTS, SCALE, around, places_of
from tools.things.small import CHANNELS, Embedder

HIDDEN = 12
NEAR = 2
"""How many of the decoder's narrowest weights by distance the last layer sees."""


class Decoder(nn.Module):
    """Scores of masks for clicked places, as those of `head`."""

    def __init__(self) -> None:
        super().__init__()
        self.coarse = small.Decoder()
        self.features = nn.Conv2d(small.FOUND, 8, 1)
        self.fine = nn.Conv2d(8 + OUTPUTS + 3 + NEAR, HIDDEN, 3, padding=1)
        self.finer = nn.Conv2d(HIDDEN, HIDDEN, 3, padding=2, dilation=2)
        self.out = nn.Conv2d(HIDDEN, OUTPUTS, 1)
        nn.init.zeros_(self.out.weight)

    def forward(self, embedded: Tensor, light: Tensor, clicked: Tensor) -> tuple[Tensor, Tensor]:
        """Scores [N * K, 2, 4h, 4w], and those of alikeness alone [N * K, 1, 4h, 4w].

        Parameters
        ----------
        embedded
            Embeddings [N, 32, h, w].
        light
            Mean sRGB grey of the places [N, 1, 4h, 4w].
        clicked
            Of each click [N, K, 32 + 3]: its embedding, its grey, and x, y in sides.
        """
        found, first = self.coarse.found(embedded, F.avg_pool2d(light, SCALE), clicked)
        scores = larger(self.coarse.out(found) + first)
        _, grey, across, down = torch.split(clicked, [CHANNELS, 1, 1, 1], dim=2)
        lights = around(light, grey)
        near = places_of(lights, across, down)[2 : 2 + NEAR]
        planes = torch.cat([lights, *near], dim=2).flatten(0, 1)
        sharp = F.gelu(self.fine(torch.cat([larger(self.features(found)), scores, planes], dim=1)))
        sharp = sharp + F.gelu(self.finer(sharp))
        return scores + self.out(sharp), larger(first)


class FineThings(nn.Module):
    """Embedder and decoder."""

    def __init__(self) -> None:
        super().__init__()
        self.embedder, self.decoder = Embedder(), Decoder()

    def start_from(self, things: dict[str, Tensor]) -> None:
        """Take over the weights of a trained `SmallThings`."""
        own = {name.replace("decoder.", "decoder.coarse."): each for name, each in things.items()}
        self.load_state_dict(self.state_dict() | own)


def larger(planes: Tensor) -> Tensor:
    return F.interpolate(planes, scale_factor=float(SCALE), mode="bilinear")
