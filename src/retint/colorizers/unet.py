"""The plain U-Net: it predicts the whole picture, of which retint keeps the chroma."""

from __future__ import annotations

import numpy as np

from retint.color import lab
from retint.color.lab import Float32
from retint.colorizers.base import PlainLook
from retint.colorizers.parts.network import Networked
from retint.colorizers.parts.views import mean_of_views

SCALES: tuple[float, ...] = (1.0, 0.5)
"""Scales of the working size to run the network at. A unit has a receptive field of about 60
pixels: the larger scale is for detail, the smaller for the whole picture. On val/ their mean is
better than either.
"""


class UNetLook(PlainLook):
    """The network's prediction for a picture."""

    def __init__(self, network: UNet, lightness: Float32) -> None:
        super().__init__(network.name, lightness, network.answer)
        self._network = network

    def rgb(self) -> Float32:
        """The network's own sRGB [H, W, 3] in [0, 1]."""
        painted: Float32 = self._network.paint(self.lightness[None])[0]
        return painted


class UNet(Networked):
    """Runs a plain U-Net of any of the three published variants."""

    name = "unet"
    summary = "plain U-Net, 4 strided convolutions down and 4 up, trained with MSE on RGB"
    look_class = UNetLook

    def look(self, lightness: Float32) -> UNetLook:
        """Open L* [H, W]."""
        return UNetLook(self, lightness)

    def answer(self, lightness: Float32) -> Float32:
        """a*, b* [H, W, 2] for L* [H, W], from the network's RGB output.

        Averaged over `SCALES` and over the picture and its mirror image.
        """
        return mean_of_views(self._chroma, lightness, SCALES, self.size)

    def paint(self, lightness: Float32) -> Float32:
        """sRGB [N, H, W, 3] for L* [N, H, W]."""
        painted = self._network(lightness[:, None] / np.float32(100))
        return np.ascontiguousarray(painted.transpose(0, 2, 3, 1))

    def _chroma(self, lightness: Float32) -> Float32:
        """a*, b* [N, H, W, 2] for L* [N, H, W]."""
        return lab.rgb_to_lab(self.paint(lightness))[..., 1:]
