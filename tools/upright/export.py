"""Write the trained head as the ONNX file that is shipped.

python -m tools.upright.export upright.safetensors -o src/retint/weights/upright.onnx
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from safetensors.torch import load_file
from torch import nn

from retint.color.size import SizeRequirement
from retint.colorizers.parts.network import METADATA_KEY, Description
from retint.colorizers.parts.semantics import GRID, LAYERS, SIDE
from retint.colorizers.parts.upright import NAME, SCORES
from retint.files import atomic
from retint.training.onnx_file import OPSET, halved
from tools.semantics.backbone import WIDTH
from tools.upright.head import Head

TOLERANCE = 0.02
"""Largest difference in scores that storing the head in half precision may make."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("head", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    head = load(args.head).eval()
    examples = tuple(3 * torch.randn(1, GRID * GRID + 1, WIDTH) for _ in LAYERS)
    model = halved(to_onnx(head, examples, SCORES))
    difference = difference_of(head, model, examples, SCORES)
    if difference > TOLERANCE:
        raise SystemExit(f"the exported head differs from torch's by {difference:.2g}")
    description = Description(NAME, SIDE, SizeRequirement(SIDE, SIDE))
    onnx.helper.set_model_props(model, {METADATA_KEY: description.to_json()})
    atomic.write(args.output, model.SerializeToString())
    print(f"{args.output}: {args.output.stat().st_size / 1e6:.2f} MB, differs by {difference:.2g}")


def load(path: Path) -> Head:
    """A trained head, of whatever width and depth."""
    weights = load_file(path)
    blocks = len({name.split(".")[1] for name in weights if name.startswith("blocks.")})
    _, places, width = weights["positions"].shape
    head = Head(width, blocks, pool=round(GRID / (places - 1) ** 0.5))
    head.load_state_dict(weights)
    return head


def to_onnx(head: nn.Module, examples: tuple[torch.Tensor, ...], output: str) -> onnx.ModelProto:
    """A network of the recognizer's layers, with this name of its output."""
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder, "head.onnx")
        torch.onnx.export(
            head, examples, path, opset_version=OPSET, input_names=list(LAYERS),
            output_names=[output], external_data=False, verbose=False,
        )  # fmt: skip
        return onnx.load(path)


@torch.inference_mode()
def difference_of(
    head: nn.Module, model: onnx.ModelProto, examples: tuple[torch.Tensor, ...], output: str
) -> float:
    """Largest difference between what both give."""
    session = onnxruntime.InferenceSession(model.SerializeToString())
    fed = dict(zip(LAYERS, (each.numpy() for each in examples), strict=True))
    (found,) = session.run([output], fed)
    return float(np.abs(found - head(*examples).numpy()).max())


if __name__ == "__main__":
    main()
