"""DDColor-tiny in plain PyTorch with random weights, which take the same time as trained ones.

Kang et al. 2023, "DDColor: Towards Photo-Realistic Image Colorization via Dual Decoders", section 3
and its supplement; ConvNeXt-T from Liu et al. 2022, "A ConvNet for the 2020s", section 2. The
numbers of queries (100), layers (9) and channels (512, 256) are those of the authors' code.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

DEPTHS, WIDTHS = (3, 3, 9, 3), (96, 192, 384, 768)
"""Blocks and channels of the stages of ConvNeXt-T."""
QUERIES, LAYERS, WIDTH = 100, 9, 256


class Norm(nn.LayerNorm):
    """Normalises the channels of [N, C, H, W]."""

    def forward(self, maps: Tensor) -> Tensor:
        normal: Tensor = super().forward(maps.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return normal


class Block(nn.Module):
    """A block of ConvNeXt."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.across = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width)
        self.along = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )
        self.scale = nn.Parameter(torch.full((width,), 1e-6))

    def forward(self, maps: Tensor) -> Tensor:
        inner = self.norm(self.across(maps).permute(0, 2, 3, 1))
        added: Tensor = self.scale * self.along(inner)
        return maps + added.permute(0, 3, 1, 2)


class Encoder(nn.Module):
    """ConvNeXt-T; returns the normalised maps of its four stages, at 1/4 to 1/32 of the size."""

    def __init__(self) -> None:
        super().__init__()
        self.stages, self.norms = nn.ModuleList(), nn.ModuleList()
        for k, (depth, width) in enumerate(zip(DEPTHS, WIDTHS, strict=True)):
            smaller: list[nn.Module] = (
                [Norm(WIDTHS[k - 1]), nn.Conv2d(WIDTHS[k - 1], width, 2, 2)]
                if k
                else [nn.Conv2d(3, width, 4, 4), Norm(width)]
            )
            self.stages.append(nn.Sequential(*smaller, *(Block(width) for _ in range(depth))))
            self.norms.append(Norm(width))

    def forward(self, picture: Tensor) -> list[Tensor]:
        found = []
        for stage, norm in zip(self.stages, self.norms, strict=True):
            picture = stage(picture)
            found.append(norm(picture))
        return found


class Enlarge(nn.Sequential):
    """Enlarges maps by moving channels to pixels, which are then blurred."""

    def __init__(self, inputs: int, outputs: int, scale: int, *, normalised: bool) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs * scale**2, 1, bias=not normalised),
            *([nn.BatchNorm2d(outputs * scale**2)] if normalised else []),
            nn.ReLU(), nn.PixelShuffle(scale), nn.ReplicationPad2d((1, 0, 1, 0)),
            nn.AvgPool2d(2, stride=1),
        )  # fmt: skip


class Up(nn.Module):
    """A stage of the pixel decoder."""

    def __init__(self, inputs: int, beside: int, outputs: int) -> None:
        super().__init__()
        self.enlarge = Enlarge(inputs, outputs, 2, normalised=True)
        self.norm = nn.BatchNorm2d(beside)
        self.join = nn.Sequential(
            nn.Conv2d(outputs + beside, outputs, 3, padding=1, bias=False), nn.ReLU(),
            nn.BatchNorm2d(outputs),
        )  # fmt: skip

    def forward(self, maps: Tensor, beside: Tensor) -> Tensor:
        joined: Tensor = self.join(F.relu(torch.cat([self.enlarge(maps), self.norm(beside)], 1)))
        return joined


class ColorLayer(nn.Module):
    """Queries look at the maps, then at each other."""

    def __init__(self) -> None:
        super().__init__()
        self.across, self.among = (
            nn.MultiheadAttention(WIDTH, 8, batch_first=True) for _ in range(2)
        )
        self.own = nn.Sequential(nn.Linear(WIDTH, 2048), nn.ReLU(), nn.Linear(2048, WIDTH))
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(3))

    def forward(self, queries: Tensor, named: Tensor, maps: Tensor, places: Tensor) -> Tensor:
        seen, _ = self.across(queries + named, maps + places, maps, need_weights=False)
        queries = self.norms[0](queries + seen)
        asked = queries + named
        told, _ = self.among(asked, asked, queries, need_weights=False)
        queries = self.norms[1](queries + told)
        last: Tensor = self.norms[2](queries + self.own(queries))
        return last


class DDColorTiny(nn.Module):
    """Both decoders; grey [N, 3, H, W] to a*, b* [N, 2, H, W]."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.ups = nn.ModuleList([Up(768, 384, 512), Up(512, 192, 512), Up(512, 96, 256)])
        self.last = Enlarge(256, 256, 4, normalised=False)
        self.project = nn.ModuleList(nn.Conv2d(each, WIDTH, 1) for each in (512, 512, 256))
        self.levels, self.queries, self.named = (
            nn.Parameter(torch.randn(count, WIDTH)) for count in (3, QUERIES, QUERIES)
        )
        self.layers = nn.ModuleList(ColorLayer() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)
        self.colors = nn.Sequential(
            nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU(),
            nn.Linear(WIDTH, WIDTH),
        )  # fmt: skip
        self.refine = nn.Conv2d(QUERIES + 3, 2, 1)

    def forward(self, grey: Tensor) -> Tensor:
        maps = self.encoder(grey)
        scales, last = [], maps[-1]
        for up, beside in zip(self.ups, maps[-2::-1], strict=True):
            last = up(last, beside)
            scales.append(last)
        pixels = self.last(last)
        seen = [
            (project(each) + level[:, None, None]).flatten(2).transpose(1, 2)
            for project, each, level in zip(self.project, scales, self.levels, strict=True)
        ]
        places = [_places(*each.shape[2:]) for each in scales]
        queries, named = (
            each[None].expand(len(grey), -1, -1) for each in (self.queries, self.named)
        )
        for k, layer in enumerate(self.layers):
            queries = layer(queries, named, seen[k % 3], places[k % 3])
        found = torch.einsum("nqc,nchw->nqhw", self.colors(self.norm(queries)), pixels)
        answer: Tensor = self.refine(torch.cat([found, grey], 1))
        return answer


def _places(height: int, width: int) -> Tensor:
    """Sines of the positions of cells [1, H * W, 256] (Carion et al. 2020)."""
    powers = 10_000 ** (torch.arange(0, WIDTH // 2, 2) / (WIDTH // 2))
    waves = []
    for side in (height, width):
        angles = (torch.arange(1, side + 1) / side * 2 * torch.pi)[:, None] / powers
        waves.append(torch.stack([angles.sin(), angles.cos()], -1).flatten(1))
    down = waves[0][:, None].expand(-1, width, -1)
    across = waves[1][None].expand(height, -1, -1)
    return torch.cat([down, across], -1).flatten(0, 1)[None]
