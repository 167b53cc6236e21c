"""LPIPS and FID with small networks of the right shape."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import skimage.data
from onnx import TensorProto, helper
from PIL import Image

from retint.errors import WeightsError
from retint.evaluation import judges as networks
from tests.cli.test_main import run


def save(path: Path, nodes: list[onnx.NodeProto], inputs: list[str]) -> Path:
    pictures = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, "h", "w"]) for name in inputs
    ]
    answer = helper.make_tensor_value_info("answer", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "metric", pictures, [answer])
    opsets = [helper.make_opsetid("", 20)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), path)
    return path


@pytest.fixture
def distance(tmp_path: Path) -> Path:
    """Mean absolute difference of two pictures, in LPIPS's place."""
    nodes = [
        helper.make_node("Sub", ["a", "b"], ["d"]),
        helper.make_node("Abs", ["d"], ["e"]),
        helper.make_node("ReduceMean", ["e"], ["answer"], keepdims=1),
    ]
    return save(tmp_path / "lpips.onnx", nodes, ["a", "b"])


@pytest.fixture
def means(tmp_path: Path) -> Path:
    """The mean of each channel, in Inception's place."""
    node = helper.make_node("GlobalAveragePool", ["a"], ["answer"])
    return save(tmp_path / "inception.onnx", [node], ["a"])


def test_lpips_gets_pictures_from_minus_1_to_1(distance: Path) -> None:
    black = np.zeros((8, 9, 3), np.uint8)
    assert networks.lpips(distance, black, black + 255) == pytest.approx(2)
    assert networks.lpips(distance, black, black) == 0


def test_inception_gets_squares_from_0_to_1(means: Path) -> None:
    red = np.zeros((20, 30, 3), np.uint8)
    red[..., 0] = 255
    np.testing.assert_allclose(networks.inception(means, red), [1, 0, 0], atol=1e-5)


def test_frechet_distance_equals_that_by_hand(rng: np.random.Generator) -> None:
    a = rng.normal(0, 1, (800, 3)).astype(np.float32)
    b = (rng.normal(0, 1, (800, 3)) * 2 + [1, 0, 0]).astype(np.float32)
    # |mean|^2 + sum (sigma_a - sigma_b)^2 = 1 + 3
    assert networks.frechet(a, b) == pytest.approx(4, rel=0.1)
    assert networks.frechet(a, a) == pytest.approx(0, abs=1e-4)
    few = a[:2]  # fewer pictures than features
    assert networks.frechet(few, few) == pytest.approx(0, abs=1e-4)


def test_missing_and_wrong_weights_are_refused(tmp_path: Path, means: Path) -> None:
    picture = np.zeros((8, 8, 3), np.uint8)
    with pytest.raises(WeightsError, match="no weights at"):
        networks.inception(tmp_path / "none.onnx", picture)
    (tmp_path / "text.onnx").write_text("text")
    with pytest.raises(WeightsError, match="not an ONNX file"):
        networks.inception(tmp_path / "text.onnx", picture)
    with pytest.raises(WeightsError, match="takes 1 pictures, not 2"):
        networks.lpips(means, picture, picture)


def test_evaluate_fills_the_columns(tmp_path: Path, distance: Path, means: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("coffee", "chelsea"):
        Image.fromarray(getattr(skimage.data, name)()[:64, :64]).save(folder / f"{name}.png")
    args = ["--data", folder, "--method", "gray", "--workers", 1, "--quiet", "-o", tmp_path / "r"]
    assert run("evaluate", *args, "--lpips", distance, "--inception", means) == 0
    gray = json.loads((tmp_path / "r" / "results.json").read_text())["methods"]["gray"]
    assert gray["lpips"]["mean"] > 0.05
    assert gray["fid"] > 0
