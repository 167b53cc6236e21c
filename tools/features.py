"""Exports the feature network of KID-lite0.

python tools/features.py -o src/retint/weights/kid-lite0.onnx
"""

from __future__ import annotations

import argparse
from pathlib import Path

from torch import Tensor, nn

from retint.training.networks.efficientnet import EfficientNetLite0, imagenet
from retint.training.onnx_file import picture_part, write_onnx

TOLERANCE = 0.05
"""Features are means of ReLU6, in [0, 6]."""


class PooledFeatures(nn.Module):
    """RGB [N, 3, H, W] in [0, 1] to 1280 features [N, 1280], averaged over the picture."""

    def __init__(self, network: EfficientNetLite0) -> None:
        super().__init__()
        self.network = network

    def forward(self, rgb: Tensor) -> Tensor:
        features: Tensor = self.network(rgb)
        return features.mean(dim=(2, 3))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    output = parser.parse_args().output
    network = PooledFeatures(imagenet()).eval()
    part = picture_part(network, [(3, 224, 224), (3, 224, 288)])
    difference = write_onnx([part], output, tolerance=TOLERANCE, metadata={})
    size = output.stat().st_size / 1e6
    print(f"{output}: {size:.1f} MB, differs from PyTorch by at most {difference:.1g}")


if __name__ == "__main__":
    main()
