"""Checkpoints in an untrusted folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from retint.training import checkpoint, report
from retint.training.checkpoint import CheckpointError
from retint.training.onnx_file import picture_part, write_onnx
from retint.training.preparation import open_run


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / ".profile"
    path.write_text("# mine\n")
    return path


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


def test_a_run_writes_through_no_link(run: Path, mine: Path, tmp_path: Path) -> None:
    names = ("recipe.toml", "log.csv", "curve.png", "weights.safetensors", "weights.partial")
    for name in names:
        (run / name).symlink_to(mine if name != "recipe.toml" else tmp_path / "not-yet")
    recipe = tmp_path / "mine.toml"
    recipe.write_text("network = 'unet'\n")
    open_run(run, recipe, resume=False)
    log = report.Log(run / "log.csv", keep_epochs=0)
    log.add(pictures=1, train_loss=0.2, validation_loss=0.3)
    report.draw_curve(run / "log.csv", run / "curve.png")
    checkpoint.save_weights(torch.nn.Linear(2, 2), run / "weights.safetensors")
    assert mine.read_text() == "# mine\n"
    assert not (tmp_path / "not-yet").exists()
    assert load_file(run / "weights.safetensors").keys() == {"weight", "bias"}


def test_an_exported_file_is_written_through_no_link(tmp_path: Path, mine: Path) -> None:
    (tmp_path / ".a.onnx.partial").symlink_to(mine)
    part = picture_part(torch.nn.Conv2d(1, 1, 1), [(1, 8, 8)])
    write_onnx([part], tmp_path / "a.onnx", tolerance=1.0, metadata={})
    assert mine.read_text() == "# mine\n"
    assert (tmp_path / "a.onnx").stat().st_size > 100


def broken_header(path: Path) -> None:
    path.write_bytes((1 << 62).to_bytes(8, "little") + b"{}")


def deep_header(path: Path) -> None:
    text = b"[" * 100_000
    path.write_bytes(len(text).to_bytes(8, "little") + text)


def other_tensors(path: Path) -> None:
    save_file({"x": torch.zeros(1)}, path)


def nothing(path: Path) -> None:
    path.unlink()


STATES = {
    "deep": "[" * 100_000, "text": "Dear Sir", "list": "[]", "bytes": "\udcff",
    "half": '{"groups": {}}', "random": '{"groups": {"o": []}, "random": "zz", "run": 1}',
}  # fmt: skip


@pytest.fixture
def saved(run: Path) -> tuple[Path, torch.nn.Module, torch.optim.Optimizer]:
    module = torch.nn.Linear(2, 2)
    optimizer = torch.optim.Adam(module.parameters())
    checkpoint.save(run, 1, {"network": module}, {"optimizer": optimizer}, {})
    return checkpoint.find(run)[0], module, optimizer


@pytest.mark.parametrize("state", STATES)
def test_a_broken_state_is_one_line(saved: tuple[Path, object, object], state: str) -> None:
    folder, module, optimizer = saved
    (folder / "state.json").write_text(STATES[state], errors="surrogateescape")
    with pytest.raises(CheckpointError, match="checkpoint-0000000001") as found:
        checkpoint.restore(folder, {"network": module}, {"optimizer": optimizer})  # type: ignore[dict-item]
    assert "\n" not in str(found.value)


@pytest.mark.parametrize("spoil", [broken_header, deep_header, other_tensors, nothing])
@pytest.mark.parametrize("name", ["network", "optimizer"])
def test_broken_tensors_are_one_line(
    saved: tuple[Path, object, object], spoil: object, name: str
) -> None:
    folder, module, optimizer = saved
    spoil(folder / f"{name}.safetensors")  # type: ignore[operator]
    with pytest.raises(CheckpointError) as found:
        checkpoint.restore(folder, {"network": module}, {"optimizer": optimizer})  # type: ignore[dict-item]
    assert "\n" not in str(found.value)


def test_a_checkpoint_comes_back(saved: tuple[Path, object, object]) -> None:
    folder, module, optimizer = saved
    state = json.loads((folder / "state.json").read_text())
    assert state["pictures"] == 1
    given = {"network": module}, {"optimizer": optimizer}
    assert checkpoint.restore(folder, *given) == {}  # type: ignore[arg-type]
