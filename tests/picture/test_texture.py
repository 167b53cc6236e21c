from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from retint.picture import texture

Pixels = NDArray[np.generic]


@pytest.fixture
def checked() -> NDArray[np.uint8]:
    """Squares of 6 pixels, three channels."""
    y, x = np.indices((160, 200)) // 6
    grey = np.where((x + y) % 2, 200, 60).astype(np.uint8)
    return np.dstack([grey, grey, 255 - grey])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_a_pattern_goes_on_through_a_hole(
    checked: NDArray[np.uint8], dtype: type[np.generic]
) -> None:
    most = 1 if dtype == np.float32 else np.iinfo(dtype).max  # type: ignore[type-var]
    wanted = (checked / 255 * most).astype(dtype)
    hole = np.zeros(checked.shape[:2], np.bool_)
    hole[60:85, 90:120] = True
    pixels = wanted.copy()
    pixels[hole] = most
    assert not texture.fill(pixels, hole).any()
    assert np.abs(pixels / most - wanted / most).max() < 0.02


def test_pixels_outside_of_the_hole_keep_their_values(
    checked: NDArray[np.uint8], rng: np.random.Generator
) -> None:
    pixels = (checked * rng.uniform(0.8, 1, checked.shape)).astype(np.uint8)
    before = pixels.copy()
    hole = np.zeros(checked.shape[:2], np.bool_)
    hole[:14, 180:] = hole[140:, 3:30] = True
    assert not texture.fill(pixels, hole).any()
    assert (pixels[~hole] == before[~hole]).all()


@pytest.mark.parametrize("share", [1.0, 0.6], ids=["everything", "most"])
def test_a_hole_without_enough_around_it_is_left(share: float) -> None:
    pixels = np.full((40, 60, 1), 128, np.uint8)
    hole = np.zeros((40, 60), np.bool_)
    hole[:, : int(60 * share)] = True
    assert (texture.fill(pixels, hole) == hole).all()


def test_so_large_a_hole_is_left_that_most_of_the_texture_would_be_invented(
    monkeypatch: pytest.MonkeyPatch, checked: NDArray[np.uint8]
) -> None:
    monkeypatch.setattr(texture, "MOST_TILES", 1)
    hole = np.zeros(checked.shape[:2], np.bool_)
    hole[20:60, 20:60] = True
    assert (texture.fill(checked.copy(), hole) == hole).all()
