"""A torch network to an ONNX file that runs without torch.

Weights are stored in half precision, each followed by a cast to float32 that ONNX Runtime folds
away when it loads the file: half the bytes, the speed and the arithmetic of float32. Where that
costs more than the tolerance (batch normalisation can amplify rounding), they stay float32.
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from torch import nn

from retint.errors import RetintError

OPSET = 20
_SMALL = 256  # tensors of fewer values stay float32: nothing is saved on biases

Shape = tuple[int, int, int]
"""Channels, height and width."""


class ExportError(RetintError):
    """A network that cannot be exported; the message is one line."""


def write_onnx(
    network: nn.Module,
    target: Path,
    shapes: Iterable[Shape],
    *,
    tolerance: float,
    metadata: dict[str, str],
) -> float:
    """Write a network with dynamic batch, height and width, checked against torch.

    Parameters
    ----------
    network
        In evaluation mode, [N, C, H, W] in.
    target
        File to write; it appears only when it agrees with torch.
    shapes
        Sizes of the random pictures in [0, 1] that the two are compared on.
    tolerance
        Largest difference that is let through, in units of the network's output.
    metadata
        Texts to put into the file.

    Returns
    -------
    The largest difference found.

    Raises
    ------
    ExportError
        If it is larger than `tolerance`.
    """
    shapes = list(shapes)
    whole = _to_onnx(network, shapes[0])
    onnx.helper.set_model_props(whole, metadata)
    half = onnx.ModelProto()
    half.CopyFrom(whole)
    _halve(half)
    for model in (half, whole):
        content = model.SerializeToString()
        difference = max(_difference(network, content, shape) for shape in shapes)
        if difference <= tolerance:
            break
    else:
        raise ExportError(f"the exported network differs from torch's by {difference:.2g}")
    partial = target.with_name(f".{target.name}.partial")
    partial.write_bytes(content)
    partial.replace(target)
    return difference


def _to_onnx(network: nn.Module, shape: Shape) -> onnx.ModelProto:
    example = torch.rand(2, *shape)  # of one picture the exporter would make a constant
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
            input_names=["picture"],
            output_names=["answer"],
            dynamic_shapes=({0: dynamic, 2: dynamic, 3: dynamic},),
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
def _difference(network: nn.Module, content: bytes, shape: Shape) -> float:
    """Largest difference between torch and ONNX Runtime on a random picture."""
    picture = torch.rand(1, *shape, generator=torch.Generator().manual_seed(0))
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    answer: Any = session.run(None, {session.get_inputs()[0].name: picture.numpy()})[0]
    return float(np.abs(answer - network(picture).numpy()).max())
