from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import retint
from retint.cli import main
from retint.extras import install

from ..conftest import colourfulness


def run(*args: object) -> int:
    """The exit status of the command line."""
    with pytest.raises(SystemExit) as caught:
        main([str(arg) for arg in args])
    assert isinstance(caught.value.code, int)
    return caught.value.code


def is_coloured(path: Path) -> bool:
    pixels = np.asarray(Image.open(path)).astype(int)
    return pixels.ndim == 3 and bool(np.ptp(pixels[..., :3], axis=-1).mean() > 1)


def test_a_photo_is_coloured_beside_its_source(
    photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = photo.read_bytes()
    assert run(photo) == 0
    target = photo.with_name("photo.retint.jpg")
    assert is_coloured(target)
    assert photo.read_bytes() == before
    assert capsys.readouterr() == (f"{target}\n", "")


def test_colorize_is_the_default_command(photo: Path) -> None:
    assert run(photo, "-o", photo.with_name("a.png")) == 0
    assert run("colorize", photo, "-o", photo.with_name("b.png")) == 0
    assert photo.with_name("a.png").read_bytes() == photo.with_name("b.png").read_bytes()


def test_options_may_come_first(photo: Path) -> None:
    assert run("--vividness", "0", "--quiet", photo) == 0
    assert not is_coloured(photo.with_name("photo.retint.jpg"))


def test_never_overwrites_without_force(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(photo, "--quiet") == 0
    assert run(photo, "--quiet") == 1
    assert "--force" in capsys.readouterr().err
    assert run(photo, "--quiet", "--force") == 0


def test_folder_to_new_folder(photo: Path, tmp_path: Path) -> None:
    photo.with_name("notes.txt").write_text("no picture")
    photo.with_name("second.png").write_bytes(photo.read_bytes())
    assert run(photo.parent, "-o", tmp_path / "new" / "folder") == 0
    names = sorted(p.name for p in (tmp_path / "new" / "folder").iterdir())
    assert [name for name in names if not name.startswith(".")] == [
        "photo.jpg", "retint-manifest.jsonl", "second.png",
    ]  # fmt: skip


def test_resume_serves_files_that_a_shell_has_listed(
    photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second, results = photo.with_name("second.jpg"), photo.parent / "out"
    second.write_bytes(photo.read_bytes())
    for said in ("2 colored", "2 already done"):
        assert run(photo, second, "-o", results, "--resume", "--method", "mean") == 0
        assert capsys.readouterr().err == f"retint: {said}\n"


def test_failures_come_last_and_do_not_stop_the_others(
    photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = photo.with_name("empty.jpg")
    empty.write_bytes(b"")
    assert run(photo.with_name("missing.jpg"), empty, photo, "-o", f"{photo.parent}/out/") == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == [str(photo.parent / "out" / "photo.jpg")]
    lines = err.splitlines()
    assert len(lines) == 3
    assert "missing.jpg: No such file" in lines[0]
    assert "empty.jpg: the file is empty" in lines[1]
    assert lines[2] == "retint: 1 colored, 2 failed"


def test_saturation_serves_every_method(photo: Path) -> None:
    for method in ("unet", "resnet-unet"):
        pictures = []
        for saturation in ("1", "1.2"):
            target = photo.with_name(f"{method}-{saturation}.png")
            options = ("--method", method, "--saturation", saturation, "--quiet")
            assert run(photo, "-o", target, *options) == 0
            pictures.append(np.asarray(Image.open(target)))
        once, more = map(colourfulness, pictures)
        assert 1.1 * once < more < 1.3 * once


def test_json_prints_one_line_per_photo(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--json", photo, photo.with_name("missing.jpg"), "-o", f"{photo.parent}/out/") == 1
    good, bad = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert good["output"] == str(photo.parent / "out" / "photo.jpg")
    assert (good["width"], good["height"], good["error"]) == (256, 128, None)
    assert good["method"] == "guided-unet"
    assert good["seconds"] > 0
    assert bad["output"] is None
    assert "No such file" in bad["error"]


class Stream:
    """A standard stream of bytes."""

    def __init__(self, content: bytes = b"") -> None:
        self.buffer = io.BytesIO(content)


def test_standard_input_is_coloured_to_standard_output(
    photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stdin, stdout = Stream(photo.read_bytes()), Stream()
    monkeypatch.setattr(sys, "stdin", stdin)
    monkeypatch.setattr(sys, "stdout", stdout)
    assert run("-") == 0
    picture = Image.open(stdout.buffer)
    assert picture.format == "JPEG"
    assert picture.size == (256, 128)


def test_warnings_of_pillow_are_not_printed(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("1", (240, 160)).save(buffer, "TIFF", compression="group4")
    source = tmp_path / "fax.tif"
    source.write_bytes(buffer.getvalue()[:-40])  # within the directory, which is at the end
    call = [sys.executable, "-m", "retint", str(source), "--method", "mean"]
    found = subprocess.run(call, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert f"retint: {source}: " in found.stderr
    assert "Warning" not in found.stderr


def test_a_film_is_refused_as_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    head = b"\0\0\0\x20ftypisom" + bytes(64)
    monkeypatch.setattr(sys, "stdin", Stream(head))
    assert run("-") == 1
    assert "must have the suffix of one" in capsys.readouterr().err


def test_standard_input_goes_to_a_file_and_a_file_to_standard_output(
    photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Stream(photo.read_bytes()))
    target = photo.with_name("piped.png")
    assert run("-", "-o", target, "--quiet") == 0
    assert is_coloured(target)
    monkeypatch.setattr(sys, "stdout", stdout := Stream())
    assert run(photo, "-o", "-") == 0
    assert stdout.buffer.getvalue().startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--method", "umet"], "unknown method 'umet'; did you mean unet?"),
        (
            ["--method", "zebra"],
            "unknown method 'zebra'; known: chroma-diffusion, controlnet, ddcolor,",
        ),
        (["--vivid", "1"], "--vividness"),
        (["--vividness", "3"], "3"),
        (["--saturation", "3.5"], "3.5"),
        (["--method", "resnet-unet", "--raw"], "with an RGB output; resnet-unet has none"),
        (["--prompt", "a barn"], "unknown option of guided-unet 'prompt'"),
        (["--variants", "2"], "guided-unet gives only one result"),
        (["--device", "tpu"], "unknown device 'tpu'; did you mean cpu?"),
        (["--device", "mps"], "mps runs controlnet only"),
        (["--device", "cuda"], "onnxruntime-gpu"),
        (["second.jpg", "-o", "-"], "folder"),
        (["--json", "-o", "-"], "--json"),
    ],
)
def test_wrong_calls_exit_with_2(
    photo: Path, args: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(photo.parent.iterdir())
    assert run(photo, *args) == 2
    assert message in capsys.readouterr().err
    assert sorted(photo.parent.iterdir()) == before


def test_no_photo_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("colorize") == 2
    assert "PHOTOS" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["missing", "text", "foreign"])
def test_unusable_weights_are_named(
    photo: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = photo.with_name("weights.onnx")
    if kind == "text":
        weights.write_text("not weights")
    if kind == "foreign":
        onnx = pytest.importorskip("onnx")
        shape = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
        node = onnx.helper.make_node("Identity", ["x"], ["y"])
        out = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])
        opset = [onnx.helper.make_opsetid("", 20)]
        graph = onnx.helper.make_graph([node], "g", [shape], [out])
        onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=9), weights)
    assert run(photo, "--weights", weights) == 1
    (line,) = capsys.readouterr().err.splitlines()
    expected = {"missing": "no weights at", "text": "not an ONNX file", "foreign": "retint export"}
    assert expected[kind] in line


def test_raw_differs_from_the_merged_picture(
    photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(photo, "-o", photo.with_name("merged.png"), "--method", "unet") == 0
    assert run(photo, "-o", photo.with_name("raw.png"), "--method", "unet", "--raw") == 0
    assert not capsys.readouterr().err
    merged, raw = (
        np.asarray(Image.open(photo.with_name(n))).astype(int) for n in ("merged.png", "raw.png")
    )
    assert merged.shape == raw.shape
    assert np.abs(merged - raw).mean() > 1


def test_pictures_over_max_pixels_are_refused(
    photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(photo, "--max-pixels", 1000) == 1
    assert "256 x 128" in capsys.readouterr().err


def test_methods_are_listed_as_text_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("methods") == 0
    assert "unet" in capsys.readouterr().out
    assert run("methods", "--json") == 0
    assert "unet" in json.loads(capsys.readouterr().out)


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out == f"retint {retint.__version__}\n"


def test_debug_shows_the_traceback(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(photo, "--method", "umet") == 2
    assert "Traceback" not in capsys.readouterr().err
    assert run(photo, "--method", "umet", "--debug") == 2
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("statement", ["import retint", "from retint import colorize, load"])
def test_the_import_is_fast(statement: str) -> None:
    heavy = "{'onnxruntime', 'cv2', 'torch', 'numpy'}"
    code = f"import sys; {statement}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_waits_for_nothing_that_colours() -> None:
    heavy = "{'onnxruntime', 'cv2', 'torch', 'numpy', 'PIL'}"
    code = f"import sys, retint.cli; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_colouring_needs_no_torch(photo: Path) -> None:
    code = (
        "import sys\nfor name in ('torch', 'accelerate', 'safetensors', 'onnx', 'matplotlib'):\n"
        "    sys.modules[name] = None\n"
        f"from retint.cli import main\nmain([{str(photo)!r}])"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert photo.with_name("photo.retint.jpg").exists()


def test_evaluation_needs_no_torch() -> None:
    pytest.importorskip("jinja2", reason="evaluation is an extra")
    code = "import sys; sys.modules['torch'] = None; import retint.evaluation.report"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize(
    "args", [["train", "recipe.toml", "--data", "."], ["export", ".", "-o", "x"]]
)
def test_missing_extra_is_named(args: list[str]) -> None:
    code = f"import sys; sys.modules['torch'] = None\nfrom retint.cli import main\nmain({args!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    said = r"retint: this requires \w+: " + re.escape(install("train"))
    assert re.fullmatch(said, done.stderr.strip())


def test_colour_of_a_real_photograph_is_plausible(
    coffee: NDArray[np.uint8], tmp_path: Path
) -> None:
    """Not grey, and nearer to the truth than a picture tinted at random would be."""
    from retint.color import lab

    Image.fromarray(coffee).convert("L").save(tmp_path / "grey.png")
    assert run(tmp_path / "grey.png", "-o", tmp_path / "colour.png", "--quiet") == 0
    truth = lab.rgb_to_lab(coffee)[..., 1:]
    guess: Any = lab.rgb_to_lab(np.asarray(Image.open(tmp_path / "colour.png")))[..., 1:]
    assert np.abs(guess - truth).mean() < np.abs(truth).mean()
    assert np.abs(-guess - truth).mean() > np.abs(guess - truth).mean()


@pytest.mark.skipif(os.name == "nt", reason="closes streams as shells of Unix do")
def test_closed_streams_are_no_fault(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    Image.new("L", (16, 16), 100).save(photo)
    ends = []
    for arguments in ("photo.png --method mean", "-"):
        command = f"'{sys.executable}' -m retint {arguments} <&- >&-"
        done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True)
        assert "Traceback" not in done.stderr
        assert "internal error" not in done.stderr
        ends.append(done.returncode)
    assert ends == [0, 1]
    assert (tmp_path / "photo.retint.png").exists()
