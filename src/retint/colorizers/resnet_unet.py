"""The ResNet-18 U-Net: a pretrained encoder and a decoder that predicts chroma."""

from __future__ import annotations

import numpy as np

from retint.color.lab import Float32
from retint.colorizers.base import PlainLook
from retint.colorizers.parts.network import Networked
from retint.colorizers.parts.views import mean_of_views

SCALES: tuple[float, ...] = (1.0,)
"""Scales of the working size to run the network at."""


class ResNetUNet(Networked):
    """Runs a U-Net on a ResNet-18, with either of its heads."""

    name = "resnet-unet"
    summary = (
        "U-Net on a ResNet-18 distilled from EfficientNet-lite0, absolute and perceptual error"
    )
    trained_on_lite0 = True
    look_class = PlainLook

    def look(self, lightness: Float32) -> PlainLook:
        """Open L* [H, W]."""
        return PlainLook(self.name, lightness, self.answer)

    def answer(self, lightness: Float32) -> Float32:
        """a*, b* [H, W, 2] for L* [H, W], averaged over the picture and its mirror image."""
        return mean_of_views(self._chroma, lightness, SCALES, self.size)

    def _chroma(self, lightness: Float32) -> Float32:
        """a*, b* [N, H, W, 2] for L* [N, H, W]."""
        answer = self._network(lightness[:, None] / np.float32(100))
        return np.ascontiguousarray(answer.transpose(0, 2, 3, 1)) * np.float32(100)
