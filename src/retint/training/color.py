"""sRGB <-> CIELAB for tensors, with gradients: the formulas and constants of `retint.color.lab`."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from retint.color.lab import WHITE, XYZ_FROM_RGB

_RATIOS_FROM_RGB = torch.from_numpy((XYZ_FROM_RGB / WHITE[:, None]).astype(np.float32))
RGB_FROM_RATIOS = torch.from_numpy(np.linalg.inv(XYZ_FROM_RGB / WHITE[:, None]).astype(np.float32))
_TINY = 1e-6
"""Roots have no finite derivative at 0."""


def rgb_to_lab(rgb: Tensor) -> Tensor:
    """sRGB [N, 3, H, W] in [0, 1] to L* [0, 100], a*, b*."""
    linear = torch.where(rgb > 0.04045, ((rgb.clamp(min=0) + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    ratios = _mix(_RATIOS_FROM_RGB, linear)
    root = ratios.clamp(min=_TINY) ** (1 / 3)
    fx, fy, fz = torch.where(ratios > 0.008856, root, 7.787 * ratios + 16 / 116).unbind(1)
    return torch.stack([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)], dim=1)


def lab_to_rgb(lab: Tensor) -> Tensor:
    """L*a*b* [N, 3, H, W] to sRGB in [0, 1]; colours out of gamut are clipped."""
    lightness, a, b = lab.unbind(1)
    fy = (lightness + 16) / 116
    f = torch.stack([fy + a / 500, fy, fy - b / 200], dim=1)
    ratios = torch.where(f > 0.2068966, f**3, (f - 16 / 116) / 7.787)
    linear = _mix(RGB_FROM_RATIOS, ratios).clamp(0, 1)
    root = 1.055 * linear.clamp(min=_TINY) ** (1 / 2.4) - 0.055
    return torch.where(linear > 0.0031308, root, 12.92 * linear)


def _mix(matrix: Tensor, planes: Tensor) -> Tensor:
    return torch.einsum("ij,njhw->nihw", matrix.to(planes), planes)
