"""Turned, cropped, squeezed and aged views of many pictures at once."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

SIDE = 224
LUMA = (0.299, 0.587, 0.114)
ASPECT = 0.45
"""Largest logarithm of the factor by which a view is squeezed, either way."""
SMALLEST = 0.7
"""Smallest longer side of a crop, as a share of the picture's."""
TILT = math.radians(4)
FRAMED = 0.12
"""Share of views with an even border around the picture."""


def grey(pictures: Tensor) -> Tensor:
    """sRGB grey [N, 1, H, W] in [0, 1] of RGB [N, H, W, 3] in [0, 255]."""
    weights = torch.tensor(LUMA, device=pictures.device) / 255
    return (pictures.float() @ weights)[:, None]


def plain(planes: Tensor, turns: Tensor) -> Tensor:
    """Whole pictures [N, 1, 224, 224] that need so many quarter turns clockwise to be upright."""
    matrix = turned(turns)
    return _sampled(planes, matrix, torch.zeros_like(matrix[:, 0]))


def varied(planes: Tensor, turns: Tensor) -> Tensor:
    """Random views [N, 1, 224, 224] of upright pictures, turned likewise.

    A picture's shape must not tell its turn, so a view is squeezed at random after the turn.
    """
    count, device = len(planes), planes.device

    def chance(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(count, *shape, device=device)

    squeezed = chance(-ASPECT, ASPECT)
    framed = chance(0, 1) < FRAMED
    longer = torch.where(framed, chance(1.0, 1.25), chance(SMALLEST, 1.0))
    sides = longer[:, None] * torch.stack([squeezed, -squeezed], dim=1).clamp(max=0).exp()
    offset = chance(-1, 1, 2) * (1 - sides).abs()
    tilt = chance(-TILT, TILT)
    rows = [torch.cos(tilt), -torch.sin(tilt), torch.sin(tilt), torch.cos(tilt)]
    matrix = torch.stack(rows, dim=1).reshape(-1, 2, 2) @ torch.diag_embed(sides)
    source = turned(turns)
    mirrored = torch.where(chance(0, 1) < 0.5, -1.0, 1.0)
    source = torch.stack([source[:, 0] * mirrored[:, None], source[:, 1]], dim=1)
    border = torch.where(chance(0, 1) < 0.7, chance(0.85, 1.0), chance(0.0, 0.2))[
        :, None, None, None
    ]
    shift = (source @ offset[..., None])[..., 0]
    if_framed = torch.where(framed[:, None, None, None], border, planes.mean((1, 2, 3), True))
    return aged(_sampled(planes - if_framed, source @ matrix, shift) + if_framed)


def turned(turns: Tensor) -> Tensor:
    """Matrices [N, 2, 2] from places (x, y) of a turned picture to those of the upright one.

    The turned picture is `numpy.rot90(upright, turns)`.
    """
    angle = turns.float() * (math.pi / 2)
    cosine, sine = torch.cos(angle).round(), torch.sin(angle).round()
    return torch.stack([cosine, -sine, sine, cosine], dim=1).reshape(-1, 2, 2)


def aged(planes: Tensor) -> Tensor:
    """Views [N, 1, H, W] with the contrast, blur and noise of old photographs."""
    shape = (len(planes), 1, 1, 1)

    def chance(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(shape, device=planes.device)

    blurred = F.avg_pool2d(F.pad(planes, (2, 2, 2, 2), mode="replicate"), 5, stride=1)
    planes = planes + chance(-0.9, 1.2) * (planes - blurred)
    planes = planes.clamp(1e-4, 1) ** torch.exp(chance(-0.5, 0.5))
    middle = planes.mean((1, 2, 3), keepdim=True)
    planes = middle + (planes - middle) * chance(0.5, 1.3) + chance(-0.12, 0.12)
    planes = planes + chance(-0.05, 0.05).clamp(min=0) * torch.randn_like(planes)
    return planes.clamp(0, 1)


def _sampled(planes: Tensor, matrix: Tensor, shift: Tensor) -> Tensor:
    """Planes at the places matrix (x, y) + shift, for each (x, y) of the view in [-1, 1]."""
    theta = torch.cat([matrix, shift[..., None]], dim=-1)
    grid = F.affine_grid(theta, [len(planes), 1, SIDE, SIDE], align_corners=False)
    return F.grid_sample(planes, grid, mode="bicubic", align_corners=False)
