from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from torch.optim.swa_utils import AveragedModel

import retint
from retint.colorizers import guided_unet
from retint.colorizers.guided_unet import GuidedUNet
from retint.colorizers.options import GuidedOptions, NetworkOptions
from retint.colorizers.parts.network import load_network
from retint.colorizers.parts.richness import Richness
from retint.colorizers.resnet_unet import ResNetUNet
from retint.colorizers.unet import UNet
from retint.errors import WeightsError
from retint.training import checkpoint, export
from retint.training.networks.base import Guesser
from retint.training.networks.registry import build_network
from retint.training.onnx_file import ExportError
from retint.training.recipe import read_recipe

from .conftest import write_recipe

PLANE = np.random.default_rng(0).uniform(0, 100, (64, 96)).astype(np.float32)
"""L* of a picture."""


def finished_run(folder: Path, option: int) -> tuple[Path, torch.nn.Module]:
    sizes = (16, 32) if option == 3 else (22, 38)
    run = folder / "run"
    run.mkdir()
    write_recipe(folder, option, sizes=sizes).replace(run / "recipe.toml")
    torch.manual_seed(option)
    network = build_network(read_recipe(run / "recipe.toml"))
    with torch.no_grad():  # a trained network is calmer than a random one
        network.get_parameter("up1.weight").mul_(0.1)
    network.eval()
    checkpoint.save_weights(network, run / "weights.safetensors")
    return run, network


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain U-Net that does best at 48 pixels, as ONNX."""
    folder = tmp_path_factory.mktemp("exported")
    run, _ = finished_run(folder, 3)
    export.export(run, folder / "network.onnx", native=48)
    return folder / "network.onnx"


@pytest.mark.parametrize("option", [1, 2, 3])
def test_exported_network_colours_pictures_of_any_size(
    tmp_path: Path, option: int, grey: NDArray[np.uint8]
) -> None:
    run, network = finished_run(tmp_path, option)
    target = tmp_path / "network.onnx"
    assert export.export(run, target) < 1e-3
    half = sum(p.numel() for p in network.parameters()) * 2
    assert half < target.stat().st_size < 1.05 * half + 50_000
    colorizer = UNet(NetworkOptions(weights=target, threads=1))
    assert colorizer.native == (32 if option == 3 else 38)
    side = network.size.padded(40)  # type: ignore[operator, union-attr]
    plane = np.random.default_rng(0).uniform(0, 100, (side, side + 16)).astype(np.float32)
    with torch.inference_mode():
        expected = network(torch.from_numpy(plane)[None, None] / 100)[0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(colorizer.look(plane).rgb(), expected, atol=1e-3)
    # Nobody needs to say which method the file is for.
    assert retint.load(weights=target).pipeline.colorizer.name == "unet"
    assert retint.colorize(grey[:37, :101], weights=target).shape == (37, 101, 3)


@pytest.mark.parametrize("averaged", [True, False])
def test_last_checkpoint_is_exported_on_demand(tmp_path: Path, averaged: bool) -> None:
    run, best = finished_run(tmp_path, 3)
    last = build_network(read_recipe(run / "recipe.toml"))
    modules: dict[str, torch.nn.Module] = {"network": best if averaged else last}
    if averaged:
        modules["average"] = AveragedModel(last)
    checkpoint.save(run, 24, modules, {}, {})
    choices = {True: last, False: best} if averaged else {True: last}
    for chosen, network in choices.items():
        target = tmp_path / f"{chosen}.onnx"
        export.export(run, target, last=chosen)
        assert load_network(target, 1).description.fingerprint == export.fingerprint(network)


def test_run_without_a_checkpoint_has_no_last_weights(tmp_path: Path) -> None:
    run, _ = finished_run(tmp_path, 3)
    with pytest.raises(ExportError, match="no checkpoint"):
        export.export(run, tmp_path / "network.onnx", last=True)


@pytest.mark.parametrize("head", ["regression", "classification"])
def test_exported_resnet_unet_answers_as_torch_does(tmp_path: Path, head: str) -> None:
    run = tmp_path / "run"
    run.mkdir()
    stage = "[[stages]]\nsize = 64\nepochs = 1\n"
    (run / "recipe.toml").write_text(f"network = 'resnet-unet'\noptions.head = '{head}'\n{stage}")
    torch.manual_seed(0)
    network = build_network(read_recipe(run / "recipe.toml")).eval()
    checkpoint.save_weights(network, run / "weights.safetensors")
    target = tmp_path / "network.onnx"
    assert export.export(run, target) < 1e-3
    assert target.stat().st_size < 25e6
    colorizer = ResNetUNet(NetworkOptions(weights=target, threads=1))
    assert colorizer.native == 64
    seen = torch.from_numpy(PLANE)[None, None] / 100
    with torch.inference_mode():
        expected = (network(seen) + network(seen.flip(-1)).flip(-1))[0].permute(1, 2, 0) * 50
    np.testing.assert_allclose(colorizer(PLANE), expected, atol=0.1)


def test_exported_guided_unet_answers_as_torch_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guided_unet, "RICHNESS", Richness(faint=1, strong=1, middle=1))
    run = tmp_path / "run"
    run.mkdir()
    (run / "recipe.toml").write_text(
        "network = 'guided-unet'\noptions.widths = [16, 16, 16, 16, 16]\n"
        "[losses]\nhuber = 1.0\n[[stages]]\nsize = 64\nepochs = 1\n"
    )
    torch.manual_seed(0)
    network = build_network(read_recipe(run / "recipe.toml")).eval()
    checkpoint.save_weights(network, run / "weights.safetensors")
    target = tmp_path / "network.onnx"
    assert export.export(run, target) < 1e-3
    colorizer = GuidedUNet(GuidedOptions(weights=target, threads=1))
    assert colorizer.native == 64  # as the file says: what is chosen is for the shipped one
    look = colorizer.look(PLANE)
    hints = np.zeros((64, 96, 3), np.float32)
    hints[8:12, 70:80] = (40, -30, 1)
    planes = torch.from_numpy(hints * np.array([0.01, 0.01, 1], np.float32)).permute(2, 0, 1)[None]
    seen = torch.from_numpy(PLANE)[None, None] / 100
    with torch.inference_mode():
        for known, given in ((torch.zeros_like(planes), None), (planes, hints)):
            one, other = network(seen, known), network(seen.flip(-1), known.flip(-1)).flip(-1)
            expected = ((one + other)[0] / 2).permute(1, 2, 0).numpy()
            np.testing.assert_allclose(look.certainty(given), expected[..., 4], atol=5e-3)
            np.testing.assert_allclose(look.told(given), 100 * expected[..., :2], atol=0.1)


def test_a_file_of_another_network_is_refused(exported: Path) -> None:
    with pytest.raises(WeightsError, match="contains a 'unet' network, not 'resnet-unet'"):
        ResNetUNet(NetworkOptions(weights=exported))


def test_large_weights_are_stored_in_half_precision(exported: Path) -> None:
    kinds = {t.data_type for t in onnx.load(exported).graph.initializer
             if np.prod(t.dims) >= 1000}  # fmt: skip
    assert kinds == {onnx.TensorProto.FLOAT16}


def test_weights_stay_whole_where_half_precision_costs_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = finished_run(tmp_path, 3)
    monkeypatch.setattr(Guesser, "tolerance", 3e-6)
    assert export.export(run, tmp_path / "network.onnx") <= 3e-6
    kinds = {t.data_type for t in onnx.load(tmp_path / "network.onnx").graph.initializer
             if np.prod(t.dims) >= 1000}  # fmt: skip
    assert kinds == {onnx.TensorProto.FLOAT}


def test_native_size_can_be_chosen(exported: Path) -> None:
    assert UNet(NetworkOptions(weights=exported)).native == 48


def test_a_network_that_differs_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = finished_run(tmp_path, 3)
    monkeypatch.setattr(Guesser, "tolerance", 0.0)
    with pytest.raises(ExportError, match="differs"):
        export.export(run, tmp_path / "network.onnx")
    assert not (tmp_path / "network.onnx").exists()


def test_a_run_without_weights_is_not_exported(tmp_path: Path) -> None:
    run, _ = finished_run(tmp_path, 3)
    (run / "weights.safetensors").write_bytes(b"not tensors")
    with pytest.raises(ExportError, match="no weights"):
        export.export(run, tmp_path / "network.onnx")
    (run / "weights.safetensors").unlink()
    with pytest.raises(ExportError, match="no weights"):
        export.export(run, tmp_path / "network.onnx")
