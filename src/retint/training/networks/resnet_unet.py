"""The second published method: a U-Net on a pretrained ResNet-18.

The encoder takes lightness. The decoder upsamples by resizing and convolution, which avoids
checkerboard artefacts (Odena et al. 2016, "Deconvolution and Checkerboard Artifacts"), and adds the
encoder's map at each scale. A refinement stage at the picture's full size predicts chroma. With a
classification head, the network scores the 313 colours of Zhang et al. 2016 instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from torch import Tensor, nn
from torch.nn import functional as F

from retint.training.colors313 import COUNT, annealed_mean
from retint.training.guess import CHROMA_SCALE, Guess
from retint.training.networks.base import Guesser
from retint.training.networks.resnet import CHANNELS, ResNet18

WIDTHS = (192, 128, 96, 64, 48)
"""Channels of the decoder at 1/32, 1/16, 1/8, 1/4 and 1/2 of the picture's size."""
REFINED = 32
"""Channels of the refinement stage."""


@dataclass(frozen=True)
class ResNetUNetConfig:
    """The kind of output."""

    head: Literal["regression", "classification"] = "regression"

    def __post_init__(self) -> None:
        if self.head not in ("regression", "classification"):
            raise ValueError(f"head must be regression or classification, not {self.head!r}")


class ResNetUNet(Guesser):
    """L* / 100 [N, 1, H, W] to a*, b* over 100 [N, 2, H, W]."""

    size = ResNet18.size

    def __init__(self, config: ResNetUNetConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = ResNet18()
        self.bridge = _convolution(CHANNELS[-1], WIDTHS[0], 1)
        self.up16 = Up(WIDTHS[0], CHANNELS[3], WIDTHS[1])
        self.up8 = Up(WIDTHS[1], CHANNELS[2], WIDTHS[2])
        self.up4 = Up(WIDTHS[2], CHANNELS[1], WIDTHS[3])
        if config.head == "classification":
            # At a quarter of the picture's size, as published.
            self.classify = nn.Conv2d(WIDTHS[3], COUNT, 1)
        else:
            self.up2 = Up(WIDTHS[3], CHANNELS[0], WIDTHS[4], convolutions=1)
            self.narrow = nn.Conv2d(WIDTHS[4], REFINED, 1)
            self.detail = nn.Conv2d(1, REFINED, 3, padding=1)
            self.refine = nn.Sequential(
                nn.BatchNorm2d(REFINED), nn.ReLU(), _convolution(REFINED, REFINED, 3)
            )
            self.chroma = nn.Conv2d(REFINED, 2, 3, padding=1)

    def forward(self, lightness: Tensor) -> Tensor:
        maps = self.encoder(lightness)
        if self.config.head == "classification":
            return _expected(self.scores(maps), lightness)
        return self.decode(maps, lightness)

    def guess(self, lightness: Tensor, hints: Tensor | None = None) -> Guess:  # noqa: ARG002
        if self.config.head == "regression":
            return Guess(lightness, chroma=self(lightness))
        logits = self.scores(self.encoder(lightness))
        return Guess(lightness, chroma=_expected(logits, lightness), logits=logits)

    def pretrained(self) -> ResNet18:
        return self.encoder

    def decode(self, maps: tuple[Tensor, ...], lightness: Tensor) -> Tensor:
        """a*, b* over 100 [N, 2, H, W] from the encoder's maps, for the regression head."""
        features = self.narrow(self.up2(self._quarter(maps), maps[0]))
        refined = self.refine(_enlarge(features, lightness) + self.detail(lightness))
        chroma: Tensor = self.chroma(refined)
        return chroma

    def scores(self, maps: tuple[Tensor, ...]) -> Tensor:
        """Logits [N, 313, H/4, W/4] from the encoder's maps, for the classification head."""
        logits: Tensor = self.classify(self._quarter(maps))
        return logits

    def _quarter(self, maps: tuple[Tensor, ...]) -> Tensor:
        """The decoder's features at a quarter of the picture's size."""
        features = self.bridge(maps[4])
        features = self.up16(features, maps[3])
        features = self.up8(features, maps[2])
        quarter: Tensor = self.up4(features, maps[1])
        return quarter


class Up(nn.Module):
    """Combines decoder features of one scale with encoder features of the next finer one."""

    def __init__(self, inputs: int, skipped: int, outputs: int, convolutions: int = 2) -> None:
        super().__init__()
        self.skip = nn.Conv2d(skipped, inputs, 1)
        widths = [inputs, *[outputs] * convolutions]
        self.convolve = nn.Sequential(*(_convolution(*pair, 3) for pair in pairwise(widths)))

    def forward(self, features: Tensor, finer: Tensor) -> Tensor:
        answer: Tensor = self.convolve(_enlarge(features, finer) + self.skip(finer))
        return answer


def _convolution(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


def _enlarge(features: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(features, like.shape[-2:], mode="bilinear", align_corners=False)


def _expected(logits: Tensor, lightness: Tensor) -> Tensor:
    """The expected colours for the scores, at the picture's size."""
    return _enlarge(annealed_mean(logits) / CHROMA_SCALE, lightness)
