"""Baselines with one chroma for every pixel."""

from __future__ import annotations

import numpy as np

from retint.color.lab import Float32
from retint.color.size import SizeRequirement
from retint.colorizers.base import Colorizer, PlainLook
from retint.options import MachineOptions

MEAN_CHROMA = (0.70, 4.64)
"""Mean a*, b* of every eighth of the 26,635 photographs of `recipes/shipped/unet.toml`."""


class Flat(Colorizer):
    """Gives every picture the same chroma."""

    look_class = PlainLook
    sees = False
    baseline = True
    native = 16
    size = SizeRequirement()
    chroma: tuple[float, float]

    def __init__(self, options: MachineOptions) -> None:
        self.options = options

    def look(self, lightness: Float32) -> PlainLook:
        """Open L* [H, W]; its content has no effect."""
        return PlainLook(
            self.name, lightness, lambda plane: np.full((*plane.shape, 2), self.chroma, np.float32)
        )


class Gray(Flat):
    """Leaves the picture grey."""

    name = "gray"
    summary = "baseline: the picture stays gray"
    chroma = (0.0, 0.0)


class Mean(Flat):
    """Tints the picture with the mean chroma of the training photographs."""

    name = "mean"
    summary = "baseline: the mean color of the training photographs everywhere"
    chroma = MEAN_CHROMA
