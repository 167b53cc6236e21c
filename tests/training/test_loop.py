from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

from retint.errors import WeightsError
from retint.training import checkpoint, loop, report
from retint.training.data.photographs import DataError
from retint.training.loop import Machine
from retint.training.losses.objective import Objective
from retint.training.networks.resnet import ResNet18
from retint.training.recipe import RecipeError

from .conftest import write_recipe

QUIET = Machine(device="cpu", threads=1, workers=0, quiet=True)


DRAW_CURVE = report.draw_curve


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The curve takes as long as a tiny run."""
    monkeypatch.setattr(report, "draw_curve", lambda *_: None)


class Killed(BaseException):
    """Stands for kill -9: nothing of ours may catch it."""


def weights(run: Path) -> dict[str, Tensor]:
    return load_file(run / "weights.safetensors")


def log(run: Path) -> list[dict[str, str]]:
    with (run / "log.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:  # the only columns that no two runs share
        del row["pictures_per_second"], row["seconds"]
    return rows


def kill_after(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    """Let the run die in the middle of its `steps`-th step."""
    really = Objective.forward
    calls = 0

    def dying(self: Objective, *batch: Tensor) -> Tensor:
        nonlocal calls
        calls += self.training
        if calls > steps:
            raise Killed
        return really(self, *batch)

    monkeypatch.setattr(Objective, "forward", dying)


@pytest.mark.parametrize("schedule", ["cosine", "plateau"])
@pytest.mark.parametrize("option", [2, 3])
def test_resumed_run_ends_like_an_unbroken_one(
    tmp_path: Path, data: Path, option: int, schedule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = (16, 32) if option == 3 else (22, 38)
    recipe = write_recipe(tmp_path, option, schedule, sizes=sizes)
    often = Machine("cpu", threads=1, workers=0, checkpoint_minutes=0, quiet=True)
    loop.train(recipe, data, tmp_path / "unbroken", resume=False, machine=often)
    for steps in (3, 2, 6):  # in the first epoch, in the second, after the sizes changed
        with monkeypatch.context() as patch:
            kill_after(patch, steps)
            with pytest.raises(Killed):
                loop.train(recipe, data, tmp_path / "killed", resume=True, machine=often)
    loop.train(recipe, data, tmp_path / "killed", resume=True, machine=often)
    one, other = weights(tmp_path / "unbroken"), weights(tmp_path / "killed")
    assert one.keys() == other.keys()
    for name in one:
        assert torch.equal(one[name], other[name]), name
    assert log(tmp_path / "unbroken") == log(tmp_path / "killed")


RESNET = """
network = "resnet-unet"
seed = 7
epoch_pictures = 8

[data]
held_out = 0.25

[optimizer]
batch = 4
encoder_rate = 0.1

[losses]
l1 = 1.0
critic = 0.01

[[stages]]
size = 32
epochs = 1
encoder_blocks = 0

[[stages]]
size = 64
epochs = 1
encoder_blocks = 1
"""


def test_critic_and_stages_survive_a_resume(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = tmp_path / "resnet.toml"
    recipe.write_text(RESNET)
    loop.train(recipe, data, tmp_path / "unbroken", resume=False, machine=QUIET)
    with monkeypatch.context() as patch:
        kill_after(patch, 3)
        with pytest.raises(Killed):
            loop.train(recipe, data, tmp_path / "killed", resume=True, machine=QUIET)
    first = weights(tmp_path / "killed")
    loop.train(recipe, data, tmp_path / "killed", resume=True, machine=QUIET)
    last = weights(tmp_path / "killed")
    for name, tensor in weights(tmp_path / "unbroken").items():
        assert torch.equal(tensor, last[name]), name
    assert log(tmp_path / "unbroken") == log(tmp_path / "killed")
    changed = {name for name, tensor in first.items() if not torch.equal(tensor, last[name])}
    in_encoder = {name for name in changed if name.startswith("encoder.")}
    assert {name.split(".layers")[0] for name in in_encoder} == {"encoder.encoder.stages.3"}
    assert changed > in_encoder


def test_encoder_starts_from_the_weights_of_the_recipe(tmp_path: Path, data: Path) -> None:
    torch.manual_seed(3)
    encoder = ResNet18()
    checkpoint.save_weights(encoder, tmp_path / "encoder.safetensors")
    recipe = tmp_path / "resnet.toml"
    table = f'[encoder]\nweights = "{tmp_path / "encoder.safetensors"}"\n'
    recipe.write_text(RESNET.replace("encoder_blocks = 1", "encoder_blocks = 0") + table)
    loop.train(recipe, data, tmp_path / "run", resume=False, machine=QUIET)
    found = weights(tmp_path / "run")
    for name, tensor in encoder.state_dict().items():
        assert torch.equal(found[f"encoder.{name}"], tensor), name


def test_a_network_without_encoder_takes_no_encoder_weights(tmp_path: Path, data: Path) -> None:
    recipe = write_recipe(tmp_path)
    recipe.write_text(recipe.read_text() + '[encoder]\nweights = "x.safetensors"\n')
    with pytest.raises(RecipeError, match="unet has no encoder"):
        loop.train(recipe, data, tmp_path / "run", resume=False, machine=QUIET)


def test_killed_while_saving_keeps_the_last_whole_checkpoint(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = write_recipe(tmp_path)
    loop.train(recipe, data, tmp_path / "unbroken", resume=False, machine=QUIET)
    calls = 0

    def dying(*args: Any, **options: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 7:  # three files a checkpoint and one of weights an epoch: within the second
            raise Killed
        save_file(*args, **options)

    with monkeypatch.context() as patch:
        patch.setattr("retint.training.checkpoint.save_file", dying)
        with pytest.raises(Killed):
            loop.train(recipe, data, tmp_path / "killed", resume=False, machine=QUIET)
    assert len(checkpoint.find(tmp_path / "killed")) == 1
    loop.train(recipe, data, tmp_path / "killed", resume=True, machine=QUIET)
    for name, tensor in weights(tmp_path / "unbroken").items():
        assert torch.equal(tensor, weights(tmp_path / "killed")[name])


def test_a_run_shows_what_it_did(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "draw_curve", DRAW_CURVE)
    run = tmp_path / "run"
    path = loop.train(write_recipe(tmp_path), data, run, resume=False, machine=QUIET)
    assert path == run / "weights.safetensors"
    rows = log(run)
    assert [(row["epoch"], row["size"], row["pictures"]) for row in rows] == [
        ("1", "16", "16"),
        ("2", "16", "32"),
        ("3", "32", "48"),
    ]
    assert Image.open(run / "curve.png").size[0] > 100
    assert Image.open(run / "samples.png").size == (3 * 32, 6 * 32)
    assert len(checkpoint.find(run)) == 1
    assert not list(run.rglob("*.pkl")) + list(run.rglob("*.pt")) + list(run.rglob("*.partial"))


def test_training_lowers_the_loss(tmp_path: Path, data: Path) -> None:
    recipe = write_recipe(tmp_path, schedule="plateau", average=0.0, sizes=(16, 16))
    text = recipe.read_text().replace("epoch_pictures = 16", "epoch_pictures = 160")
    recipe.write_text(text)
    loop.train(recipe, data, tmp_path / "run", resume=False, machine=QUIET)
    losses = [float(row["validation_loss"]) for row in log(tmp_path / "run")]
    assert losses[-1] < losses[0] / 1.5


def test_loading_processes_do_not_change_the_result(tmp_path: Path, data: Path) -> None:
    recipe = write_recipe(tmp_path)
    loop.train(recipe, data, tmp_path / "none", resume=False, machine=QUIET)
    two = Machine("cpu", threads=1, workers=2, quiet=True)
    loop.train(recipe, data, tmp_path / "two", resume=False, machine=two)
    for name, tensor in weights(tmp_path / "none").items():
        assert torch.equal(tensor, weights(tmp_path / "two")[name])


def test_runs_are_not_mixed(tmp_path: Path, data: Path) -> None:
    recipe = write_recipe(tmp_path)
    run = tmp_path / "run"
    loop.train(recipe, data, run, resume=False, machine=QUIET)
    with pytest.raises(RecipeError, match="--resume"):
        loop.train(recipe, data, run, resume=False, machine=QUIET)
    recipe.write_text(recipe.read_text().replace("seed = 7", "seed = 8"))
    with pytest.raises(RecipeError, match="another recipe"):
        loop.train(recipe, data, run, resume=True, machine=QUIET)


@pytest.mark.parametrize(("able", "said"), [("AVX2", True), ("AVX512", False)])
def test_half_precision_that_is_emulated_is_said_to_be_slow(
    tmp_path: Path, data: Path, able: str, said: bool, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: able)
    recipe = write_recipe(tmp_path, 3)
    machine = Machine(device="cpu", threads=1, workers=0, half=True)
    loop.train(recipe, data, tmp_path / "run", resume=False, machine=machine)
    assert ("--half" in capsys.readouterr().err) is said


def test_too_few_pictures_are_refused(tmp_path: Path, data: Path) -> None:
    for file in sorted(data.iterdir())[3:]:
        file.unlink()
    with pytest.raises(DataError, match="not enough pictures"):
        loop.train(write_recipe(tmp_path), data, tmp_path / "run", resume=False, machine=QUIET)
    assert not (tmp_path / "run").exists()


def test_a_run_may_start_from_another_ones_weights(tmp_path: Path, data: Path) -> None:
    recipe = write_recipe(tmp_path, average=0)
    loop.train(recipe, data, tmp_path / "first", resume=False, machine=QUIET)
    start = tmp_path / "first" / "weights.safetensors"
    still = recipe.read_text().replace("[optimizer]", "[optimizer]\nlearning_rate = 0.0")
    recipe.write_text(f"start = '{start}'\n{still}")
    loop.train(recipe, data, tmp_path / "second", resume=False, machine=QUIET)
    before, after = weights(tmp_path / "first"), weights(tmp_path / "second")
    assert all(torch.equal(before[name], after[name]) for name in before)
    recipe.write_text(f"start = '{tmp_path / 'none'}'\n{still}")
    with pytest.raises(WeightsError, match="No such file"):
        loop.train(recipe, data, tmp_path / "third", resume=False, machine=QUIET)


def test_a_network_without_hints_cannot_learn_only_them(tmp_path: Path, data: Path) -> None:
    recipe = write_recipe(tmp_path)
    recipe.write_text(recipe.read_text().replace("[optimizer]", "[optimizer]\nonly_hints = true"))
    with pytest.raises(RecipeError, match="takes no hints"):
        loop.train(recipe, data, tmp_path / "run", resume=False, machine=QUIET)
    assert not (tmp_path / "run").exists()


def test_hints_and_degradations_reach_the_network(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[Tensor, ...]] = []
    really = Objective.forward

    def watching(self: Objective, *batch: Tensor) -> Tensor:
        if self.training:
            seen.append(batch)
        return really(self, *batch)

    monkeypatch.setattr(Objective, "forward", watching)
    recipe = write_recipe(tmp_path)
    plain = recipe.read_text()
    loop.train(recipe, data, tmp_path / "plain", resume=False, machine=QUIET)
    assert all(not hints.any() for _, _, hints in seen)
    clean, seen = [batch[0] for batch in seen], []
    recipe.write_text(f"{plain}\n[hints]\nnone = 0.0\n[degradations]\nshare = 1.0\n")
    loop.train(recipe, data, tmp_path / "hinted", resume=False, machine=QUIET)
    assert all(hints[:, 2].amax((1, 2)).min() == 1 for _, _, hints in seen)
    assert not any(torch.equal(*pair) for pair in zip(clean, (b[0] for b in seen), strict=True))
