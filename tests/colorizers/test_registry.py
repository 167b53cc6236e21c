from __future__ import annotations

import numpy as np
import pytest

from retint.colorizers import METHODS, is_varied, load_colorizer, method_class, paints, takes_hints
from retint.colorizers.flat import MEAN_CHROMA
from retint.errors import UsageError


@pytest.mark.parametrize("name", [n for n in METHODS if method_class(n).shipped])
def test_every_method_keeps_the_contract(name: str) -> None:
    colorizer = load_colorizer(name, threads=1)
    assert colorizer.name == name
    assert colorizer.native >= 1
    side = colorizer.size.padded(40)
    lightness = np.random.default_rng(0).uniform(0, 100, (side, side + 32)).astype(np.float32)
    before = lightness.copy()
    chroma = colorizer(lightness)
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


@pytest.mark.parametrize("name", [n for n in METHODS if method_class(n).shipped])
def test_declared_abilities_of_a_class_work(name: str) -> None:
    kind = method_class(name)
    colorizer = load_colorizer(name, threads=1)
    side = colorizer.size.padded(40)
    look = colorizer.look(np.full((side, side), 50, np.float32))
    hints = np.zeros((side, side, 3), np.float32)
    hints[9, 9] = (20, 20, 1)
    for can, call in (
        (takes_hints(kind), lambda: look.chroma(hints)),
        (is_varied(kind), lambda: look.variants(2)),
        (paints(kind), look.rgb),
    ):
        if can:
            call()
            continue
        with pytest.raises(UsageError, match=name):
            call()


def test_options_that_nobody_knows_are_named() -> None:
    with pytest.raises(UsageError, match="unknown option of unet 'stepps'"):
        load_colorizer("unet", stepps=3)
    with pytest.raises(UsageError, match="unknown option of hybrid 'stepps'; did you mean steps"):
        load_colorizer("hybrid", stepps=3)
