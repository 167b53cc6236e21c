"""The exported graph of a whole method answers as retint does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

import retint
from retint.colorizers import guided_unet
from retint.colorizers.parts import network
from retint.errors import RetintError, WeightsError
from retint.extras import install
from retint.weights import shipped
from retint.whole import export
from retint.whole.graph import IR, OPSET
from tests.cli.test_main import run
from tests.whole.recognizer import write_recognizer

Picture = NDArray[np.uint8]
SIZES = {
    "larger": (300, 400),
    "odd": (333, 301),
    "portrait": (320, 130),
    "panorama": (60, 500),
    "smaller": (37, 50),
    "tiny": (5, 7),
    "one row": (1, 90),
    "working size of unet": (64, 80),
    "working size of guided-unet": (192, 192),
}
"""Height and width; the working sizes have a short side of 64 and 192."""


def picture(coffee: Picture, size: tuple[int, int]) -> Picture:
    shrunk = cv2.resize(coffee, (500, 333), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(shrunk[: size[0], -size[1] :])


class File:
    """A file in ONNX Runtime, as a program without retint uses it."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, picture: Picture, vividness: float = 1.0) -> Picture:
        given = {"picture": picture[None], "vividness": np.array([vividness], np.float32)}
        (colored,) = self.session.run(None, given)
        found: Picture = colored[0]
        return found


def difference(one: Picture, other: Picture) -> NDArray[np.int16]:
    """Largest difference of each pixel, in levels."""
    assert one.shape == other.shape
    apart: NDArray[np.int16] = np.abs(one.astype(np.int16) - other).max(axis=-1)
    return apart


def colored(picture: Picture, method: str, **options: Any) -> Picture:
    found: Picture = retint.colorize(picture, method, threads=1, upright="off", **options)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("whole")


@pytest.fixture(scope="module")
def unet_file(folder: Path) -> File:
    export.export("unet", folder / "unet.onnx")
    return File(folder / "unet.onnx")


@pytest.fixture(scope="module")
def alone_file(folder: Path) -> File:
    """`guided-unet` without object recognition."""
    export.export("guided-unet", folder / "alone.onnx", semantics=False)
    return File(folder / "alone.onnx")


@pytest.fixture(scope="module")
def guided_file(folder: Path) -> File:
    export.export("guided-unet", folder / "guided-unet.onnx")
    return File(folder / "guided-unet.onnx")


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_unet_is_within_one_level(coffee: Picture, size: tuple[int, int], unet_file: File) -> None:
    seen = picture(coffee, size)
    expected = colored(seen, "unet")
    assert np.ptp(expected, axis=-1).max() > 3 or seen.size < 1000
    assert difference(unet_file(seen), expected).max() <= 1


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_guided_unet_is_within_one_level(
    coffee: Picture, size: tuple[int, int], alone_file: File
) -> None:
    seen = picture(coffee, size)
    expected = colored(seen, "guided-unet", semantics=False)
    assert difference(alone_file(seen), expected).max() <= 1


@pytest.mark.parametrize("name", ["larger", "panorama", "smaller"])
def test_evening_over_objects_is_within_one_level(
    coffee: Picture, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, recognizer = picture(coffee, SIZES[name]), write_recognizer(tmp_path / "semantics.onnx")
    for module in (network, guided_unet):
        monkeypatch.setattr(
            module, "shipped", lambda name: recognizer if name == "semantics" else shipped(name)
        )
    export.export("guided-unet", tmp_path / "whole.onnx")
    expected = colored(seen, "guided-unet")
    assert difference(expected, colored(seen, "guided-unet", semantics=False)).mean() > 2
    assert difference(File(tmp_path / "whole.onnx")(seen), expected).max() <= 1


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_the_default_differs_only_by_the_rounding_in_the_recognizer(
    coffee: Picture, size: tuple[int, int], guided_file: File
) -> None:
    """Its activations are quantized: the last bit of a pixel changes its answer, on some processors
    more than on others. The rest of the graph is held to one level above.
    """
    seen = picture(coffee, size)
    apart = difference(guided_file(seen), colored(seen, "guided-unet"))
    assert apart.max() <= export.TOLERANCE
    assert (apart <= 1).mean() >= 0.85


@pytest.mark.parametrize("level", [0, 120, 255])
def test_constant_pictures_are_within_tolerance(
    level: int, unet_file: File, guided_file: File
) -> None:
    flat = np.full((90, 100, 3), level, np.uint8)
    assert difference(unet_file(flat), colored(flat, "unet")).max() <= 1
    assert difference(guided_file(flat), colored(flat, "guided-unet")).max() <= export.TOLERANCE


def test_colors_outside_the_gamut_are_reduced_as_in_retint(
    coffee: Picture, unet_file: File
) -> None:
    seen = picture(coffee, (200, 200))
    seen[::2] //= 8  # chroma of bright rows does not fit dark ones
    expected = colored(seen, "unet", vividness=2)
    assert (expected.min(axis=-1) == 0).mean() > 0.01
    assert difference(unet_file(seen, 2), expected).max() <= 1


def test_vividness_is_an_input(grey: Picture, unet_file: File) -> None:
    seen = np.repeat(grey[::4, ::4, None], 3, axis=-1)
    assert np.ptp(unet_file(seen, 0), axis=-1).max() <= 1
    assert difference(unet_file(seen, 1.5), colored(seen, "unet", vividness=1.5)).max() <= 1


def test_the_file_needs_only_old_standard_operators(folder: Path, guided_file: File) -> None:
    assert guided_file.session.get_inputs()[0].shape == [1, "height", "width", 3]
    model = onnx.load(folder / "guided-unet.onnx")
    assert [(each.domain, each.version) for each in model.opset_import] == [("", OPSET)]
    assert model.ir_version == IR
    assert not model.functions
    assert {each.domain for each in model.graph.node} == {""}
    normalizations = [each for each in model.graph.node if each.op_type == "LayerNormalization"]
    assert {len(each.input) for each in normalizations} == {3}, "ONNX Runtime 1.15 aborts"


def test_the_file_contains_its_cards(guided_file: File) -> None:
    texts = guided_file.session.get_modelmeta().custom_metadata_map
    about = json.loads(texts["retint.whole"])
    assert about["method"] == "guided-unet"
    assert about["version"] == retint.__version__
    for name in ("guided-unet", "semantics"):
        assert texts[f"card.{name}"] == shipped(name).with_suffix(".md").read_text("utf-8")


def test_the_file_is_no_network_of_a_method(folder: Path, unet_file: File) -> None:
    assert unet_file.session.get_outputs()[0].name == "colored"
    with pytest.raises(WeightsError, match="whole method"):
        retint.load("unet", weights=folder / "unet.onnx")


def test_a_file_that_differs_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "TOLERANCE", -1)
    with pytest.raises(RetintError, match="differs"):
        export.export("unet", tmp_path / "unet.onnx")
    assert not list(tmp_path.iterdir())


def test_the_command_writes_a_file_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "retint.onnx"
    args = ["export", "--whole", "--method", "unet", "-o", target]
    assert run(*args) == 0
    assert "differs from retint by at most" in capsys.readouterr().out
    assert run(*args) == 2
    assert "already exists" in capsys.readouterr().err


def test_the_missing_library_is_named(tmp_path: Path) -> None:
    args = ["export", "--whole", "-o", str(tmp_path / "retint.onnx")]
    code = f"import sys; sys.modules['onnx'] = None\nfrom retint.cli import main\nmain({args!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.strip() == f"retint: this requires onnx: {install('train')}"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "either a RUN or --whole"),
        (["run", "--whole"], "either a RUN or --whole, and a whole method by --method"),
        (["--whole", "--last"], "--native and --last"),
        (["--whole", "--native", "64"], "--native and --last"),
        (["run", "--method", "unet"], "--method and --no-semantics"),
        (["run", "--no-semantics"], "--method and --no-semantics"),
        (["--whole", "--method", "gray"], "only unet and guided-unet"),
        (["--whole", "--method", "ddcolor"], "only unet and guided-unet"),
        (["--whole", "--method", "hybrid"], "only unet and guided-unet"),
        (["--whole", "--method", "unett"], "unet"),
        (["--whole", "--method", "unet", "--no-semantics"], "--no-semantics does not apply"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_wrong_uses_are_named(
    args: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "retint.onnx"
    assert run("export", *args, "-o", target) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1
    assert not target.exists()
