from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from retint.colorizers.chroma_diffusion import CELL
from retint.training import checkpoint, loop
from retint.training.guess import Batch
from retint.training.loop import Machine
from retint.training.losses.pixelwise import Denoising
from retint.training.networks.chroma_diffusion import ChromaDiffusion, ChromaDiffusionConfig
from retint.training.networks.guided_unet import GuidedUNet, GuidedUNetConfig
from retint.training.networks.registry import build_network
from retint.training.recipe import read_recipe

SMALL = ChromaDiffusionConfig(widths=(32, 32, 32), noises=3)


@pytest.fixture(scope="module")
def network() -> ChromaDiffusion:
    torch.manual_seed(0)
    return ChromaDiffusion(SMALL).eval()


@pytest.fixture
def truth() -> Batch:
    random = torch.Generator().manual_seed(0)
    return Batch(
        torch.rand(2, 1, 64, 96, generator=random), torch.rand(2, 3, 64, 96, generator=random)
    )


NO_HINTS = torch.zeros(2, 3, 64, 96)


def test_each_picture_is_seen_under_several_noises(network: ChromaDiffusion, truth: Batch) -> None:
    guess = network.attempt(truth, NO_HINTS)
    assert guess.velocities is not None
    found, wanted = guess.velocities
    assert found.shape == wanted.shape == (2 * 3, 2, 64 // CELL, 96 // CELL)
    error = Denoising()(guess, truth)
    assert torch.allclose(error, ((found - wanted) ** 2).mean())


def test_a_judged_network_gets_the_same_noise_each_time(
    network: ChromaDiffusion, truth: Batch
) -> None:
    one, other = (network.attempt(truth, NO_HINTS).velocities for _ in range(2))
    assert one is not None
    assert other is not None
    assert torch.equal(one[0], other[0])


def test_at_the_last_step_only_noise_is_left(network: ChromaDiffusion) -> None:
    noise, signal = torch.randn(1, 2, 8, 8), torch.rand(1, 2, 8, 8)
    last = torch.tensor([999])
    assert torch.allclose(network.noise.add_noise(signal, noise, last), noise, atol=1e-6)
    assert torch.allclose(network.noise.get_velocity(signal, noise, last), -signal, atol=1e-6)


def test_the_guide_is_never_trained(network: ChromaDiffusion, truth: Batch) -> None:
    network.train()
    try:
        network.guide.train_last(-1)
        assert not network.guide.network.training
        Denoising()(network.attempt(truth, NO_HINTS), truth).backward()
        trained = {n.split(".")[0] for n, p in network.named_parameters() if p.grad is not None}
        assert trained == {"condition", "denoise"}
    finally:
        network.eval()


def test_hints_change_a_sample(network: ChromaDiffusion, truth: Batch) -> None:
    hints = NO_HINTS.clone()
    hints[:, :, 20:30, 30:50] = torch.tensor([0.5, 0.3, 1.0])[:, None, None]
    told, free = (network.guess(truth.lightness, each).chroma for each in (hints, None))
    assert told is not None
    assert free is not None
    assert told.shape == (2, 2, 64, 96)
    assert (told - free).abs().max() > 1e-4


RECIPE = """
network = "chroma-diffusion"
options = {{ widths = [32, 32, 32], noises = 1 }}
epoch_pictures = 8

[data]
held_out = 0.25

[encoder]
weights = "{guide}"

[optimizer]
batch = 4
average = 0.5

[losses]
denoising = 1.0

[[stages]]
size = 64
epochs = 1
"""


def test_a_run_starts_from_its_guide_and_leaves_it(
    tmp_path: Path, data: Path, network: ChromaDiffusion
) -> None:
    guide = tmp_path / "guide.safetensors"
    checkpoint.save_weights(network.guide.network, guide)
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(RECIPE.format(guide=guide))
    machine = Machine(device="cpu", threads=1, workers=0, quiet=True)
    found = load_file(loop.train(recipe, data, tmp_path / "run", resume=False, machine=machine))
    for name, tensor in network.guide.network.state_dict().items():
        assert torch.equal(found[f"guide.network.{name}"], tensor), name
    assert (tmp_path / "run" / "samples.png").exists()
    assert np.isfinite(_largest(found))


def test_a_recipe_says_what_its_guide_is_made_of(tmp_path: Path) -> None:
    weights = tmp_path / "guide.safetensors"
    grown = GuidedUNet(GuidedUNetConfig(deeper=(1, 0), queries=2))
    checkpoint.save_weights(grown, weights)
    recipe = tmp_path / "tiny.toml"
    made_of = "noises = 1, guide = { deeper = [1, 0], queries = 2 }"
    recipe.write_text(RECIPE.format(guide=weights).replace("noises = 1", made_of))
    network = build_network(read_recipe(recipe))
    assert isinstance(network, ChromaDiffusion)
    network.guide.load(str(weights), "")
    for name, tensor in grown.state_dict().items():
        assert torch.equal(network.guide.network.state_dict()[name], tensor), name


def _largest(tensors: dict[str, Tensor]) -> float:
    return max(float(t.abs().max()) for n, t in tensors.items() if n.startswith("denoise"))
