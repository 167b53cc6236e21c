"""Write the trained network as the ONNX file that is shipped.

python -m tools.skin.export skin.safetensors -o src/retint/weights/skin.onnx
"""

from __future__ import annotations

import argparse
from pathlib import Path

import onnx
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from retint.color.size import SizeRequirement
from retint.colorizers.parts.network import METADATA_KEY, Description
from retint.colorizers.parts.semantics import GRID, LAYERS, SIDE
from retint.colorizers.parts.skin import NAME, PROBABLE
from retint.files import atomic
from retint.training.onnx_file import halved
from tools.repair.export import without_notes
from tools.semantics.backbone import WIDTH
from tools.skin.head import Head
from tools.upright.export import difference_of, to_onnx

TOLERANCE = 0.01
"""Largest difference in probabilities that storing the network in half precision may make."""


class Probability(nn.Module):
    def __init__(self, head: Head) -> None:
        super().__init__()
        self.head = head

    def forward(self, layer8: Tensor, layer12: Tensor) -> Tensor:
        found: Tensor = torch.sigmoid(self.head(layer8, layer12))
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    head = Head()
    head.load_state_dict(load_file(args.weights))
    network = Probability(head).eval()
    torch.manual_seed(0)
    examples = tuple(3 * torch.randn(1, GRID * GRID + 1, WIDTH) for _ in LAYERS)
    model = halved(to_onnx(network, examples, PROBABLE))
    difference = difference_of(network, model, examples, PROBABLE)
    if difference > TOLERANCE:
        raise SystemExit(f"the exported network differs from torch's by {difference:.2g}")
    description = Description(NAME, SIDE, SizeRequirement(SIDE, SIDE))
    onnx.helper.set_model_props(model, {METADATA_KEY: description.to_json()})
    atomic.write(args.output, model.SerializeToString())
    without_notes(args.output)
    print(f"{args.output}: {args.output.stat().st_size / 1e6:.2f} MB, differs by {difference:.2g}")


if __name__ == "__main__":
    main()
