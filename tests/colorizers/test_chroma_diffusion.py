from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from retint.color.lab import Float32
from retint.colorizers import chroma_diffusion, load_colorizer
from retint.colorizers.chroma_diffusion import ChromaDiffusion
from retint.colorizers.guided_unet import GuidedUNet
from retint.errors import UsageError, WeightsError
from retint.training import checkpoint, export
from retint.training.networks.registry import build_network
from retint.training.recipe import read_recipe

PLANE = np.random.default_rng(0).uniform(0, 100, (64, 96)).astype(np.float32)
"""L* of a picture."""
STAGE = "[[stages]]\nsize = 64\nepochs = 1\n"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A small diffusion, and the guide that it runs beside; neither has learnt anything."""
    folder = tmp_path_factory.mktemp("exported")
    torch.manual_seed(0)
    runs = {}
    for name, options in (("guided-unet", ""), ("chroma-diffusion", "widths = [32, 32, 32]")):
        run = folder / name
        run.mkdir()
        (run / "recipe.toml").write_text(f"network = '{name}'\n{STAGE}[options]\n{options}\n")
        runs[name] = build_network(read_recipe(run / "recipe.toml")).eval()
    guide, diffusion = runs.values()
    with torch.no_grad():  # a trained network is calmer than a random one
        guide.get_parameter("decoder.regress.weight").mul_(0.02)
    diffusion.beside().load_state_dict(guide.state_dict())  # type: ignore[union-attr]
    for name, network in runs.items():
        checkpoint.save_weights(network, folder / name / "weights.safetensors")
        export.export(folder / name, folder / f"{name}.onnx")
    return folder / "chroma-diffusion.onnx", folder / "guided-unet.onnx"


@pytest.fixture(autouse=True)
def laid_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guide that has learnt nothing would make nothing of a sample's colours."""
    monkeypatch.setattr(chroma_diffusion, "HINT_EVERY", 0)


@pytest.fixture
def colorizer(files: tuple[Path, Path]) -> ChromaDiffusion:
    return made(files)


def made(files: tuple[Path, Path], **options: float) -> ChromaDiffusion:
    weights, guide = files
    made = load_colorizer(
        "chroma-diffusion", **{"steps": 4, **options}, weights=weights, guide=guide, threads=1
    )
    assert isinstance(made, ChromaDiffusion)
    return made


def test_the_same_seed_gives_the_same_colouring(
    files: tuple[Path, Path], colorizer: ChromaDiffusion
) -> None:
    chroma = colorizer(PLANE)
    assert chroma.shape == (64, 96, 2)
    assert chroma.dtype == np.float32
    np.testing.assert_array_equal(chroma, colorizer(PLANE))
    assert np.abs(chroma - made(files, seed=1)(PLANE)).mean() > 1


def test_variants_are_those_of_the_next_seeds(
    files: tuple[Path, Path], colorizer: ChromaDiffusion
) -> None:
    first, second = colorizer.look(PLANE).variants(2)
    np.testing.assert_allclose(first, colorizer(PLANE), atol=1e-3)
    np.testing.assert_allclose(second, made(files, seed=1)(PLANE), atol=1e-3)


@pytest.mark.parametrize(
    "option", [{"strength": 0.5}, {"guidance_scale": 3.0}, {"control_scale": 0.0}, {"steps": 8}]
)
def test_every_option_changes_the_sample(
    files: tuple[Path, Path], colorizer: ChromaDiffusion, option: dict[str, float]
) -> None:
    assert np.abs(made(files, **option)(PLANE) - colorizer(PLANE)).mean() > 1e-3


def test_without_guidance_samples_add_only_noise_to_the_guess(files: tuple[Path, Path]) -> None:
    blind = made(files, guidance_scale=0.0)
    # Of the same noise, since the two are the same but for fine detail.
    other = PLANE + np.random.default_rng(1).uniform(-0.1, 0.1, PLANE.shape).astype(np.float32)
    one, another = (blind(plane) - guessed(files, plane) for plane in (PLANE, other))
    np.testing.assert_allclose(one, another, atol=1e-2)


def test_pictures_do_not_share_a_tint(colorizer: ChromaDiffusion) -> None:
    means = [colorizer(plane).mean(axis=(0, 1)) for plane in (PLANE, 100 - PLANE)]
    assert np.abs(means[0] - means[1]).max() > 1


def guessed(files: tuple[Path, Path], lightness: Float32) -> Float32:
    """What the guide says; it looks at pictures without recognizing objects."""
    guide = load_colorizer("guided-unet", weights=files[1], threads=1, semantics=False)
    return guide(lightness)


def test_less_strength_stays_nearer_to_the_guess(files: tuple[Path, Path]) -> None:
    guess = guessed(files, PLANE)
    far = np.abs(made(files, steps=20)(PLANE) - guess).mean()
    near = np.abs(made(files, steps=20, strength=0.05)(PLANE) - guess).mean()
    assert near < 0.5 * far


def test_a_base_is_kept_as_strength_allows(files: tuple[Path, Path]) -> None:
    base = guessed(files, PLANE) + np.array([30, -20], np.float32)
    gentle, anew = made(files, steps=20, strength=0.05), made(files, steps=20)
    near = gentle.look(PLANE).variants(1, base=base)[0] - gentle(PLANE)
    np.testing.assert_allclose(near.mean(axis=(0, 1)), (30, -20), rtol=0.3)
    np.testing.assert_array_equal(anew.look(PLANE).variants(1, base=base)[0], anew(PLANE))


def test_hints_are_seen_by_guide_and_diffusion(colorizer: ChromaDiffusion) -> None:
    hints = np.zeros((64, 96, 3), np.float32)
    hints[20:30, 40:50] = (60, 40, 1)
    assert np.abs(colorizer.look(PLANE).variants(1, hints)[0] - colorizer(PLANE)).max() > 1e-3


def test_the_guide_gets_samples_as_hints(
    files: tuple[Path, Path], colorizer: ChromaDiffusion, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = colorizer(PLANE)
    monkeypatch.setattr(chroma_diffusion, "HINT_EVERY", 8)
    told = np.zeros((64, 96, 3), np.float32)
    told[4::8, 4::8, :2] = sample[4::8, 4::8]
    told[4::8, 4::8, 2] = 1
    guide = load_colorizer("guided-unet", weights=files[1], threads=1)
    assert isinstance(guide, GuidedUNet)
    np.testing.assert_allclose(colorizer(PLANE), guide.look(PLANE).told(told), atol=1e-3)


def test_hints_override_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chroma_diffusion, "HINT_EVERY", 4)
    hints = np.zeros((16, 16, 3), np.float32)
    hints[4:9, 4:9] = (60, 40, 1)
    told = chroma_diffusion._as_hints(np.full((16, 16, 2), -5, np.float32), hints)
    np.testing.assert_array_equal(told[4:9, 4:9], hints[4:9, 4:9])
    assert told[2, 2].tolist() == [-5, -5, 1]
    assert told[..., 2].sum() == 25 + 15


def test_samples_equal_those_of_torch(files: tuple[Path, Path]) -> None:
    run = files[0].with_suffix("")
    network = build_network(read_recipe(run / "recipe.toml")).eval()
    network.load_state_dict(load_file(run / "weights.safetensors"))
    seen = torch.from_numpy(PLANE)[None, None] / 100
    hints = torch.zeros(1, 3, 64, 96)
    noisy = torch.randn(1, 2, 16, 24, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        features, known = network.condition(*network._inputs(seen, hints))  # type: ignore[operator]
        expected = network.denoise(noisy, features, known, torch.tensor([500]))  # type: ignore[operator]
    look = made(files, guidance_scale=1.0).look(PLANE)
    condition = look._condition(look._guide.seen()[0])
    np.testing.assert_allclose(look._velocity(noisy.numpy(), 500, condition), expected, atol=1e-2)


def test_another_guide_is_refused(files: tuple[Path, Path]) -> None:
    with pytest.raises(WeightsError, match="was not trained with the shipped file"):
        load_colorizer("chroma-diffusion", weights=files[0])


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"strength": 0.0}, "strength must be a number above 0"),
        ({"strength": 1.5}, "strength must be a number above 0"),
        ({"guidance_scale": -1.0}, "from 0 to 100"),
        ({"steps": 0}, "steps must be a whole number from 1 to 1000"),
        ({"seed": -1}, "seed must be a whole number from 0"),
    ],
)
def test_options_out_of_range_are_refused(option: dict[str, float], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_colorizer("chroma-diffusion", **option)
