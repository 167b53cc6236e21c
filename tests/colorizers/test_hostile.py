"""Malicious ONNX files are refused with one line."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from retint.colorizers import load_colorizer
from retint.colorizers.parts.network import METADATA_KEY
from retint.errors import WeightsError

GOOD = {"network": "unet", "native": 64, "size": {"minimum": 16, "multiple_of": 16, "offset": 0}}


def network(said: str) -> bytes:
    """A file whose network does nothing, and what it says of itself."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, 16, 16]) for name in "ab"]
    graph = helper.make_graph([helper.make_node("Identity", ["a"], ["b"])], "g", ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {METADATA_KEY: said})
    content: bytes = model.SerializeToString()
    return content


HOSTILE = {
    "nothing": b"",
    "text": b"this is no network",
    "half": network(json.dumps(GOOD))[:60],
    "external": onnx.ModelProto(ir_version=8).SerializeToString(),
    "infinite": network(json.dumps(GOOD).replace("64", "Infinity")),
    "nested": network("[" * 100_000),
    "list": network("[1, 2]"),
    "null": network("null"),
    "negative": network(json.dumps(GOOD | {"size": {"minimum": -5, "multiple_of": 0}})),
    "other": network(json.dumps(GOOD | {"network": "resnet-unet"})),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_one_line(name: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile.onnx"
    path.write_bytes(HOSTILE[name])
    with pytest.raises(WeightsError) as found:
        load_colorizer("unet", weights=path, threads=1)
    assert "\n" not in str(found.value)
    assert "hostile.onnx" in str(found.value)
