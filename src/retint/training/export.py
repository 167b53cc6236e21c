"""A trained run to an ONNX file that runs without torch.

Weights are stored in half precision, each followed by a cast to float32 that ONNX Runtime folds
away when it loads the file: half the bytes, the speed and the arithmetic of float32.
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from retint.colorizers.network import METADATA_KEY, Description
from retint.errors import RetintError
from retint.training.networks import build_network
from retint.training.recipe import read_recipe

TOLERANCE = 1e-3
"""Largest difference between the exported network and torch's, in units of the network's output."""
OPSET = 20
_SMALL = 256  # tensors of fewer values stay float32: nothing is saved on biases


class ExportError(RetintError):
    """A run that cannot be exported; the message is one line."""


def export(run: Path, target: Path, *, native: int | None = None) -> float:
    """Write the best weights of a run as ONNX with dynamic height and width.

    Parameters
    ----------
    run
        Folder of a training run.
    target
        File to write; it appears only when it agrees with torch.
    native
        Short side in pixels at which the network does best; the last training size by default.

    Returns
    -------
    The largest difference between the two networks' outputs on random pictures of three sizes.

    Raises
    ------
    ExportError
        If the run has no weights or the exported network differs by more than `TOLERANCE`.
    """
    recipe = read_recipe(run / "recipe.toml")
    network = build_network(recipe).eval()
    try:
        network.load_state_dict(load_file(run / "weights.safetensors"))
    except (OSError, RuntimeError, SafetensorError) as error:
        reason = str(error).splitlines()[0]
        raise ExportError(f"{run}: no weights that fit its recipe ({reason})") from None
    size = network.size
    description = Description(recipe.network, native or recipe.stages[-1].size, size)
    shapes = [
        (size.padded(40), size.padded(100)),
        (size.padded(70), size.padded(70)),
        (size.minimum, size.minimum),
    ]

    model = _to_onnx(network, shapes[0])
    _halve(model)
    onnx.helper.set_model_props(model, {METADATA_KEY: description.to_json()})
    content = model.SerializeToString()
    difference = max(_difference(network, content, shape) for shape in shapes)
    if not difference <= TOLERANCE:
        raise ExportError(f"the exported network differs from torch's by {difference:.2g}")
    partial = target.with_name(f".{target.name}.partial")
    partial.write_bytes(content)
    partial.replace(target)
    return difference


def _to_onnx(network: nn.Module, shape: tuple[int, int]) -> onnx.ModelProto:
    example = torch.rand(1, 1, *shape)
    dynamic = torch.export.Dim.DYNAMIC
    # The exporter talks of its own deprecations and of torchvision, which nobody asked for.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / "network.onnx"
        torch.onnx.export(
            network,
            (example,),
            path,
            opset_version=OPSET,
            input_names=["lightness"],
            output_names=["answer"],
            dynamic_shapes=({2: dynamic, 3: dynamic},),
            external_data=False,
            verbose=False,
        )
        return onnx.load(path)


def _halve(model: onnx.ModelProto) -> None:
    """Store every large weight in half precision, behind a cast."""
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _SMALL:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        to = onnx.TensorProto.FLOAT
        casts.append(onnx.helper.make_node("Cast", [tensor.name], [name], to=to))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    _forget_shapes(graph, {cast.output[0] for cast in casts})


def _forget_shapes(graph: onnx.GraphProto, names: set[str]) -> None:
    kept = [info for info in graph.value_info if info.name not in names]
    del graph.value_info[:]
    graph.value_info.extend(kept)


@torch.inference_mode()
def _difference(network: nn.Module, content: bytes, shape: tuple[int, int]) -> float:
    """Largest difference between torch and ONNX Runtime on a random picture."""
    picture = torch.rand(1, 1, *shape, generator=torch.Generator().manual_seed(0))
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    answer: Any = session.run(None, {session.get_inputs()[0].name: picture.numpy()})[0]
    return float(np.abs(answer - network(picture).numpy()).max())
