"""Dust, scratches and fading."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import retint
from retint import files
from retint.color import lab
from retint.files import Photo
from retint.picture.repair import repaired, speck_mask

from ..cli.test_main import run


@pytest.fixture
def print_(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture without anything small in it."""
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 4), np.uint8)


def dusty(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    found = picture.copy()
    for k in range(12):
        cv2.circle(found, (30 + 37 * k, 25 + 39 * k), 1, 255, -1)
    found[:, 200] = 10
    return found


def test_specks_and_scratches_are_painted_over(print_: NDArray[np.uint8]) -> None:
    spoiled = dusty(print_)
    mended = repaired(Photo(spoiled), 1, 0).pixels.astype(int)
    before = np.abs(spoiled.astype(int) - print_)
    assert np.abs(mended - print_)[before > 40].mean() < 0.15 * before[before > 40].mean()
    untouched = speck_mask(spoiled, 1) == 0
    assert (mended[untouched] == spoiled[untouched]).all()


def test_little_of_a_clean_picture_is_touched(grey: NDArray[np.uint8]) -> None:
    assert (speck_mask(grey, 0.5) > 0).mean() < 0.1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_fading_is_taken_back(print_: NDArray[np.uint8], dtype: type) -> None:
    full = print_.astype(np.float32) / 255
    faded = 0.35 + 0.3 * full
    if dtype != np.float32:
        faded = (faded * np.iinfo(dtype).max).astype(dtype)
    found = lab.lightness(repaired(Photo(faded.astype(dtype)), 0, 1).pixels)
    low, high = np.percentile(found, (1, 99))
    assert low < 8
    assert high > 92


def test_repair_is_off_by_default(grey: NDArray[np.uint8]) -> None:
    photo = Photo(grey)
    assert repaired(photo, 0, 0) is photo


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
