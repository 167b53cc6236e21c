"""Random views of training pictures, made for a whole batch on the device that trains."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

LUMA = (0.299, 0.587, 0.114)
"""Of gamma-coded sRGB, as photographs without colour are made of pictures in colour."""


def cropped(planes: Tensor, side: int, corners: Tensor) -> Tensor:
    """A part of each picture, as a square.

    Parameters
    ----------
    planes
        [N, C, H, W].
    side
        Side of the answer [N, C, side, side] in pixels.
    corners
        Left, top, right and bottom [N, 4] as shares of the picture; right before left mirrors it.
    """
    steps = (torch.arange(side, device=planes.device) + 0.5) / side
    left, top, right, bottom = (each[:, None] for each in corners.unbind(1))
    columns, rows = left + (right - left) * steps, top + (bottom - top) * steps
    grid = torch.stack(
        [columns[:, None].expand(-1, side, -1), rows[:, :, None].expand(-1, -1, side)], dim=-1
    )
    return F.grid_sample(
        planes, 2 * grid - 1, mode="bilinear", padding_mode="reflection", align_corners=False
    )


def random_corners(count: int, smallest: float, device: torch.device) -> Tensor:
    """Parts [N, 4] with sides between `smallest` and 1, half of them mirrored."""
    size = smallest + (1 - smallest) * torch.rand(count, 1, device=device)
    # Their proportions differ too: real pictures of all formats are squeezed to a square.
    aspect = torch.exp(0.15 * torch.randn(count, 1, device=device))
    sides = torch.cat([size * aspect, size / aspect], dim=1).clamp(max=1)
    first = torch.rand(count, 2, device=device) * (1 - sides)
    left, top, right, bottom = torch.cat([first, first + sides], dim=1).unbind(1)
    mirrored = torch.rand(count, device=device) < 0.5
    edges = (torch.where(mirrored, right, left), top, torch.where(mirrored, left, right), bottom)
    return torch.stack(edges, dim=1)


def random_grey(rgb: Tensor) -> Tensor:
    """sRGB grey [N, 1, H, W] of sRGB [N, 3, H, W], both in [0, 1].

    One in seven sees colours as another emulsion would: orthochromatic film is blind to red.
    """
    device, count = rgb.device, len(rgb)
    luma = torch.tensor(LUMA, device=device)
    other = torch.distributions.Dirichlet(torch.tensor([1.0, 2.0, 1.5])).sample((count,)).to(device)
    weights = torch.where(torch.rand(count, 1, device=device) < 1 / 7, other, luma)
    return torch.einsum("nchw,nc->nhw", rgb, weights)[:, None]


def aged(grey: Tensor) -> Tensor:
    """Grey [N, 1, H, W] with other contrast, and some of it blurred or with grain."""
    device, count = grey.device, len(grey)

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, 1, 1, 1, device=device)

    changed = grey.clamp(1e-3, 1) ** torch.exp(uniform(-0.25, 0.25))
    contrast = uniform(0.75, 1.05)
    changed = changed * contrast + (1 - contrast) * uniform(-0.1, 1.0)
    blurred = torch.where(uniform(0, 1) < 0.25, _blur(changed), changed)
    grain = uniform(0, 0.04) * (uniform(0, 1) < 0.3)
    noisy = blurred + grain * torch.randn_like(blurred)
    return torch.where(uniform(0, 1) < 0.2, grey, noisy).clamp(0, 1)


def _blur(planes: Tensor) -> Tensor:
    """All by the same Gaussian, which differs from batch to batch."""
    sigma = 0.5 + 1.3 * float(torch.rand(()))
    reach = math.ceil(2 * sigma)
    line = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, device=planes.device) / sigma) ** 2)
    line = (line / line.sum()).to(planes.dtype)
    rows = F.conv2d(F.pad(planes, (0, 0, reach, reach), mode="replicate"), line.view(1, 1, -1, 1))
    return F.conv2d(F.pad(rows, (reach, reach, 0, 0), mode="replicate"), line.view(1, 1, 1, -1))
