"""A torch network to an ONNX file that runs without torch.

Weights are stored in half precision, each followed by a cast to float32 that ONNX Runtime folds
away when it loads the file: half the bytes, the speed and the arithmetic of float32. Where that
costs more than the tolerance (batch normalisation can amplify rounding), they stay float32.
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
_SMALL = 1024  # smaller tensors, biases and statistics of normalisation, stay float32


@dataclass(frozen=True)
class Part:
    """A network, or the piece of one that runs by itself."""

    module: nn.Module
    """In evaluation mode, tensors [N, C, H, W] in, one or several out."""
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    examples: Sequence[tuple[Tensor, ...]]
    """Inputs of several heights and widths, as torch has them."""
    fed: Mapping[str, str] = field(default_factory=dict)
    """Inputs that are outputs of parts before it."""
    compared: tuple[str, ...] | None = None
    """Outputs that must agree with torch's; None for all."""


class ExportError(RetintError):
    """A network that cannot be exported; the message is one line."""


def write_onnx(
    parts: Sequence[Part], target: Path, *, tolerance: float, metadata: dict[str, str]
) -> float:
    """Write a network with dynamic batch, height and width, checked against torch.

    Parameters
    ----------
    parts
        What goes into the one file, side by side; no two share a name.
    target
        File to write; it appears only when it agrees with torch.
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
    models = [_to_onnx(part) for part in parts]
    halves = [halved(model) for model in models]
    for each in (halves, models):
        difference = _difference(parts, each)
        if difference <= tolerance:
            break
    else:
        raise ExportError(f"the exported network differs from torch's by {difference:.2g}")
    whole = _side_by_side(each)
    onnx.helper.set_model_props(whole, metadata)
    atomic.write(target, whole.SerializeToString())
    return difference


def picture_part(network: nn.Module, shapes: Iterable[tuple[int, int, int]]) -> Part:
    """A network of one input, compared on random pictures in [0, 1] of shapes (C, H, W)."""
    random = torch.Generator().manual_seed(0)
    examples = [(torch.rand(1, *shape, generator=random),) for shape in shapes]
    return Part(network, ("picture",), ("answer",), examples)


def _to_onnx(part: Part) -> onnx.ModelProto:
    # Of one picture the exporter would make a constant.
    example = tuple(tensor.repeat(2, 1, 1, 1) for tensor in part.examples[0])
    dynamic = torch.export.Dim.DYNAMIC
    # The exporter talks of its own deprecations and of torchvision, which nobody asked for.
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
    """Several graphs in one file, their inner names kept apart."""
    whole = models[0]
    for k, model in enumerate(models[1:], 1):
        inner = compose.add_prefix(model, f"part{k}.", rename_inputs=False, rename_outputs=False)
        whole = compose.merge_models(whole, inner, io_map=[])
    return whole


def halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same with every large weight in half precision."""
    half = onnx.ModelProto()
    half.CopyFrom(model)
    _halve(half)
    return half


def _halve(model: onnx.ModelProto) -> None:
    """Store every large weight in half precision, behind a cast."""
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        # Vectors too: a variance may be larger than half precision can hold.
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
    """Largest difference between torch's answers and those of ONNX Runtime from end to end."""
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
