"""Packed pictures on the device, as the network sees them: turned grey, cropped and worn."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from retint.training.color import lab_to_rgb, rgb_to_lab
from tools.semantics.vit import GRID, PATCH
from tools.things.head import LIGHT_SCALE, SCALE

LUMA = (0.299, 0.587, 0.114)
LEAST = 0.55
"""Least side of a crop, as a share of the picture's."""


@dataclass(frozen=True)
class Views:
    """Pictures of a batch."""

    grey: Tensor
    """As the backbone sees them, [N, 1, 224, 224]."""
    edges: Tensor
    """As the embedder sees them, [N, 1, 128, 128]."""
    light: Tensor
    """Means of places, [N, 1, 64, 64]."""
    chroma: Tensor
    """a*, b* of places, [N, 2, 64, 64]."""

    @classmethod
    def of(cls, pixels: Tensor, chance: torch.Generator | None = None) -> Views:
        """From RGB uint8 [N, H, W, 3]; with chance also cropped, mirrored and worn."""
        rgb = pixels.permute(0, 3, 1, 2).float() / 255
        if chance is not None:
            rgb = _cropped(rgb, chance)
        lab = rgb_to_lab(rgb)
        chroma = F.interpolate(lab[:, 1:], size=GRID * SCALE, mode="area")
        shares = torch.tensor(LUMA, device=rgb.device)[:, None, None]
        grey = (rgb * shares).sum(1, keepdim=True)
        if chance is not None:
            # Grey of cameras and of CIELAB, and whatever lies between.
            neutral = torch.cat([lab[:, :1], torch.zeros_like(lab[:, 1:])], dim=1)
            grey = torch.lerp(grey, lab_to_rgb(neutral)[:, :1], _random(chance, len(rgb), 0, 1))
            grey = _worn(grey, chance)
        seen = F.interpolate(grey, size=GRID * PATCH, mode="bicubic", antialias=True)
        edges = F.interpolate(grey, size=GRID * LIGHT_SCALE, mode="bilinear", antialias=True)
        return cls(seen.clamp(0, 1), edges, F.avg_pool2d(edges, LIGHT_SCALE // SCALE), chroma)


def _random(chance: torch.Generator, count: int, low: float, high: float) -> Tensor:
    """Numbers [count, 1, 1, 1]."""
    found = torch.rand(count, 1, 1, 1, generator=chance, device=chance.device)
    return low + (high - low) * found


def _cropped(rgb: Tensor, chance: torch.Generator) -> Tensor:
    count = len(rgb)
    sides = 1 - (1 - LEAST) * _random(chance, count, 0, 1) ** 1.5
    sides = torch.cat([sides, sides * _random(chance, count, 0.85, 1.15)], 1).clamp(max=1)
    slack = 1 - sides
    shifts = torch.cat([_random(chance, count, -1, 1) for _ in range(2)], 1) * slack
    mirrored = 1 - 2 * (_random(chance, count, 0, 1) < 0.5).float()
    turns = torch.zeros(count, 2, 3, device=rgb.device)
    turns[:, 0, 0] = (sides[:, :1] * mirrored).flatten()
    turns[:, 1, 1] = sides[:, 1:].flatten()
    turns[:, :, 2] = shifts.flatten(1)
    grid = F.affine_grid(turns, list(rgb.shape), align_corners=False)
    return F.grid_sample(rgb, grid, padding_mode="reflection", align_corners=False)


def _worn(grey: Tensor, chance: torch.Generator) -> Tensor:
    """Other contrast, less sharp and with grain, like old prints."""
    count = len(grey)
    blurred = F.avg_pool2d(F.pad(grey, (1, 1, 1, 1), mode="replicate"), 3, 1)
    grey = torch.lerp(grey, blurred, _random(chance, count, -0.3, 1).clamp(min=0))
    grey = grey.clamp(1e-4, 1) ** torch.exp(_random(chance, count, -0.35, 0.35))
    low, high = _random(chance, count, -0.15, 0.2), _random(chance, count, 0.8, 1.15)
    grey = low + (high - low) * grey
    grain = torch.randn(grey.shape, generator=chance, device=grey.device)
    strength = _random(chance, count, 0, 1) ** 3 * 0.07
    return (grey + strength * grain).clamp(0, 1)
