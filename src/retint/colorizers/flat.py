"""One chroma for every pixel: the baselines that a method has to beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from retint.lab import Float32
from retint.size import SizeRequirement

MEAN_CHROMA = (0.70, 4.64)
"""Mean a*, b* of every eighth of the 26,635 photographs that `recipes/unet.toml` trains on."""


@dataclass(frozen=True)
class FlatOptions:
    """Options of the baselines."""

    device: str = "auto"
    """Any: there is nothing to run on it."""
    threads: int = 0


class Flat:
    """Answers every picture with one chroma."""

    Options = FlatOptions
    native = 16
    size = SizeRequirement()
    name: str
    chroma: tuple[float, float]

    def __init__(self, options: FlatOptions) -> None:
        self.options = options

    def __call__(self, lightness: Float32) -> Float32:
        """L* [H, W] to a*, b* [H, W, 2]."""
        return np.full((*lightness.shape, 2), self.chroma, np.float32)


class Gray(Flat):
    """Leaves the picture grey."""

    name = "gray"
    chroma = (0.0, 0.0)


class Mean(Flat):
    """Tints the picture with the mean chroma of the training photographs."""

    name = "mean"
    chroma = MEAN_CHROMA
