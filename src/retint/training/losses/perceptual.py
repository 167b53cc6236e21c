"""Distance between the features of pictures in a network trained on ImageNet.

Johnson et al. 2016, "Perceptual Losses for Real-Time Style Transfer and Super-Resolution", equation
2: mean squared distance of feature maps. The course project uses VGG-16; if its weights are not
available, EfficientNet-lite0 replaces it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from retint.training.guess import Batch, Guess
from retint.training.networks.efficientnet import imagenet
from retint.training.networks.resnet import DEVIATION, MEAN
from retint.training.pretrained import load_pretrained

VGG_LAYERS = (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512)
"""Channels of VGG-16's convolutions up to relu4_3; 0 is a pooling layer."""
VGG_TAPS = (3, 8, 15, 22)
"""relu1_2, relu2_2, relu3_3 and relu4_3 among the layers of torchvision's VGG-16."""
LITE0_TAPS = (0, 2, 4, 10)
"""The last blocks at 1/2, 1/4, 1/8 and 1/16 of the picture's size."""


class Perceptual(nn.Module):
    """Distance between the features of the predicted and the true picture."""

    def __init__(self, features: FeatureMaps) -> None:
        super().__init__()
        self.features = features.requires_grad_(False)

    def forward(self, guess: Guess, truth: Batch) -> Tensor:
        with torch.no_grad():
            wanted = self.features(truth.rgb)
        # On the true lightness, since the network's input may be degraded.
        found = self.features(guess.on(truth.clean_lightness))
        return torch.stack([F.mse_loss(*pair) for pair in zip(found, wanted, strict=True)]).mean()

    def train(self, mode: bool = True) -> Perceptual:
        super().train(mode)
        self.features.eval()
        return self


class VGG16Features(nn.Module):
    """Simonyan & Zisserman 2015, configuration D: four feature maps for sRGB [N, 3, H, W] in [0,
    1].
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 3
        for outputs in VGG_LAYERS:
            if outputs:
                layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()]
                inputs = outputs
            else:
                layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)

    def forward(self, rgb: Tensor) -> list[Tensor]:
        mean, deviation = (rgb.new_tensor(each)[:, None, None] for each in (MEAN, DEVIATION))
        features = (rgb - mean) / deviation
        maps = []
        for k, layer in enumerate(self.features):
            features = layer(features)
            if k in VGG_TAPS:
                maps.append(features)
        return maps


class Lite0Features(nn.Module):
    """EfficientNet-lite0: four feature maps for sRGB [N, 3, H, W] in [0, 1].

    Its blocks end without an activation and their channels differ in scale, so each channel is
    divided by the standard deviation that its batch normalisation was trained to produce.
    """

    def __init__(self) -> None:
        super().__init__()
        self.network = imagenet()

    def forward(self, rgb: Tensor) -> list[Tensor]:
        return [
            each / self._deviation(k)
            for k, each in zip(LITE0_TAPS, self.network.taps(rgb, LITE0_TAPS), strict=True)
        ]

    def _deviation(self, block: int) -> Tensor:
        gain: Tensor = cast(Any, self.network.blocks[block]).project[2].weight
        return gain.abs().clamp(min=1e-3)[:, None, None]


FeatureMaps = VGG16Features | Lite0Features


def feature_maps(
    name: Literal["efficientnet-lite0", "vgg16"], weights: str, sha256: str
) -> FeatureMaps:
    """The network whose features are compared.

    Raises
    ------
    WeightsError
        If the file of VGG-16 is required but missing, has another hash, or is of another network.
    """
    if name == "efficientnet-lite0":
        return Lite0Features()
    network = VGG16Features()
    load_pretrained(network, Path(weights), sha256)
    return network
