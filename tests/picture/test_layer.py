from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from retint.files import Photo
from retint.picture.layer import color_layer


def over(layer: Photo, base: NDArray[Any]) -> np.ndarray:
    """What a painting program shows, in levels."""
    assert layer.alpha is not None
    opacity = layer.alpha[..., None] / np.iinfo(layer.alpha.dtype).max
    return layer.pixels * opacity + base[..., None] * (1 - opacity)


@pytest.mark.parametrize(("dtype", "within"), [(np.uint8, 1.0), (np.uint16, 1.0)])
def test_laid_over_the_photo_it_is_the_coloured_photo(dtype: type, within: float) -> None:
    rng = np.random.default_rng(0)
    top = np.iinfo(dtype).max
    base: NDArray[Any] = rng.integers(0, top, (30, 40), endpoint=True).astype(dtype)
    shift = rng.normal(0, 0.1 * top, (30, 40, 3))
    after: NDArray[Any] = (base[..., None] + shift).clip(0, top).astype(dtype)
    layer = color_layer(Photo(base), Photo(after))
    assert layer.pixels.dtype == dtype
    assert np.abs(over(layer, base) - after).max() <= within


def test_grey_places_are_clear_and_pale_ones_nearly() -> None:
    base = np.full((1, 3), 100, np.uint8)
    after = np.array([[[100, 100, 100], [110, 100, 95], [200, 50, 50]]], np.uint8)
    alpha = color_layer(Photo(base), Photo(after)).alpha
    assert alpha is not None
    assert alpha[0, 0] == 0
    assert 0 < alpha[0, 1] < 25 < alpha[0, 2] < 255


def test_transparent_photos_stay_transparent() -> None:
    base, alpha = np.full((1, 2), 100, np.uint8), np.array([[255, 0]], np.uint8)
    after = Photo(np.full((1, 2, 3), (200, 50, 50), np.uint8), alpha)
    layer = color_layer(Photo(base, alpha), after)
    assert layer.alpha is not None
    assert layer.alpha[0, 0] > 0 == layer.alpha[0, 1]


def test_floats_are_exact() -> None:
    base = np.array([[0.2, 0.7]], np.float32)
    after = np.array([[[0.3, 0.2, 0.1], [0.9, 0.7, 0.2]]], np.float32)
    layer = color_layer(Photo(base), Photo(after))
    assert layer.alpha is not None
    shown = layer.pixels * layer.alpha[..., None] + base[..., None] * (1 - layer.alpha[..., None])
    np.testing.assert_allclose(shown, after, atol=1e-5)
