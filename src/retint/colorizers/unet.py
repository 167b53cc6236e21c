"""The plain U-Net: a network that paints the whole picture, of which retint keeps the chroma."""

from __future__ import annotations

import numpy as np

from retint import lab
from retint.colorizers.networked import Networked
from retint.colorizers.views import mean_of_views
from retint.lab import Float32

SCALES: tuple[float, ...] = (1.0, 0.5)
"""Shares of the working size at which the network looks: a unit sees about 60 pixels, so detail at
the larger, the whole picture at the smaller. On val/ the mean of both is better than either."""


class UNet(Networked):
    """Runs a plain U-Net of any of the three published variants."""

    name = "unet"

    def __call__(self, lightness: Float32) -> Float32:
        """L* [H, W] to the a*, b* [H, W, 2] of what the network paints.

        Averaged over `SCALES` and over the picture and its mirror image.
        """
        return mean_of_views(self._chroma, lightness, SCALES, self.size)

    def rgb(self, lightness: Float32) -> Float32:
        """L* [H, W] to the network's own sRGB [H, W, 3] in [0, 1]."""
        rgb: Float32 = self._paint(lightness[None])[0]
        return rgb

    def _chroma(self, lightness: Float32) -> Float32:
        """L* [N, H, W] to a*, b* [N, H, W, 2]."""
        return lab.rgb_to_lab(self._paint(lightness))[..., 1:]

    def _paint(self, lightness: Float32) -> Float32:
        """L* [N, H, W] to sRGB [N, H, W, 3]."""
        painted = self._network(lightness[:, None] / np.float32(100))
        return np.ascontiguousarray(painted.transpose(0, 2, 3, 1))
