"""The plain U-Net of the course project, in its three published variants.

Four strided 3x3 convolutions go down, four strided transposed convolutions come up, each joined by
the feature map of the same size on the way down (Ronneberger et al. 2015, "U-Net: Convolutional
Networks for Biomedical Image Segmentation", section 2; the strided form is pix2pix's, Isola et al.
2017, section 6.1.1). The network looks at lightness and predicts RGB, so it learns to repaint the
picture it was given; retint keeps only its chroma.

| option | trained at | padding of the first convolution | normalisation, activation | output |
|---|---|---|---|---|
| 1 | 150 x 150 | 0: sizes 16k - 10 | none, ReLU | sigmoid |
| 2 | 150 x 150 | 0: sizes 16k - 10 | batch, LeakyReLU(0.2); dilated bridge; 5x5 last | tanh |
| 3 | 224 x 224 | 1: sizes 16k | none, ReLU | sigmoid |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from retint.color.size import SizeRequirement
from retint.training.guess import Guess
from retint.training.networks.base import Guesser

CHANNELS = (64, 128, 256, 512)


@dataclass(frozen=True)
class UNetConfig:
    """Which of the three published variants to build."""

    option: Literal[1, 2, 3] = 3

    def __post_init__(self) -> None:
        if self.option not in (1, 2, 3):
            raise ValueError(f"option must be 1, 2 or 3, not {self.option!r}")


class UNet(Guesser):
    """Lightness [N, 1, H, W] in [0, 1] to sRGB [N, 3, H, W] in [0, 1]."""

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        # The output must have the size of the input.
        self.size = (
            SizeRequirement(minimum=16, multiple_of=16)
            if config.option == 3
            else SizeRequirement(minimum=22, multiple_of=16, offset=-10)
        )
        c1, c2, c3, c4 = CHANNELS
        first_padding = 1 if config.option == 3 else 0
        # Without padding at the top, sizes below are 8k-6, 4k-3, 2k-1, k: odd sizes are restored
        # without output_padding. With padding throughout, every size is even and every upsampling
        # step adds one.
        odd = 1 if config.option == 3 else 0
        self.down1 = self._down(1, c1, padding=first_padding)
        self.down2 = self._down(c1, c2)
        self.down3 = self._down(c2, c3)
        self.down4 = self._down(c3, c4)
        self.bridge = self._bridge(c4) if config.option == 2 else nn.Identity()
        self.up4 = self._up(c4, c3, output_padding=odd)
        self.up3 = self._up(2 * c3, c2, output_padding=odd)
        self.up2 = self._up(2 * c2, c1, output_padding=1)
        kernel, padding = {1: (3, 0), 2: (5, 1), 3: (3, 1)}[config.option]
        self.up1 = nn.ConvTranspose2d(
            2 * c1, 3, kernel, stride=2, padding=padding, output_padding=1
        )
        if config.option == 2:
            self.apply(_kaiming)

    def forward(self, lightness: Tensor) -> Tensor:
        d1 = self.down1(lightness)
        d2 = self.down2(d1)
        d3 = self.down3(d2)
        d4 = self.bridge(self.down4(d3))
        u3 = torch.cat([self.up4(d4), d3], dim=1)
        u2 = torch.cat([self.up3(u3), d2], dim=1)
        u1 = torch.cat([self.up2(u2), d1], dim=1)
        rgb = self.up1(u1)
        if self.config.option == 2:
            return (torch.tanh(rgb) + 1) / 2  # the published tanh, mapped to [0, 1]
        return torch.sigmoid(rgb)

    def guess(self, lightness: Tensor, hints: Tensor | None = None) -> Guess:  # noqa: ARG002
        return Guess(lightness, painted=self(lightness))

    def _down(self, inputs: int, outputs: int, padding: int = 1) -> nn.Module:
        return self._activated(nn.Conv2d(inputs, outputs, 3, stride=2, padding=padding))

    def _up(self, inputs: int, outputs: int, output_padding: int) -> nn.Module:
        return self._activated(
            nn.ConvTranspose2d(
                inputs, outputs, 3, stride=2, padding=1, output_padding=output_padding
            )
        )

    def _bridge(self, channels: int) -> nn.Module:
        return self._activated(nn.Conv2d(channels, channels, 3, padding=2, dilation=2))

    def _activated(self, convolution: nn.Conv2d | nn.ConvTranspose2d) -> nn.Module:
        if self.config.option == 2:
            norm = nn.BatchNorm2d(convolution.out_channels)
            return nn.Sequential(convolution, norm, nn.LeakyReLU(0.2))
        return nn.Sequential(convolution, nn.ReLU())


def _kaiming(module: nn.Module) -> None:
    """He et al. 2015, "Delving Deep into Rectifiers", for the leaky slope of option 2."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.kaiming_normal_(module.weight, a=0.2)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
