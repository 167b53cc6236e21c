"""Networks of retint's files as parts of a larger graph, in its older operators."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper, utils

NEWER = {
    "AveragePool": {"dilations"},
    "Cast": {"saturate"},
    "ReduceL2": {"noop_with_empty_axes"},
    "ReduceMax": {"noop_with_empty_axes"},
    "ReduceMean": {"noop_with_empty_axes"},
    "Resize": {"antialias", "axes", "keep_aspect_ratio_policy"},
    "Split": {"num_outputs"},
}
"""Attributes that are newer than `graph.OPSET`; in our files they change nothing."""
REDUCTIONS = {"ReduceL2", "ReduceMax", "ReduceMean"}
"""Operators whose axes were an attribute until then."""


def load_part(path: Path, inputs: Sequence[str], outputs: Sequence[str]) -> onnx.GraphProto:
    """The part of a network between some of its inputs and outputs, named after the file."""
    graph = utils.Extractor(onnx.load(path)).extract_model(list(inputs), list(outputs)).graph
    constants = {each.name: each for each in graph.initializer}
    nodes = [older for node in graph.node for older in _older(node, constants)]
    used = {name for node in nodes for name in node.input}
    return helper.make_graph(
        nodes, path.stem, graph.input, graph.output,
        [each for each in graph.initializer if each.name in used],
    )  # fmt: skip


def _older(
    node: onnx.NodeProto, constants: dict[str, onnx.TensorProto]
) -> Iterator[onnx.NodeProto]:
    """The same operation in operators of `graph.OPSET`."""
    if node.op_type == "Gelu":
        yield from _gelu(node)
        return
    kept = [each for each in node.attribute if each.name not in NEWER.get(node.op_type, ())]
    del node.attribute[:]
    node.attribute.extend(kept)
    if node.op_type in REDUCTIONS:
        axes = numpy_helper.to_array(constants[node.input.pop()]).tolist()
        node.attribute.append(helper.make_attribute("axes", axes))
    if node.op_type == "LayerNormalization" and len(node.input) == 2:
        # Without a bias, ONNX Runtime 1.15 aborts when it optimizes the graph.
        zeros = np.zeros_like(numpy_helper.to_array(constants[node.input[1]]))
        node.input.append(f"{node.output[0]}.bias")
        value = numpy_helper.from_array(zeros, "")
        yield helper.make_node("Constant", [], [node.input[2]], value=value)
    yield node


def _gelu(node: onnx.NodeProto) -> Iterator[onnx.NodeProto]:
    """x (1 + erf(x / sqrt 2)) / 2."""
    (x,), (y,) = node.input, node.output
    for name, number in (("root", math.sqrt(2)), ("one", 1.0), ("half", 0.5)):
        value = numpy_helper.from_array(np.array(number, np.float32), "")
        yield helper.make_node("Constant", [], [f"{y}.{name}"], value=value)
    yield helper.make_node("Div", [x, f"{y}.root"], [f"{y}.scaled"])
    yield helper.make_node("Erf", [f"{y}.scaled"], [f"{y}.erf"])
    yield helper.make_node("Add", [f"{y}.erf", f"{y}.one"], [f"{y}.share"])
    yield helper.make_node("Mul", [x, f"{y}.share"], [f"{y}.twice"])
    yield helper.make_node("Mul", [f"{y}.twice", f"{y}.half"], [y])
