"""Write the file that is shipped.

    python -m tools.semantics.export head.safetensors --backbone vit_s_focus.onnx -o semantics.onnx
    python -m tools.semantics.export trained.safetensors -o semantics.onnx

The first form takes a head of `train`, the second one the backbone and head of `finetune`.
Matrices of the backbone are stored and multiplied with 8 bits (dynamic quantization), those of the
head are stored in half precision.
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
from onnx import compose
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.torch import load_file
from torch import Tensor, nn

from retint.color.size import SizeRequirement
from retint.colorizers.parts.network import METADATA_KEY, Description
from retint.colorizers.parts.semantics import GREY, LAYERS, NAME, OUTPUTS, SIDE
from retint.files import atomic
from retint.training.onnx_file import OPSET, halved
from tools.semantics import vit
from tools.semantics.backbone import WIDTH
from tools.semantics.head import Colors, Head
from tools.semantics.vit import CELLS, ViT

TOLERANCE = 0.05
"""Largest difference in a*b* that storing the head in half precision may make."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trained", type=Path)
    parser.add_argument("--backbone", type=Path, help="the known ONNX file, for a head alone")
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    backbone, head = load(args.trained, args.backbone)
    grey = torch.rand(1, 1, SIDE, SIDE)
    layers = tuple(torch.randn(1, CELLS + 1, WIDTH) for _ in LAYERS)
    first = _eight_bits(_to_onnx(backbone, (grey,), [GREY], LAYERS))
    second = halved(_to_onnx(head, layers, LAYERS, OUTPUTS))
    difference = _difference(head, second, layers)
    if difference > TOLERANCE:
        raise SystemExit(f"the exported head differs from torch's by {difference:.2g}")
    whole = _joined(first, second)
    description = Description(NAME, SIDE, SizeRequirement(SIDE, SIDE))
    onnx.helper.set_model_props(whole, {METADATA_KEY: description.to_json()})
    atomic.write(args.output, whole.SerializeToString())
    print(f"{args.output}: {args.output.stat().st_size / 1e6:.1f} MB")


def load(path: Path, known: Path | None) -> tuple[ViT, Colors]:
    """What `finetune` has written, or a head of `train` and the known backbone."""
    weights = {name: each.float() for name, each in load_file(path).items()}
    head = Head()
    if known:
        head.load_state_dict(weights)
        return vit.load(known), Colors(head).eval()
    backbone = ViT()
    for part, name in ((backbone, "backbone."), (head, "head.")):
        own = {key.removeprefix(name): w for key, w in weights.items() if key.startswith(name)}
        part.load_state_dict(own)
    return backbone.eval(), Colors(head).eval()


def _to_onnx(
    part: nn.Module, examples: tuple[Tensor, ...], inputs: list[str], outputs: list[str]
) -> onnx.ModelProto:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder, "part.onnx")
        torch.onnx.export(
            part, examples, path, opset_version=OPSET, input_names=inputs, output_names=outputs,
            external_data=False, verbose=False,
        )  # fmt: skip
        return onnx.load(path)


def _eight_bits(model: onnx.ModelProto) -> onnx.ModelProto:
    with tempfile.TemporaryDirectory() as folder:
        whole, small = Path(folder, "whole"), Path(folder, "small")
        onnx.save(model, whole)
        # Of 7 bits: on processors without VNNI sums of products of 8 bits overflow.
        quantize_dynamic(
            whole, small, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True,
            op_types_to_quantize=["MatMul"],
        )  # fmt: skip
        return onnx.load(small)


@torch.inference_mode()
def _difference(head: Colors, exported: onnx.ModelProto, layers: tuple[Tensor, ...]) -> float:
    session = onnxruntime.InferenceSession(exported.SerializeToString())
    fed = dict(zip(LAYERS, (each.numpy() for each in layers), strict=True))
    found = session.run(OUTPUTS, fed)
    return max(
        float(np.abs(mine - wanted.numpy()).max())
        for mine, wanted in zip(found, head(*layers), strict=True)
    )


def _joined(first: onnx.ModelProto, second: onnx.ModelProto) -> onnx.ModelProto:
    first = onnx.version_converter.convert_version(first, OPSET)
    first.ir_version = second.ir_version
    # Its own names are kept apart, all but those that the two share and those of the file.
    second = compose.add_prefix(second, "head.", rename_inputs=False, rename_outputs=False)
    between = [(name, name) for name in LAYERS]
    return compose.merge_models(first, second, io_map=between, outputs=[*LAYERS, *OUTPUTS])


if __name__ == "__main__":
    main()
