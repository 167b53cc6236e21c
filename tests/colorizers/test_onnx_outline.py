"""Which operators and files an untrusted ONNX file may refer to, anywhere in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import AttributeProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

from retint.colorizers import load_colorizer
from retint.colorizers.parts.onnx_outline import Outline, weights
from retint.errors import WeightsError
from retint.weights import shipped

Place = Callable[[ModelProto, TensorProto], None]


def model(*nodes: NodeProto) -> ModelProto:
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "ab"]
    own = nodes or (helper.make_node("Identity", ["a"], ["b"]),)
    graph = helper.make_graph(list(own), "g", ends[:1], ends[1:])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def elsewhere(location: str) -> TensorProto:
    """A tensor whose values lie in another file."""
    tensor = numpy_helper.from_array(np.zeros(4, np.float32), "w")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", location
    return tensor


def in_graph(whole: ModelProto, tensor: TensorProto) -> None:
    whole.graph.initializer.append(tensor)


def in_sparse(whole: ModelProto, tensor: TensorProto) -> None:
    whole.graph.sparse_initializer.add().values.CopyFrom(tensor)


def in_constant(whole: ModelProto, tensor: TensorProto) -> None:
    whole.graph.node.append(helper.make_node("Constant", [], ["c"], value=tensor))


def in_list(whole: ModelProto, tensor: TensorProto) -> None:
    attribute = whole.graph.node.add(op_type="Constant", output=["c"]).attribute.add(name="v")
    attribute.type = AttributeProto.TENSORS
    attribute.tensors.append(tensor)


def in_branch(whole: ModelProto, tensor: TensorProto) -> None:
    inner = helper.make_graph([], "then", [], [], [tensor])
    for _ in range(3):
        inner = helper.make_graph(
            [helper.make_node("If", ["a"], ["x"], then_branch=inner, else_branch=inner)],
            "outer", [], [],
        )  # fmt: skip
    whole.graph.node.append(helper.make_node("Loop", ["a"], ["l"], body=inner))


def in_function(whole: ModelProto, tensor: TensorProto) -> None:
    node = helper.make_node("Constant", [], ["c"], value=tensor)
    whole.functions.append(
        helper.make_function("", "f", [], ["c"], [node], [helper.make_opsetid("", 17)])
    )


def in_training(whole: ModelProto, tensor: TensorProto) -> None:
    whole.training_info.add().algorithm.initializer.append(tensor)


PLACES: tuple[Place, ...] = (
    in_graph, in_sparse, in_constant, in_list, in_branch, in_function, in_training,
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "location", ["../../etc/passwd", "/etc/passwd", "*/_ORT_MEM_ADDR_/*", "link.bin", "", "a\0b"]
)
def test_weights_outside_the_folder_are_refused_wherever_they_are_named(
    tmp_path: Path, place: Place, location: str
) -> None:
    whole = model()
    place(whole, elsewhere(location))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "secret").write_bytes(bytes(16))
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "link.bin").symlink_to(tmp_path / "mine" / "secret")
    path = folder / "a.onnx"
    path.write_bytes(whole.SerializeToString())
    with pytest.raises(WeightsError, match=r"a\.onnx") as found:
        Outline.of(path).check(path)
    assert "\n" not in str(found.value)
    for method in ("unet", "eccv16"):
        with pytest.raises(WeightsError, match=r"stores weights outside|requires ''"):
            load_colorizer(method, weights=path, threads=1)


def test_weights_are_looked_for_where_onnx_runtime_does(tmp_path: Path) -> None:
    """Beside the file's name, not beside what that name is a link to."""
    whole = model()
    in_graph(whole, elsewhere("w.bin"))
    real, shown = tmp_path / "theirs" / "sub", tmp_path / "theirs"
    real.mkdir(parents=True)
    (real / "a.onnx").write_bytes(whole.SerializeToString())
    (real / "w.bin").write_bytes(bytes(16))
    (tmp_path / "secret").write_bytes(bytes(16))
    (shown / "a.onnx").symlink_to(real / "a.onnx")
    (shown / "w.bin").symlink_to(tmp_path / "secret")
    with pytest.raises(WeightsError, match="outside"):
        Outline.of(shown / "a.onnx").check(shown / "a.onnx")
    Outline.of(real / "a.onnx").check(real / "a.onnx")


@pytest.mark.parametrize("domain", ["ai.onnx.contrib", "com.example"])
def test_operators_of_others_are_refused_where_they_are_used(tmp_path: Path, domain: str) -> None:
    node = helper.make_node("PyOp", ["a"], ["b"], domain=domain)
    imported = model(node)
    imported.opset_import.append(helper.make_opsetid(domain, 1))
    path = tmp_path / "a.onnx"
    for whole in (model(node), imported):
        path.write_bytes(whole.SerializeToString())
        with pytest.raises(WeightsError, match=domain):
            Outline.of(path).check(path)
        with pytest.raises(WeightsError, match=domain):
            load_colorizer("unet", weights=path, threads=1)


def test_deeply_nested_graphs_are_refused(tmp_path: Path) -> None:
    inner = b""
    for _ in range(5000):  # a graph (attribute's field 6) in an attribute (5) in a node (1)
        for tag in (6, 5, 1):
            inner = bytes([tag << 3 | 2]) + length(inner) + inner
    opset = helper.make_opsetid("", 17).SerializeToString()
    path = tmp_path / "a.onnx"
    path.write_bytes(b"\x3a" + length(inner) + inner + b"\x42" + length(opset) + opset)
    with pytest.raises(WeightsError, match=r"a\.onnx") as found:
        Outline.of(path).check(path)
    assert "\n" not in str(found.value)


def length(content: bytes) -> bytes:
    """The length of a field as a varint."""
    left, found = len(content), []
    while left > 0x7F:
        found.append(left & 0x7F | 0x80)
        left >>= 7
    return bytes([*found, left])


def test_other_network_formats_are_refused(tmp_path: Path) -> None:
    """ONNX Runtime takes a file called .ort for its own format, which nothing here looks into."""
    path = tmp_path / "a.ort"
    path.write_bytes(model().SerializeToString())
    with pytest.raises(WeightsError, match="not made by 'retint export'"):
        load_colorizer("unet", weights=path, threads=1)


def test_an_honest_file_with_weights_beside_it_is_let_through(tmp_path: Path) -> None:
    whole = model()
    in_branch(whole, elsewhere("w.bin"))
    (tmp_path / "w.bin").write_bytes(bytes(16))
    path = tmp_path / "a.onnx"
    onnx.save(whole, path)
    Outline.of(path).check(path)


def test_single_weights_are_read_as_by_onnx() -> None:
    path = shipped("guided-unet")
    found = weights(path, ".classify.")
    tensors = {each.name: each for each in onnx.load(path).graph.initializer}
    assert len(found) == 2
    for name, values in found.items():
        np.testing.assert_array_equal(values, numpy_helper.to_array(tensors[name]))


def test_files_that_are_no_model_are_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.onnx"
    path.write_bytes(b"\xff" * 50)
    with pytest.raises(WeightsError, match="is not an ONNX file"):
        weights(path, "w")
