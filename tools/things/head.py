"""The network: embeddings of places from tokens and edges, and a mask from one place's embedding.

A place's mask is found in two steps, as in Segment Anything (Kirillov et al. 2023): the picture is
embedded once, and a small decoder answers for every click.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tools.semantics.backbone import WIDTH

HEADS, HEAD_WIDTH = 4, 8
ALIKE = HEADS * HEAD_WIDTH
"""Values of an embedding by whose distances places are alike."""
TINTS = 12
"""Values of an embedding that say which colors suit a place."""
CHANNELS = ALIKE + TINTS
"""Values of an embedding."""
COLOR = 3
"""Values of a click's color: 1 if it is known, and a*, b* in `COLOR_SCALE`; otherwise 0."""
CLICKED = CHANNELS + 1 + 2 + COLOR
"""Values of a click: its embedding, its grey, its place, its color."""
SCALE = 4
"""Places to a side of a token's cell."""
LIGHT_SCALE = 2 * SCALE
"""Pixels of the grey picture to a side of a token's cell."""
LEAST = 2
"""Fewest cells to a side of a picture."""
TRUNK = 96
SPREADS = (0.04, 0.12, 0.35)
"""Standard deviations of the weights by distance that the decoder sees, in sides."""
OUTPUTS = 2
"""Scores that a place belongs to the clicked thing, and that it has the clicked place's color."""


class Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.first, self.second = (nn.Conv2d(width, width, 3, padding=1) for _ in range(2))

    def forward(self, planes: Tensor) -> Tensor:
        found: Tensor = self.second(F.gelu(self.first(self.norm(planes))))
        return planes + found


class Embedder(nn.Module):
    """Embeddings [N, 44, 4h, 4w] of tokens [N, 384, h, w] and of a grey picture [N, 1, 8h, 8w]."""

    def __init__(self) -> None:
        super().__init__()
        self.middle, self.last = (nn.Conv2d(WIDTH, TRUNK, 1) for _ in range(2))
        self.joined = nn.Conv2d(2 * TRUNK, TRUNK, 3, padding=1)
        self.trunk = Residual(TRUNK)
        self.light2 = nn.Conv2d(1, 16, 5, stride=2, padding=2)
        self.light2b = nn.Conv2d(16, 16, 3, padding=1)
        self.light4 = nn.Conv2d(16, 24, 3, stride=2, padding=1)
        self.up4 = nn.Conv2d(TRUNK + 24, 64, 3, padding=1)
        self.up2 = nn.Conv2d(64 + 16, 32, 3, padding=1)
        self.out = nn.Conv2d(32, CHANNELS, 1)

    def forward(self, layer8: Tensor, layer12: Tensor, light: Tensor) -> Tensor:
        both = torch.cat([self.middle(standard(layer8)), self.last(standard(layer12))], dim=1)
        cells = self.trunk(self.joined(F.gelu(both)))
        edges2 = F.gelu(self.light2b(F.gelu(self.light2(light - 0.5))))
        edges4 = F.gelu(self.light4(edges2))
        found = F.gelu(self.up4(torch.cat([twice(cells), edges4], dim=1)))
        found = F.gelu(self.up2(torch.cat([twice(found), edges2], dim=1)))
        embedded: Tensor = self.out(found)
        return embedded


class Decoder(nn.Module):
    """Scores of masks for clicked places: a small U-Net over what is known beside the click.

    It works at half the size of the embeddings, and a last layer sharpens its answer.
    """

    def __init__(self) -> None:
        super().__init__()
        self.scales = nn.Parameter(torch.full((HEADS,), 0.5))
        self.bias = nn.Parameter(torch.tensor(1.0))
        self.of_clicked = nn.Linear(ALIKE + COLOR, 16)
        self.of_color = nn.Sequential(nn.Linear(COLOR, 24), nn.GELU(), nn.Linear(24, TINTS))
        self.stem = nn.Conv2d(HEADS + 2 + 3 + 2 + len(SPREADS), 16, 3, padding=1)
        self.down2, self.down2b = nn.Conv2d(16, 40, 3, 2, 1), nn.Conv2d(40, 40, 3, 1, 1)
        self.down4, self.down4b = nn.Conv2d(40, 48, 3, 2, 1), nn.Conv2d(48, 48, 3, 1, 1)
        self.up2, self.up1 = nn.Conv2d(48 + 40, 40, 3, 1, 1), nn.Conv2d(40 + 16, 16, 3, 1, 1)
        self.coarse = nn.Conv2d(16, OUTPUTS + 2, 1)
        self.fine = nn.Conv2d(OUTPUTS + 2 + HEADS + 2 + 2, 8, 3, padding=1)
        self.out = nn.Conv2d(8, OUTPUTS, 1)

    def forward(self, embedded: Tensor, light: Tensor, clicked: Tensor) -> tuple[Tensor, Tensor]:
        """Scores [N * K, 2, h, w], and those of alikeness alone [N * K, 1, h, w].

        Parameters
        ----------
        embedded
            Embeddings [N, 44, h, w].
        light
            Mean sRGB grey of the places [N, 1, h, w].
        clicked
            Of each click [N, K, 50]: its embedding, its grey, x, y in sides, and its color.
        """
        vectors, own, grey, across, down, color = torch.split(
            clicked, [ALIKE, TINTS, 1, 1, 1, COLOR], dim=2
        )
        distances = distances_of(embedded[:, :ALIKE], vectors)
        suited = suits(embedded[:, ALIKE:], own, self.of_color(color)).flatten(0, 1)
        alike = self.bias - (distances * self.scales.abs()[:, None, None]).sum(2, keepdim=True)
        first, near = alike.flatten(0, 1), torch.exp(-distances).flatten(0, 1)
        lights = around(F.avg_pool2d(light, 2), grey)
        planes = torch.cat([lights, *places_of(lights, across, down)], dim=2).flatten(0, 1)
        known = torch.cat([near, suited], dim=1)
        at1 = self.stem(torch.cat([F.avg_pool2d(known, 2), planes], dim=1))
        clicks = torch.cat([vectors, color], dim=2)
        at1 = F.gelu(at1 + self.of_clicked(clicks).flatten(0, 1)[..., None, None])
        at2 = F.gelu(self.down2b(F.gelu(self.down2(at1))))
        at4 = F.gelu(self.down4b(F.gelu(self.down4(at2))))
        found = F.gelu(self.up2(torch.cat([twice(at4), at2], dim=1)))
        found = F.gelu(self.up1(torch.cat([twice(found), at1], dim=1)))
        coarse = twice(self.coarse(found))
        sharp = around(light, grey)[:, :, 1:].flatten(0, 1)
        fine = self.out(F.gelu(self.fine(torch.cat([coarse, known, sharp], dim=1))))
        return coarse[:, :OUTPUTS] + fine + first, first


class Things(nn.Module):
    """Both together."""

    def __init__(self) -> None:
        super().__init__()
        self.embedder, self.decoder = Embedder(), Decoder()


def maps(tokens: Tensor) -> Tensor:
    """Tokens [N, 257, 384] of the backbone as a map [N, 384, 16, 16]."""
    cells = tokens[:, 1:]
    side = int(cells.shape[1] ** 0.5)
    return cells.transpose(1, 2).reshape(len(cells), -1, side, side)


def standard(planes: Tensor) -> Tensor:
    """Each token with mean 0 and variance 1."""
    planes = planes - planes.mean(1, keepdim=True)
    return planes * torch.rsqrt(planes.square().mean(1, keepdim=True) + 1e-6)


def twice(planes: Tensor) -> Tensor:
    return F.interpolate(planes, scale_factor=2.0, mode="bilinear")


def distances_of(embedded: Tensor, vectors: Tensor) -> Tensor:
    """Squared distances [N, K, 4, h, w] of each head's embeddings from those of clicks."""
    height, width = embedded.shape[2:]
    count = vectors.shape[1]
    with torch.autocast(embedded.device.type, enabled=False):
        places = embedded.float().reshape(-1, HEADS, HEAD_WIDTH, height * width)
        clicks = vectors.float().reshape(-1, count, HEADS, HEAD_WIDTH).transpose(1, 2)
        products = clicks @ places  # [N, 4, K, h * w]
        squares = clicks.square().sum(3, keepdim=True) + places.square().sum(2).unsqueeze(2)
        found = (squares - 2 * products).clamp(min=0) / HEAD_WIDTH
    return found.transpose(1, 2).reshape(-1, count, HEADS, height, width)


def suits(tints: Tensor, own: Tensor, wanted: Tensor) -> Tensor:
    """How well colors [N, K, 12] suit places [N, 12, h, w], also compared with the click's place.

    Returns [N, K, 2, h, w].
    """
    n, _, height, width = tints.shape
    here = (own * wanted).sum(2)[..., None, None]
    there = (wanted @ tints.flatten(2)).reshape(n, -1, height, width)
    return torch.stack([there, there - here], dim=2)


def around(light: Tensor, grey: Tensor) -> Tensor:
    """Grey, and its difference from that of clicks, signed and not: [N, K, 3, h, w]."""
    differing = (light.unsqueeze(1) - grey[..., None, None]) * 4
    centred = (light.unsqueeze(1) - 0.5).expand_as(differing)
    return torch.cat([centred, differing, differing.abs()], dim=2)


def places_of(like: Tensor, across: Tensor, down: Tensor) -> list[Tensor]:
    """How far places of planes [N, K, C, h, w] are from clicks: [N, K, 1, h, w] each."""
    height, width = like.shape[3:]
    xs = (torch.arange(width, device=like.device) + 0.5) / width
    ys = (torch.arange(height, device=like.device) + 0.5) / height
    dx = xs[None, :] - across[..., None, None]
    dy = ys[:, None] - down[..., None, None]
    # Both as large as the picture.
    dx, dy = dx + 0 * dy, dy + 0 * dx
    square = dx.square() + dy.square()
    return [dx, dy, *(torch.exp(square / (-2 * spread**2)) for spread in SPREADS)]
