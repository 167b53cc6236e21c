"""Write the trained network as the file that is shipped.

python -m tools.repair.export damage.safetensors -o src/retint/weights/damage.onnx
"""

from __future__ import annotations

import argparse
from pathlib import Path

import onnx
from safetensors.torch import load_file
from torch import Tensor, nn

from retint.color.size import SizeRequirement
from retint.colorizers.parts.network import METADATA_KEY, Description
from retint.files import atomic
from retint.picture.damage import NAME
from retint.training.export import fingerprint
from retint.training.onnx_file import picture_part, write_onnx
from tools.packed.read import SIDE
from tools.repair.network import STEP, DamageNet

TOLERANCE = 0.02
"""Largest difference in probability that storing weights in half precision may make."""


class Likelihood(nn.Module):
    """The network's answer as a probability."""

    def __init__(self, network: DamageNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, grey: Tensor) -> Tensor:
        answer: Tensor = self.network(grey).sigmoid()
        return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    network = DamageNet().eval()
    network.load_state_dict({k: v.float() for k, v in load_file(args.weights).items()})
    size = SizeRequirement(STEP, STEP)
    description = Description(NAME, SIDE, size, fingerprint=fingerprint(network))
    part = picture_part(Likelihood(network), [(1, 96, 64), (1, 32, 160)])
    metadata = {METADATA_KEY: description.to_json()}
    difference = write_onnx([part], args.output, tolerance=TOLERANCE, metadata=metadata)
    without_notes(args.output)
    size_mb = args.output.stat().st_size / 1e6
    print(f"{args.output}: {size_mb:.2f} MB, differs by {difference:.2g} from torch")


def without_notes(path: Path) -> None:
    """Remove from each node where in the source it came from, a tenth of this small file."""
    model = onnx.load(path)
    for node in model.graph.node:
        del node.metadata_props[:]
    atomic.write(path, model.SerializeToString())


if __name__ == "__main__":
    main()
