from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("diffusers")

from retint.colorizers import load_colorizer
from retint.colorizers.controlnet import ControlNet, Estimate
from retint.colorizers.options import ControlNetOptions
from retint.errors import PhotoError, UsageError, WeightsError
from retint.extras import install
from retint.files import Photo
from retint.picture.pipeline import Pipeline

from ..cli.test_main import run
from .tiny_diffusion import save_tiny

PLANE = np.random.default_rng(0).uniform(10, 90, (64, 128)).astype(np.float32)
"""L* of a picture."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    save_tiny(folder)
    return folder


@pytest.fixture(scope="module")
def options(folders: Path) -> Iterator[ControlNetOptions]:
    base, control, depth = (str(folders / name) for name in ("base", "control", "depth"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield ControlNetOptions(
            base_model=base, control_model=control, depth_model=depth, steps=4, device="cpu",
            threads=1,
        )  # fmt: skip


@pytest.fixture(scope="module")
def plain(options: ControlNetOptions) -> NDArray[np.float32]:
    """Chroma of the picture, painted with these options."""
    return painted(options)


def painted(options: ControlNetOptions, **changes: Any) -> NDArray[np.float32]:
    return ControlNet(replace(options, **changes))(PLANE)


def test_the_same_seed_gives_the_same_chroma(
    options: ControlNetOptions, plain: NDArray[np.float32]
) -> None:
    assert plain.shape == (64, 128, 2)
    assert plain.std() > 1
    np.testing.assert_array_equal(plain, painted(options))


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"strength": 0.5},
        {"strength": 1.0},
        {"guidance_scale": 3.0},
        {"control_scale": 0.0},
        {"steps": 6},
        {"prompt": "a red barn"},
        {"negative_prompt": "grey"},
        {"scheduler": "ddim"},
        {"scheduler": "dpm++"},
    ],
    ids=str,
)
def test_every_option_reaches_the_pipeline(
    options: ControlNetOptions, plain: NDArray[np.float32], change: dict[str, Any]
) -> None:
    assert np.abs(painted(options, **change) - plain).mean() > 0.1


def test_variants_are_those_of_the_next_seeds(
    options: ControlNetOptions, plain: NDArray[np.float32]
) -> None:
    first, second = ControlNet(options).look(PLANE).variants(2)
    np.testing.assert_array_equal(first, plain)
    np.testing.assert_array_equal(second, painted(options, seed=options.seed + 1))
    assert np.abs(first - second).mean() > 1


def test_sampling_starts_from_the_base_colours(options: ControlNetOptions) -> None:
    red = np.full((*PLANE.shape, 2), (60.0, 30.0), np.float32)
    network = ControlNet(replace(options, strength=0.5))
    assert np.abs(network.look(PLANE).variants(1, base=red)[0] - network(PLANE)).mean() > 0.1


def test_lightness_is_the_originals(options: ControlNetOptions, rng: np.random.Generator) -> None:
    from retint.color import lab

    grey = rng.integers(40, 220, (90, 150)).astype(np.uint8)
    colourful = Pipeline(ControlNet(options), threads=1)(Photo(grey)).pixels
    assert np.ptp(colourful.astype(int), axis=-1).mean() > 3
    assert np.abs(lab.lightness(colourful) - lab.lightness(grey)).mean() < 0.5


def test_depth_is_spread_over_all_levels(options: ControlNetOptions) -> None:
    network = ControlNet(options)
    from retint.colorizers.controlnet import _picture

    depth = np.asarray(network._models.depth_map(_picture(PLANE, None)))
    assert depth.shape == (64, 128, 3)
    assert (depth[..., 0] == depth[..., 2]).all()
    assert (depth.min(), depth.max()) == (0, 255)


def test_a_refused_picture_is_an_error(options: ControlNetOptions, tmp_path: Path) -> None:
    import torch
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker

    base = tmp_path / "base"
    shutil.copytree(options.base_model, base)
    checker = StableDiffusionSafetyChecker.from_pretrained(base / "safety_checker")
    with torch.no_grad():  # everything offends it
        checker.concept_embeds_weights.fill_(-10.0)
    checker.save_pretrained(base / "safety_checker")
    with pytest.raises(PhotoError, match=r"safety checker .* refused .*`safety_checker`"):
        painted(options, base_model=str(base))
    free = painted(options, base_model=str(base), safety_checker=False)
    np.testing.assert_array_equal(free, painted(options, safety_checker=False))


def test_low_memory_decodes_in_tiles(options: ControlNetOptions) -> None:
    network = ControlNet(replace(options, low_memory=True))
    assert network._models._pipe.vae.use_tiling
    assert np.isfinite(network(PLANE)).all()


@pytest.mark.parametrize(
    ("field", "flag", "size"),
    [
        ("base_model", "`base_model`", "2.7 GB"),
        ("control_model", "`control_model`", "0.7 GB"),
        ("depth_model", "`depth_model`", "0.5 GB"),
    ],
)
def test_missing_weights_say_how_to_get_them(
    options: ControlNetOptions, field: str, flag: str, size: str
) -> None:
    published = getattr(ControlNetOptions(), field)
    with pytest.raises(WeightsError) as error:
        ControlNet(replace(options, **{field: published}))
    message = str(error.value)
    assert f"hf download {published}" in message
    assert size in message
    assert flag in message
    assert "\n" not in message


def test_pickles_are_not_loaded(options: ControlNetOptions, tmp_path: Path) -> None:
    control = tmp_path / "control"
    shutil.copytree(options.control_model, control)
    weights = control / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    with pytest.raises(WeightsError, match=r"`control_model` .*: not a safetensors model"):
        ControlNet(replace(options, control_model=str(control)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"strength": 0.0}, "strength must be a number above 0"),
        ({"strength": 1.5}, "strength must be a number above 0"),
        ({"steps": 0}, "steps must be a whole number from"),
        ({"steps": 2, "strength": 0.3}, "leave no step to take"),
        ({"guidance_scale": -1.0}, "from 0 to 100"),
        ({"control_scale": -1.0}, "from 0 to 100"),
        ({"seed": -1}, "seed must be a whole number from 0"),
        ({"scheduler": "euler"}, "unknown scheduler 'euler'; known: ddim"),
        ({"device": "tpu"}, "unknown device 'tpu'"),
        ({"device": "coreml"}, "coreml cannot run controlnet"),
    ],
    ids=str,
)
def test_wrong_options_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_colorizer("controlnet", **change)


def test_a_missing_cuda_is_refused(
    options: ControlNetOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(UsageError, match="device cuda is not available"):
        ControlNet(replace(options, device="cuda"))


def test_the_time_is_estimated_after_the_first_step(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([100.0, 130.0, 160.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    estimate = Estimate(20, wanted=True)
    estimate(None, 0, None, {})
    assert "about 10 minutes" in capsys.readouterr().err
    estimate(None, 1, None, {})
    assert capsys.readouterr().err == ""


def test_the_command_line_writes_variants(
    options: ControlNetOptions, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ControlNet, "native", 64)  # at 512 even the miniature takes a minute
    models = ("--base-model", options.base_model, "--control-model", options.control_model,
              "--depth-model", options.depth_model, "--device", "cpu")  # fmt: skip
    few = ("--steps", 2, "--strength", 1, "--scheduler", "ddim", "--quiet", "--low-memory",
           "--threads", 1)  # fmt: skip
    call = ("--method", "controlnet", *models, *few, "--no-safety-checker", "--variants", 2)
    assert run(photo, *call) == 0
    one, two = (photo.with_name(f"photo-{k}.retint.jpg").read_bytes() for k in (1, 2))
    assert one != two
    assert not photo.with_name("photo.retint.jpg").exists()
    assert run(photo, *call) == 1  # both are there


def test_the_missing_extra_is_named(photo: Path) -> None:
    code = (
        "import sys; sys.modules['diffusers'] = None\nfrom retint.cli import main\n"
        f"main([{str(photo)!r}, '--method', 'controlnet'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.strip() == f"retint: this requires diffusers: {install('diffusion')}"
