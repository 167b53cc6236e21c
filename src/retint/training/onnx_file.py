"""Exports a PyTorch network to an ONNX file.

Weights are stored in half precision, each followed by a cast to float32 that ONNX Runtime folds
when it loads the file: half the size, with the speed and arithmetic of float32. If the error would
exceed the tolerance (batch normalisation can amplify rounding), they stay float32.
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import compose, numpy_helper
from torch import Tensor, nn

from retint.errors import RetintError
from retint.files import atomic

OPSET = 20
_SMALL = 1024  # smaller tensors, such as biases and statistics of normalisation, stay float32


@dataclass(frozen=True)
class Part:
    """A network, or a part of one that runs separately."""

    module: nn.Module
    """In evaluation mode, with inputs [N, C, H, W] and one or several outputs."""
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    examples: Sequence[tuple[Tensor, ...]]
    """Example inputs of several heights and widths, as PyTorch tensors."""
    fed: Mapping[str, str] = field(default_factory=dict)
    """Inputs that are outputs of earlier parts."""
    compared: tuple[str, ...] | None = None
    """Outputs that must agree with PyTorch; None for all."""


class ExportError(RetintError):
    """A network that cannot be exported; the message is one line."""


def write_onnx(
    parts: Sequence[Part], target: Path, *, tolerance: float, metadata: dict[str, str]
) -> float:
    """Write a network with dynamic batch, height and width, and compare it with PyTorch.

    Parameters
    ----------
    parts
        The contents of the file, side by side; their names must be unique.
    target
        File to write; it appears only if it agrees with PyTorch.
    tolerance
        Largest allowed difference, in units of the network's output.
    metadata
        Texts to store in the file.

    Returns
    -------
    The largest difference found.

    Raises
    ------
    ExportError
        If it is larger than `tolerance`.
    """
    models = [_to_onnx(part) for part in parts]
    halves = [halved(model) for model in models]
    for each in (halves, models):
        difference = _difference(parts, each)
        if difference <= tolerance:
            break
    else:
        raise ExportError(f"the exported network differs from PyTorch by {difference:.2g}")
    whole = _side_by_side(each)
    onnx.helper.set_model_props(whole, metadata)
    atomic.write(target, whole.SerializeToString())
    return difference


def picture_part(network: nn.Module, shapes: Iterable[tuple[int, int, int]]) -> Part:
    """A network with one input, compared on random pictures in [0, 1] of shapes (C, H, W)."""
    random = torch.Generator().manual_seed(0)
    examples = [(torch.rand(1, *shape, generator=random),) for shape in shapes]
    return Part(network, ("picture",), ("answer",), examples)


def _to_onnx(part: Part) -> onnx.ModelProto:
    # For a single picture, the exporter would make the batch size constant.
    example = tuple(tensor.repeat(2, 1, 1, 1) for tensor in part.examples[0])
    dynamic = torch.export.Dim.DYNAMIC
    # The exporter logs deprecations of itself and of torchvision.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / "network.onnx"
        torch.onnx.export(
            part.module,
            example,
            path,
            opset_version=OPSET,
            input_names=part.inputs,
            output_names=part.outputs,
            dynamic_shapes=tuple({0: dynamic, 2: dynamic, 3: dynamic} for _ in example),
            external_data=False,
            verbose=False,
        )
        return onnx.load(path)


def _side_by_side(models: Sequence[onnx.ModelProto]) -> onnx.ModelProto:
    """Several graphs in one file, with separate internal names."""
    whole = models[0]
    for k, model in enumerate(models[1:], 1):
        inner = compose.add_prefix(model, f"part{k}.", rename_inputs=False, rename_outputs=False)
        whole = compose.merge_models(whole, inner, io_map=[])
    return whole


def halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy with every large weight in half precision."""
    half = onnx.ModelProto()
    half.CopyFrom(model)
    _halve(half)
    return half


def _halve(model: onnx.ModelProto) -> None:
    """Store every large weight in half precision, followed by a cast."""
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        # Vectors are excluded, too: a variance may exceed the range of half precision.
        if values.dtype != np.float32 or values.size < _SMALL or values.ndim < 2:
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
def _difference(parts: Sequence[Part], models: Sequence[onnx.ModelProto]) -> float:
    """Largest difference between the outputs of PyTorch and ONNX Runtime, end to end."""
    sessions = [
        onnxruntime.InferenceSession(m.SerializeToString(), providers=["CPUExecutionProvider"])
        for m in models
    ]
    largest = 0.0
    for examples in zip(*(part.examples for part in parts), strict=True):
        known: dict[str, Any] = {}
        for part, session, example in zip(parts, sessions, examples, strict=True):
            fed = {
                name: known[part.fed[name]] if name in part.fed else tensor.numpy()
                for name, tensor in zip(part.inputs, example, strict=True)
            }
            known |= zip(part.outputs, session.run(list(part.outputs), fed), strict=True)
            wanted = part.module(*example)
            expected = (wanted,) if isinstance(wanted, Tensor) else wanted
            for name, tensor in zip(part.outputs, expected, strict=True):
                if part.compared is None or name in part.compared:
                    error = np.abs(known[name] - tensor.numpy()).max()
                    largest = max(largest, float(error))
    return largest
