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
FRAMED, PADDED = 0.12, 0.2
"""Shares of views with an even border around the picture, and continued by its mirror image."""
WIDEST = 1.2
"""Largest side of these, in sides of the picture."""


def grey(pictures: Tensor) -> Tensor:
    """sRGB grey [N, 1, H, W] in [0, 1] of RGB [N, H, W, 3] in [0, 255]."""
    weights = torch.tensor(LUMA, device=pictures.device) / 255
    return (pictures.float() @ weights)[:, None]


def plain(planes: Tensor, turns: Tensor) -> Tensor:
    """Whole pictures [N, 1, 224, 224] that need so many quarter turns clockwise to be upright."""
    matrix = turned(turns)
    return _sampled(planes, matrix @ _grid(matrix))


def varied(planes: Tensor, turns: Tensor) -> Tensor:
    """Random views [N, 1, 224, 224] of upright pictures, turned likewise.

    A picture's shape must not tell its turn, so a view is squeezed at random after the turn.
    """
    count, device = len(planes), planes.device

    def chance(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(count, *shape, device=device)

    kind = chance(0, 1)
    framed, beyond = kind < FRAMED, kind < FRAMED + PADDED
    longer = torch.where(beyond, chance(1, WIDEST), chance(SMALLEST, 1))
    squeezed = chance(-ASPECT, ASPECT)
    sides = longer[:, None] * torch.stack([squeezed, -squeezed], dim=1).clamp(max=0).exp()
    tilt = chance(-TILT, TILT)
    rows = [torch.cos(tilt), -torch.sin(tilt), torch.sin(tilt), torch.cos(tilt)]
    matrix = torch.stack(rows, dim=1).reshape(-1, 2, 2) @ torch.diag_embed(sides)
    places = matrix @ _grid(matrix) + (chance(-1, 1, 2) * (1 - sides).abs())[..., None]
    places = turned(turns) @ places
    flip = torch.stack([torch.where(chance(0, 1) < 0.5, -1.0, 1.0), torch.ones_like(tilt)], dim=1)
    places = places * flip[..., None]
    folded = torch.where(places.abs() > 1, places.sign() * 2 - places, places)
    places = torch.where(framed[:, None, None], places, folded)
    border = torch.where(chance(0, 1) < 0.7, chance(0.85, 1), chance(0, 0.2))[:, None, None, None]
    return aged(_sampled(planes - border, places) + border)


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


def _grid(matrix: Tensor) -> Tensor:
    """Places (x, y) of the pixels of a view, [1, 2, 224 * 224] in [-1, 1]."""
    line = (torch.arange(SIDE, device=matrix.device) + 0.5) * (2 / SIDE) - 1
    y, x = torch.meshgrid(line, line, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()])[None]


def _sampled(planes: Tensor, places: Tensor) -> Tensor:
    """Planes [N, 1, H, W] at these places [N, 2, 224 * 224]; they are 0 outside."""
    grid = places.transpose(1, 2).reshape(len(planes), SIDE, SIDE, 2)
    return F.grid_sample(planes, grid, mode="bicubic", align_corners=False)
