"""Join backbone and head in the file that is shipped.

python -m tools.semantics.export vit_s_focus.onnx head.safetensors -o semantics.onnx
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
from safetensors.torch import load_file

from retint.color.size import SizeRequirement
from retint.colorizers.parts.network import METADATA_KEY, Description, load_own
from retint.colorizers.parts.semantics import NAME, SIDE
from retint.files import atomic
from retint.training.onnx_file import OPSET, halved
from tools.semantics.backbone import GREY, LAYERS, WIDTH, backbone
from tools.semantics.head import Both, Head
from tools.semantics.store import CELLS

TOLERANCE = 0.05
"""Largest difference in a*b* that storing the head in half precision may make."""
OUTPUTS = ["tokens", "predicted"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", type=Path)
    parser.add_argument("head", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    both = Both(load(args.head)).eval()
    examples = (
        *(torch.randn(1, CELLS + 1, WIDTH) for _ in LAYERS),
        50 + 25 * torch.randn(1, CELLS, 1), 15 * torch.randn(1, CELLS, 2),
    )  # fmt: skip
    head = halved(_to_onnx(both, examples))
    difference = _difference(both, head, examples)
    if difference > TOLERANCE:
        raise SystemExit(f"the exported head differs from torch's by {difference:.2g}")
    whole = _joined(backbone(args.network), head)
    beside = load_own("guided-unet", None, 1, "cpu").description.fingerprint
    description = Description(NAME, SIDE, SizeRequirement(SIDE, SIDE), beside=beside)
    onnx.helper.set_model_props(whole, {METADATA_KEY: description.to_json()})
    atomic.write(args.output, whole.SerializeToString())
    print(f"{args.output}: {args.output.stat().st_size / 1e6:.1f} MB, {GREY} to {OUTPUTS}")


def load(path: Path) -> Head:
    """A trained head, of whatever width and depth."""
    weights = load_file(path)
    blocks = len({name.split(".")[1] for name in weights if name.startswith("blocks.")})
    head = Head(weights["place"].shape[1], blocks)
    head.load_state_dict(weights)
    return head


def _to_onnx(both: Both, examples: tuple[torch.Tensor, ...]) -> onnx.ModelProto:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder, "head.onnx")
        torch.onnx.export(
            both, examples, path, opset_version=OPSET, output_names=OUTPUTS,
            input_names=[*LAYERS.values(), "light", "chroma"], external_data=False, verbose=False,
        )  # fmt: skip
        return onnx.load(path)


def _difference(both: Both, head: onnx.ModelProto, examples: tuple[torch.Tensor, ...]) -> float:
    session = onnxruntime.InferenceSession(head.SerializeToString())
    names = [each.name for each in session.get_inputs()]
    fed = dict(zip(names, (each.numpy() for each in examples), strict=True))
    (found,) = session.run(OUTPUTS[1:], fed)
    with torch.inference_mode():
        _, wanted = both(*examples)
    return float(np.abs(found - wanted.numpy()).max())


def _joined(first: onnx.ModelProto, second: onnx.ModelProto) -> onnx.ModelProto:
    first = onnx.version_converter.convert_version(first, OPSET)
    first.ir_version = second.ir_version
    between = [(name, name) for name in LAYERS.values()]
    # Its own names are kept apart, all but those that the two share and those of the file.
    second = compose.add_prefix(second, "head.", rename_inputs=False, rename_outputs=False)
    return compose.merge_models(first, second, io_map=between)


if __name__ == "__main__":
    main()
