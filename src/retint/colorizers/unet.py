"""The plain U-Net: a network that paints the whole picture, of which retint keeps the chroma."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import cv2
import numpy as np

from retint import lab
from retint.colorizers.network import Network, load_network
from retint.errors import WeightsError
from retint.lab import Float32
from retint.resize import run_padded, shrink
from retint.size import SizeRequirement

SHIPPED = "unet.onnx"
SCALES: tuple[float, ...] = (1.0, 0.5)
"""Shares of the working size at which the network looks: a unit sees about 60 pixels, so detail at
the larger, the whole picture at the smaller. On val/ the mean of both is better than either."""


@dataclass(frozen=True)
class UNetOptions:
    """Options of the plain U-Net."""

    weights: Path | None = None
    """An ONNX file of `retint export` in place of the shipped one."""
    device: str = "auto"
    threads: int = 0


class UNet:
    """Runs a plain U-Net of any of the three published variants."""

    name = "unet"

    def __init__(self, options: UNetOptions) -> None:
        path = options.weights or Path(str(resources.files("retint.weights") / SHIPPED))
        self._network: Network = load_network(path, options.threads, options.device)
        if self._network.description.network != self.name:
            found = self._network.description.network
            raise WeightsError(f"{path} holds a {found!r} network, not a {self.name!r}")

    @property
    def native(self) -> int:
        return self._network.description.native

    @property
    def size(self) -> SizeRequirement:
        return self._network.description.size

    def __call__(self, lightness: Float32) -> Float32:
        """L* [H, W] to the a*, b* [H, W, 2] of what the network paints.

        Averaged over `SCALES` and over the picture and its mirror image.
        """
        height, width = lightness.shape
        chroma = np.zeros((height, width, 2), np.float32)
        for scale in SCALES:
            size = (max(1, round(height * scale)), max(1, round(width * scale)))
            seen = run_padded(self._unmirrored, shrink(lightness, size), self.size)
            enlarged = cv2.resize(seen, (width, height), interpolation=cv2.INTER_LINEAR)
            chroma += np.asarray(enlarged, np.float32)
        mean: Float32 = chroma / np.float32(len(SCALES))
        return mean

    def _unmirrored(self, lightness: Float32) -> Float32:
        """a*, b* [H, W, 2], averaged over the picture and its mirror image."""
        here, mirrored = lab.rgb_to_lab(self._paint(lightness, lightness[:, ::-1]))[..., 1:]
        chroma: Float32 = (here + mirrored[:, ::-1]) / np.float32(2)
        return chroma

    def rgb(self, lightness: Float32) -> Float32:
        """L* [H, W] to the network's own sRGB [H, W, 3] in [0, 1]."""
        rgb: Float32 = self._paint(lightness)[0]
        return rgb

    def _paint(self, *lightness: Float32) -> Float32:
        """Several planes [H, W] to sRGB [N, H, W, 3]."""
        painted = self._network(np.stack(lightness)[:, None] / np.float32(100))
        return np.ascontiguousarray(painted.transpose(0, 2, 3, 1))
