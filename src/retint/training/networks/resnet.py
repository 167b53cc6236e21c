"""ResNet-18, the encoder of the second published method.

He et al. 2016, "Deep Residual Learning for Image Recognition", table 1. The layers are those of
transformers, which does not need torchvision. Weights come from a safetensors file with the names
of transformers or torchvision, or from a run of `recipes/shipped/resnet18-distil.toml`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import ResNetConfig, ResNetModel

from retint.color.size import SizeRequirement
from retint.training.networks.encoder import Encoder
from retint.training.pretrained import load_pretrained

CHANNELS = (64, 64, 128, 256, 512)
"""Channels of the feature maps at 1/2, 1/4, 1/8, 1/16 and 1/32 of the picture's size."""

MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
"""Mean and standard deviation of ImageNet's RGB in [0, 1], as in torchvision and transformers."""


class ResNet18(Encoder):
    """Feature maps at five scales for lightness [N, 1, H, W] in [0, 1].

    Lightness is fed to all three channels of a network made for RGB, like a grey picture. The
    curves of L* and of sRGB's grey levels differ by at most 0.04.
    """

    size = SizeRequirement(minimum=32, multiple_of=32)

    def __init__(self) -> None:
        super().__init__()
        model = ResNetModel(ResNetConfig(layer_type="basic", hidden_sizes=list(CHANNELS[1:]),
                                         depths=[2, 2, 2, 2]))  # fmt: skip
        self.embedder = model.embedder
        self.encoder = model.encoder
        self.register_buffer("mean", torch.tensor(MEAN)[:, None, None], persistent=False)
        self.register_buffer("deviation", torch.tensor(DEVIATION)[:, None, None], persistent=False)
        self.mean: Tensor
        self.deviation: Tensor

    def forward(self, lightness: Tensor) -> tuple[Tensor, ...]:
        grey = (lightness.expand(-1, 3, -1, -1) - self.mean) / self.deviation
        features = self.embedder.embedder(grey)
        maps = [features]
        features = self.embedder.pooler(features)
        for stage in self.encoder.stages:
            features = stage(features)
            maps.append(features)
        return tuple(maps)

    def parts(self) -> list[nn.Module]:
        """The first convolution and two residual blocks at each of four scales."""
        residual = [block for stage in self.encoder.stages for block in cast(Any, stage).layers]
        return [self.embedder.embedder, *residual]

    def load(self, weights: str, sha256: str) -> None:
        """Load ImageNet or distilled weights.

        Parameters
        ----------
        weights
            A safetensors file: of a distillation run, of transformers (`microsoft/resnet-18`),
            or with torchvision's names (`timm/resnet18.tv_in1k`).
        sha256
            Expected hash of the file; empty for a file that the user has just made.

        Raises
        ------
        WeightsError
            If the file is missing, has another hash, or contains another network.
        """
        load_pretrained(self, Path(weights), sha256, _ours)


_TORCHVISION = (
    (r"^conv1\.", "embedder.embedder.convolution."),
    (r"^bn1\.", "embedder.embedder.normalization."),
    (r"^layer(\d)\.(\d)\.downsample\.0\.", r"stage\1.layers.\2.shortcut.convolution."),
    (r"^layer(\d)\.(\d)\.downsample\.1\.", r"stage\1.layers.\2.shortcut.normalization."),
    (r"^layer(\d)\.(\d)\.conv1\.", r"stage\1.layers.\2.layer.0.convolution."),
    (r"^layer(\d)\.(\d)\.bn1\.", r"stage\1.layers.\2.layer.0.normalization."),
    (r"^layer(\d)\.(\d)\.conv2\.", r"stage\1.layers.\2.layer.1.convolution."),
    (r"^layer(\d)\.(\d)\.bn2\.", r"stage\1.layers.\2.layer.1.normalization."),
)


def _ours(name: str) -> str:
    """The name in this module of a tensor of transformers, torchvision or a run."""
    name = re.sub(r"^(resnet|encoder(?=\.(embedder|encoder)\.))\.", "", name)
    for pattern, ours in _TORCHVISION:
        name = re.sub(pattern, ours, name)
    # torchvision counts stages from 1, transformers from 0.
    return re.sub(r"^stage(\d)\.", lambda m: f"encoder.stages.{int(m[1]) - 1}.", name)
