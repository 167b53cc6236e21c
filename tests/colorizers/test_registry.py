from __future__ import annotations

import numpy as np
import pytest

from retint.colorizers import METHODS, Varied, load_colorizer
from retint.colorizers.flat import MEAN_CHROMA


@pytest.mark.parametrize("name", [n for n, method in METHODS.items() if method.shipped])
def test_every_method_keeps_the_contract(name: str) -> None:
    colorizer = load_colorizer(name, threads=1)
    assert colorizer.name == name
    assert colorizer.native >= 1
    side = colorizer.size.padded(40)
    lightness = np.random.default_rng(0).uniform(0, 100, (side, side + 32)).astype(np.float32)
    before = lightness.copy()
    chroma = colorizer(lightness)
    assert isinstance(colorizer, Varied) == METHODS[name].varied
    assert chroma.dtype == np.float32
    assert chroma.shape == (side, side + 32, 2)
    assert np.abs(chroma).max() < 128
    np.testing.assert_array_equal(lightness, before)
    np.testing.assert_array_equal(chroma, colorizer(lightness))


def test_baselines_give_one_chroma() -> None:
    lightness = np.full((8, 9), 50, np.float32)
    np.testing.assert_array_equal(load_colorizer("gray")(lightness), np.zeros((8, 9, 2)))
    mean = load_colorizer("mean")(lightness)
    np.testing.assert_allclose(mean, np.broadcast_to(MEAN_CHROMA, (8, 9, 2)), rtol=1e-6)
