"""A small recognizer without quantization, so that rounding does not change its answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from retint.color.size import SizeRequirement
from retint.colorizers.parts import semantics
from retint.colorizers.parts.network import METADATA_KEY, Description


def write_recognizer(path: Path) -> Path:
    """Write an ONNX file with the inputs and outputs of the shipped one."""
    random = np.random.default_rng(0)
    weights = {
        "looks": random.normal(0, 1, (768, 1, 14, 14)),
        "colors": random.normal(0, 2, (2, 1, 7, 7)),
        "nothing": np.zeros((1, 257, 384)),
        "flat": np.array([1, 768, 256]),
    }
    nodes = [
        helper.make_node("Conv", [semantics.GREY, "looks"], ["seen"], strides=[14, 14]),
        helper.make_node("Reshape", ["seen", "flat"], ["columns"]),
        helper.make_node("Transpose", ["columns"], ["rows"], perm=[0, 2, 1]),
        helper.make_node("LpNormalization", ["rows"], ["tokens"], axis=-1),
        helper.make_node("Conv", [semantics.GREY, "colors"], ["planes"], strides=[7, 7]),
        helper.make_node("Transpose", ["planes"], ["predicted"], perm=[0, 2, 3, 1]),
        *(helper.make_node("Identity", ["nothing"], [name]) for name in semantics.LAYERS),
    ]
    shapes = {"tokens": [1, 256, 768], "predicted": [1, 32, 32, 2]}
    shapes |= {name: [1, 257, 384] for name in semantics.LAYERS}
    side = semantics.SIDE
    grey = helper.make_tensor_value_info(semantics.GREY, TensorProto.FLOAT, [1, 1, side, side])
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in shapes.items()
    ]
    stored = [
        numpy_helper.from_array(each if each.dtype.kind == "i" else each.astype(np.float32), name)
        for name, each in weights.items()
    ]
    graph = helper.make_graph(nodes, "recognizer", [grey], outputs, stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    description = Description(semantics.NAME, side, SizeRequirement(side, side))
    helper.set_model_props(model, {METADATA_KEY: description.to_json()})
    path.write_bytes(model.SerializeToString())
    return path
