"""Distils ImageNet features into a ResNet-18, in case its own ImageNet weights are not available.

Feature distillation (Romero et al. 2015, "FitNets: Hints for Thin Deep Nets", section 2.2, here at
all scales at once): a 1x1 convolution maps each feature map of the student to the channels of the
teacher's map of the same size, and their distance is minimised.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from retint.training.guess import Guess
from retint.training.networks.base import Guesser
from retint.training.networks.efficientnet import LiteEncoder
from retint.training.networks.resnet import CHANNELS, ResNet18

TAPS = dict(zip(LiteEncoder.TAPS, LiteEncoder.CHANNELS, strict=True))
"""The teacher's last block at 1/2, 1/4, ... 1/32 of the picture's size, and its channels."""


@dataclass(frozen=True)
class StudentConfig:
    """No options."""


class Student(Guesser):
    """A ResNet-18 that predicts EfficientNet-lite0's features of the same grey picture."""

    size = ResNet18.size

    def __init__(self, config: StudentConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = ResNet18()
        self.projections = nn.ModuleList(
            nn.Conv2d(ours, theirs, 1) for ours, theirs in zip(CHANNELS, TAPS.values(), strict=True)
        )

    def forward(self, lightness: Tensor) -> tuple[Tensor, ...]:
        maps = self.encoder(lightness)
        return tuple(project(each) for project, each in zip(self.projections, maps, strict=True))

    def pretrained(self) -> ResNet18:
        return self.encoder

    def guess(self, lightness: Tensor, hints: Tensor | None = None) -> Guess:  # noqa: ARG002
        return Guess(lightness, features=self(lightness))
