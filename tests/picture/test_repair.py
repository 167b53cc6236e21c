"""Damage and fading."""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage
from numpy.typing import NDArray
from PIL import Image

import retint
from retint import files
from retint.color import lab
from retint.files import Photo
from retint.picture import damage
from retint.picture.damage import damage_mask, likelihood
from retint.picture.pipeline import Pipeline
from retint.picture.repair import repaired

from ..cli.test_main import run


@pytest.fixture
def print_(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture without anything small in it."""
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 4), np.uint8)


def dusty(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    found = picture.copy()
    for k in range(12):
        cv2.circle(found, (30 + 37 * k, 25 + 39 * k), 2, 255, -1, cv2.LINE_AA)
    cv2.line(found, (200, -1), (204, 512), 255, 1, cv2.LINE_AA)
    return found


def mended(picture: NDArray[np.generic], strength: float = 1) -> NDArray[np.generic]:
    mask = damage_mask(likelihood(picture, 1), strength, picture.shape[:2])
    return repaired(Photo(picture), mask, 0).pixels


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_specks_and_scratches_are_painted_over(
    print_: NDArray[np.uint8], dtype: type[np.generic]
) -> None:
    spoiled = dusty(print_)
    levels = spoiled / np.float32(255)
    if dtype != np.float32:
        levels = levels * np.iinfo(dtype).max  # type: ignore[type-var]
    found = lab.lightness(mended(levels.astype(dtype)))
    wanted, before = lab.lightness(print_), lab.lightness(spoiled)
    marked = np.abs(before - wanted) > 15
    assert np.abs(found - wanted)[marked].mean() < 0.5 * np.abs(before - wanted)[marked].mean()
    assert (np.abs(found - before)[~marked] > 5).mean() < 0.01


def test_little_of_a_sound_portrait_is_touched_and_nothing_of_its_face() -> None:
    portrait = lab.grey(skimage.data.astronaut())  # type: ignore[no-untyped-call]
    mask = damage_mask(likelihood(portrait, 1), 0.5, portrait.shape) > 0
    assert mask.mean() < 0.003
    assert not mask[30:200, 160:300].any()


def test_pixels_outside_of_the_mask_keep_their_values(
    grey: NDArray[np.uint8], rng: np.random.Generator
) -> None:
    mask = np.zeros(grey.shape, np.uint8)
    mask[100:103, 50:400] = 255
    noisy = np.dstack([grey, grey, rng.permutation(grey)])
    found = repaired(Photo(noisy), mask, 0).pixels
    assert (found[mask == 0] == noisy[mask == 0]).all()
    assert (found[mask > 0] != noisy[mask > 0]).any()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_narrow_places_are_filled_with_what_is_beside_them(dtype: type[np.generic]) -> None:
    ramp = np.tile(np.linspace(0.2, 0.9, 100), (80, 1))
    most = 1 if dtype == np.float32 else np.iinfo(dtype).max  # type: ignore[type-var]
    spoiled = (ramp * most).astype(dtype)
    mask = np.zeros(ramp.shape, np.uint8)
    mask[40:43, 10:90] = 255
    spoiled[mask > 0] = most
    found = repaired(Photo(spoiled), mask, 0).pixels / most
    assert np.abs(found - ramp).max() < 0.03


def test_what_is_connected_with_certain_damage_is_part_of_it() -> None:
    likely = np.zeros((40, 60), np.uint8)
    likely[10, 5:50] = 150
    likely[10, 20] = 255
    likely[30, 5:50] = 150
    found = damage_mask(likely, 0.5, likely.shape) > 0
    assert found[9:12, 5:50].all()
    assert not found[20:].any()


def test_a_stronger_repair_finds_everything_that_a_weaker_one_does(
    rng: np.random.Generator,
) -> None:
    likely = rng.integers(0, 256, (64, 64)).astype(np.uint8)
    likely[::2] = 0
    likely[:, ::2] = 0
    masks = [damage_mask(likely, s, (64, 64)) > 0 for s in (0.1, 0.5, 1)]
    assert masks[0].any()
    for weaker, stronger in itertools.pairwise(masks):
        assert (stronger | ~weaker).all()
        assert stronger.sum() > weaker.sum()


def test_a_mask_has_the_size_of_the_picture_that_the_network_saw_smaller(
    monkeypatch: pytest.MonkeyPatch, print_: NDArray[np.uint8]
) -> None:
    large = dusty(np.kron(print_, np.ones((2, 2), np.uint8)))
    monkeypatch.setattr(damage, "MOST_PIXELS", 512 * 512)
    likely = likelihood(large, 1)
    assert likely.shape == (512, 512)
    assert damage_mask(likely, 1, large.shape).shape == (1024, 1024)


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (33, 31)], ids=str)
def test_pictures_of_any_size_are_searched(shape: tuple[int, int]) -> None:
    assert likelihood(np.full(shape, 128, np.uint8), 1).shape == shape


def test_damage_is_searched_once_for_all_hints(
    unet: Pipeline, print_: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []

    def counted(pixels: NDArray[np.uint8], _: int) -> NDArray[np.uint8]:
        sizes.append(pixels.shape)
        return np.zeros(pixels.shape[:2], np.uint8)

    monkeypatch.setattr("retint.picture.pipeline.likelihood", counted)
    view = unet.open(Photo(print_))
    smaller = Photo(print_[::2, ::2].copy())
    for strength in (0.5, 1.0):
        assert view.damage(strength).shape == (512, 512)
        assert view.over(smaller).damage(strength).shape == (256, 256)
    assert sizes == [(512, 512), (256, 256)]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_fading_is_taken_back(print_: NDArray[np.uint8], dtype: type) -> None:
    full = print_.astype(np.float32) / 255
    faded = 0.35 + 0.3 * full
    if dtype != np.float32:
        faded = (faded * np.iinfo(dtype).max).astype(dtype)
    found = lab.lightness(repaired(Photo(faded.astype(dtype)), None, 1).pixels)
    low, high = np.percentile(found, (1, 99))
    assert low < 8
    assert high > 92


def test_repair_is_off_by_default(grey: NDArray[np.uint8]) -> None:
    photo = Photo(grey)
    assert repaired(photo, None, 0) is photo


def test_repaired_pictures_cannot_be_restored(
    tmp_path: Path, print_: NDArray[np.uint8], capsys: pytest.CaptureFixture[str]
) -> None:
    path, result = tmp_path / "a.png", tmp_path / "b.png"
    Image.fromarray(dusty(print_)).save(path)
    assert run(path, "-o", result, "--repair", 1, "--method", "mean") == 0
    found = lab.lightness(files.read(result).pixels)
    assert np.abs(found - lab.lightness(print_)).mean() < 1
    assert run("restore", result) == 1
    assert "repaired" in capsys.readouterr().err
    coloured = retint.load("mean", repair=1.0)(np.asarray(Image.open(path)))
    assert np.abs(lab.lightness(coloured) - lab.lightness(print_)).mean() < 1
