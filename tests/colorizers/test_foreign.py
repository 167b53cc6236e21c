"""Foreign networks: files with the layout of published exports work, others are refused by name."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

import retint
from retint.color import lab
from retint.colorizers import load_colorizer
from retint.colorizers.foreign import ADAPTERS, ForeignFile
from retint.errors import UsageError, WeightsError

from ..cli.test_main import run

EXAMPLE = Path(__file__).parents[2] / "examples" / "plugin"
RAMP = np.tile(np.linspace(20, 80, 48, dtype=np.float32), (32, 1))
RED = (60.0, 40.0)

Shape = list[int | str]


def save(
    path: Path,
    inputs: list[tuple[str, Shape]],
    output: Shape,
    weights: dict[str, NDArray[Any]],
    bias: tuple[float, ...],
    *,
    kind: int = TensorProto.FLOAT,
    domain: str = "",
) -> Path:
    """A network of one convolution (1 x 1) over each named input, summed, and a bias."""
    dtype = np.float16 if kind == TensorProto.FLOAT16 else np.float32
    nodes, parts, tensors = [], [], []
    for name, weight in weights.items():
        tensors.append(onnx.numpy_helper.from_array(weight.astype(dtype), f"w_{name}"))
        nodes.append(helper.make_node("Conv", [name, f"w_{name}"], [f"c_{name}"]))
        parts.append(f"c_{name}")
    constant = np.array(bias, dtype).reshape(1, -1, 1, 1)
    tensors.append(onnx.numpy_helper.from_array(constant, "bias"))
    total = parts[0]
    for k, each in enumerate([*parts[1:], "bias"]):
        nodes.append(helper.make_node("Add", [total, each], [f"s{k}"]))
        total = f"s{k}"
    nodes.append(helper.make_node("Identity", [total], ["out"], domain=domain))
    graph = helper.make_graph(
        nodes, "g",
        [helper.make_tensor_value_info(name, kind, shape) for name, shape in inputs],
        [helper.make_tensor_value_info("out", kind, output)], tensors,
    )  # fmt: skip
    opsets = [helper.make_opsetid("", 17)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), path)
    return path


def square(channels: int, side: int | str = 64) -> Shape:
    return [1, channels, side, side]


def zeros(out: int, channels: int) -> NDArray[Any]:
    return np.zeros((out, channels, 1, 1))


def ddcolor(path: Path, bias: tuple[float, ...] = RED, side: int | str = 64, **more: Any) -> Path:
    return save(
        path, [("input", square(3, side))], square(2, side), {"input": zeros(2, 3)}, bias, **more
    )


def test_ddcolor_gets_grey_from_0_to_1_and_gives_a_and_b(tmp_path: Path) -> None:
    weight = np.zeros((2, 3, 1, 1))
    weight[0] = 20  # a* is twenty times the sum of the channels
    path = save(tmp_path / "n.onnx", [("x", square(3))], square(2), {"x": weight}, (0, 40))
    chroma = load_colorizer("ddcolor", weights=path)(RAMP)
    assert chroma.shape == (32, 48, 2)
    grey = lab.lab_to_rgb(np.stack([RAMP, 0 * RAMP, 0 * RAMP], axis=-1))[..., 0]
    np.testing.assert_allclose(chroma[:, 4:-4, 0], 60 * grey[:, 4:-4], atol=0.6)
    np.testing.assert_allclose(chroma[..., 1], 40, atol=1e-3)


def test_deoldify_gets_grey_from_0_to_255_and_gives_rgb(tmp_path: Path) -> None:
    weight = np.eye(3).reshape(3, 3, 1, 1)
    path = save(tmp_path / "n.onnx", [("x", square(3))], square(3), {"x": weight}, (40, 0, -20))
    chroma = load_colorizer("deoldify", weights=path)(RAMP)
    grey = lab.lab_to_rgb(np.stack([RAMP, 0 * RAMP, 0 * RAMP], axis=-1)) * 255
    wanted = lab.rgb_to_lab(((grey + np.array([40, 0, -20])) / 255).clip(0, 1).astype(np.float32))[
        ..., 1:
    ]
    np.testing.assert_allclose(chroma[:, 4:-4], wanted[:, 4:-4], atol=1.0)
    assert (chroma[..., 0] > 5).all()  # red is red


def test_eccv16_gets_lightness(tmp_path: Path) -> None:
    weight = np.array([1.0, 0.5]).reshape(2, 1, 1, 1)
    path = save(tmp_path / "n.onnx", [("x", square(1, 256))], square(2, 256), {"x": weight}, (0, 0))
    chroma = load_colorizer("eccv16", weights=path)(RAMP)
    np.testing.assert_allclose(chroma[:, 4:-4, 0], RAMP[:, 4:-4], atol=0.7)
    np.testing.assert_allclose(chroma[..., 1] * 2, chroma[..., 0], atol=1e-3)


@pytest.mark.parametrize("names", [("l", "ab", "mask"), ("input_mask", "hints", "l")])
def test_siggraph17_takes_hints(tmp_path: Path, names: tuple[str, str, str]) -> None:
    light = next(each for each in names if each == "l")
    mask = next(each for each in names if "mask" in each)
    inputs = [(name, square(2 if k == 1 else 1)) for k, name in enumerate(names)]
    weights = {light: zeros(2, 1), names[1]: np.eye(2).reshape(2, 2, 1, 1),
               mask: np.array([3.0, 0.0]).reshape(2, 1, 1, 1)}  # fmt: skip
    path = save(tmp_path / "n.onnx", inputs, square(2), weights, (0, 0))
    method = load_colorizer("siggraph17", weights=path)
    hints = np.zeros((32, 48, 3), np.float32)
    hints[8:16, 12:24] = (50, -20, 1)
    look = method.look(RAMP)
    np.testing.assert_allclose(look.chroma(), 0, atol=1e-4)
    told = look.chroma(hints)
    np.testing.assert_allclose(told[11, 17], (53, -20), atol=0.5)
    assert abs(told[28, 40]).max() < 1e-3


def test_a_red_network_makes_a_red_picture(tmp_path: Path, grey: NDArray[np.uint8]) -> None:
    from PIL import Image

    path, photo = ddcolor(tmp_path / "n.onnx"), tmp_path / "p.png"
    Image.fromarray(grey).save(photo)
    assert run(photo, "--method", "ddcolor", "--weights", path, "--quiet") == 0
    pixels = np.asarray(Image.open(tmp_path / "p.retint.png")).astype(int)
    assert (pixels[..., 0] >= pixels[..., 2]).mean() > 0.99
    assert (pixels[..., 0] - pixels[..., 1]).mean() > 30
    assert run("inspect", tmp_path / "p.retint.png") == 0


def test_networks_of_half_precision_and_any_size_run(tmp_path: Path) -> None:
    path = ddcolor(tmp_path / "n.onnx", side="s", kind=TensorProto.FLOAT16)
    method = load_colorizer("ddcolor", weights=path, native=96)
    assert method.native == 96
    np.testing.assert_allclose(method(RAMP)[0, 0], RED, atol=0.1)
    assert load_colorizer("ddcolor", weights=path).native == 512
    fixed = ddcolor(tmp_path / "f.onnx")
    with pytest.raises(UsageError, match="64 pixels"):
        load_colorizer("ddcolor", weights=fixed, native=96)


@pytest.mark.parametrize("name", ["deoldify", "eccv16", "siggraph17"])
def test_another_networks_file_is_refused_by_name(tmp_path: Path, name: str) -> None:
    path = ddcolor(tmp_path / "n.onnx")
    with pytest.raises(WeightsError, match=f"not a {name} file: it takes input 1x3x64x64"):
        load_colorizer(name, weights=path)


def external(path: Path, place: str) -> Path:
    model = onnx.load(ddcolor(path))
    onnx.save(model, path, save_as_external_data=True, location="w.bin", size_threshold=0)
    for tensor in onnx.load(path, load_external_data=False).graph.initializer:
        assert tensor.external_data
    changed = onnx.load(path, load_external_data=False)
    for tensor in changed.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = place
    path.write_bytes(changed.SerializeToString())
    return path


BROKEN: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no file": (lambda path: path, "no weights at"),
    "text": (lambda path: (path.write_text("hello"), path)[1], "not an ONNX file"),
    "empty": (lambda path: (path.write_bytes(b""), path)[1], "not an ONNX file"),
    "custom operators": (lambda path: ddcolor(path, domain="evil.ops"), "evil.ops"),
    "weights elsewhere": (lambda path: external(path, "../../etc/passwd"), "outside its folder"),
    "weights missing": (lambda path: external(path, "gone.bin"), "beside it"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_unrunnable_files_are_reported(tmp_path: Path, what: str) -> None:
    make, said = BROKEN[what]
    with pytest.raises(WeightsError, match=said):
        load_colorizer("ddcolor", weights=make(tmp_path / "n.onnx"))


def test_weights_beside_the_file_are_read(tmp_path: Path) -> None:
    path = external(tmp_path / "n.onnx", "w.bin")
    np.testing.assert_allclose(load_colorizer("ddcolor", weights=path)(RAMP)[0, 0], RED, atol=1e-3)


def test_a_foreign_method_needs_its_file() -> None:
    with pytest.raises(UsageError, match="pass its ONNX file"):
        load_colorizer("ddcolor")
    with pytest.raises(UsageError, match="coreml"):
        retint.load("unet", device="coreml")


def test_selecting_a_device_reports_what_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], grey: NDArray[np.uint8]
) -> None:
    from PIL import Image

    photo = tmp_path / "photo.png"
    Image.fromarray(grey).save(photo)
    for more, said in (
        (["--device", "cpu"], True),
        ([], False),
        (["--device", "cpu", "--quiet"], False),
    ):
        assert run(photo, "--method", "unet", "--force", *more) == 0
        assert ("runs on CPUExecutionProvider" in capsys.readouterr().err) == said


def test_a_file_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = ddcolor(tmp_path / "n.onnx")
    assert run("methods", "--check", path) == 0
    said = capsys.readouterr().out
    assert "takes input 1x3x64x64" in said
    assert "matches --method ddcolor" in said
    assert "eccv16" not in said
    strange = save(tmp_path / "s.onnx", [("x", square(5))], square(1), {"x": zeros(1, 5)}, (0,))
    assert run("methods", "--check", strange) == 1
    assert "not siggraph17" in capsys.readouterr().out
    fitting = [each.name for each in ADAPTERS if each.fits(ForeignFile(path, 1, "cpu"))]
    assert fitting == ["ddcolor"]


def test_methods_are_compared_with_their_files(
    tmp_path: Path, grey: NDArray[np.uint8], coffee: NDArray[np.uint8]
) -> None:
    from PIL import Image

    path = ddcolor(tmp_path / "n.onnx")
    Image.fromarray(grey).save(tmp_path / "p.png")
    given = ("--method", "mean,ddcolor", "--method-weights", f"ddcolor={path}")
    assert run("compare", tmp_path / "p.png", "-o", tmp_path / "s.png", *given, "--quiet") == 0
    (tmp_path / "d").mkdir()
    Image.fromarray(coffee).save(tmp_path / "d" / "c.png")
    call = ("evaluate", "--data", tmp_path / "d", "-o", tmp_path / "e", *given, "--quiet")
    assert run(*call, "--size", 64, "--workers", 1) == 0
    content = json.loads((tmp_path / "e" / "results.json").read_text())
    assert "ddcolor" in content["methods"]
    assert (
        run("compare", tmp_path / "p.png", "-o", tmp_path / "t.png", "--method-weights", "x") != 0
    )


def test_the_server_offers_what_it_was_started_with(tmp_path: Path) -> None:
    pytest.importorskip("fastapi")
    from fastapi.testclient import TestClient

    from retint.server.api.app import create_app
    from retint.server.settings import Settings

    from ..server.conftest import encoded

    path = ddcolor(tmp_path / "n.onnx")
    app, _ = create_app(Settings(threads=1, method_weights=(("ddcolor", path),)))
    client = TestClient(app, base_url="http://localhost")
    names = [each["name"] for each in client.get("/v1/methods").json()]
    assert "ddcolor" in names
    assert "eccv16" not in names
    assert client.post("/v1/colorize?method=ddcolor", content=encoded()).status_code == 200
    assert client.post("/v1/colorize?method=eccv16", content=encoded()).status_code == 422


def test_the_plug_in_example_installs_and_appears(tmp_path: Path) -> None:
    target = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps",
               "--no-build-isolation", "--disable-pip-version-check", "--target"]  # fmt: skip
    source = tmp_path / "plugin"
    source.mkdir()
    for each in EXAMPLE.iterdir():
        if each.is_file():
            (source / each.name).write_bytes(each.read_bytes())
    subprocess.run([*command, str(target), str(source)], check=True)
    call = [sys.executable, "-c", "import sys; sys.path.insert(0, sys.argv.pop(1)); "
            "from retint.cli import main; main()", str(target)]  # fmt: skip
    listed = subprocess.run([*call, "methods"], check=True, capture_output=True, text=True).stdout
    assert "sepia" in listed
    from PIL import Image

    photo = tmp_path / "p.png"
    Image.fromarray(np.full((20, 30), 120, np.uint8)).save(photo)
    subprocess.run([*call, str(photo), "--method", "sepia", "--quiet"], check=True)
    red, _, blue = np.asarray(Image.open(tmp_path / "p.retint.png"))[5, 5].astype(int)
    assert red > blue + 10


def test_a_server_colours_with_the_files_that_it_was_started_with(
    tmp_path: Path, grey: NDArray[np.uint8]
) -> None:
    import io

    from fastapi.testclient import TestClient
    from PIL import Image

    from retint.server.api.app import create_app
    from retint.server.settings import Settings

    weights = ddcolor(tmp_path / "n.onnx")
    buffer = io.BytesIO()
    Image.fromarray(grey[:64, :64]).save(buffer, "PNG")

    def ask(*given: tuple[str, Path]) -> Any:
        app, _ = create_app(Settings(threads=1, method_weights=given))
        client = TestClient(app, base_url="http://localhost")
        return client.post("/v1/colorize", params={"method": "ddcolor"}, content=buffer.getvalue())

    answer = ask(("ddcolor", weights))
    assert answer.status_code == 200
    red = np.asarray(Image.open(io.BytesIO(answer.content)), float).mean(axis=(0, 1))
    assert red[0] > red[1] + 10
    assert ask().status_code == 422


def test_a_film_is_coloured_by_a_file_of_ones_own(tmp_path: Path) -> None:
    import av

    from tests.film.clips import moving, write

    clip = write(tmp_path / "clip.mp4", moving(9))
    target = tmp_path / "red.mkv"
    film = retint.open_film(clip, "ddcolor", weights=ddcolor(tmp_path / "n.onnx"), threads=1)
    film.colorize(target)
    with av.open(str(target), "r") as opened:
        for frame in opened.decode(video=0):
            red = frame.to_ndarray(format="rgb24").astype(float).mean(axis=(0, 1))
            assert red[0] > red[1] + 5
