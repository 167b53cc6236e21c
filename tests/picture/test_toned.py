from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from retint.color import lab
from retint.files import Photo
from retint.picture.toned import color_spread, is_in_color


def toned(grey: NDArray[np.uint8], strength: float) -> NDArray[np.uint8]:
    """Sepia, strongest in the middle tones."""
    lightness = lab.lightness(grey)
    weight = np.sin(np.pi * lightness / 100)[..., None].clip(0)
    chroma = (strength * weight * np.array([0.4, 1])).astype(np.float32)
    rgb = np.empty((*grey.shape, 3), np.uint8)
    lab.merge(lightness, chroma, rgb)
    return rgb


def test_a_photograph_in_colour(coffee: NDArray[np.uint8]) -> None:
    assert is_in_color(Photo(coffee))


def test_grey_has_no_colour(grey: NDArray[np.uint8]) -> None:
    assert color_spread(Photo(grey)) == 0
    assert color_spread(Photo(np.repeat(grey[..., None], 3, axis=2))) < 0.1


@pytest.mark.parametrize("strength", [5, 15, 30])
def test_a_tone_is_no_colour_however_strong(grey: NDArray[np.uint8], strength: float) -> None:
    assert not is_in_color(Photo(toned(grey, strength)))


def test_depth_does_not_matter(coffee: NDArray[np.uint8]) -> None:
    deep = coffee.astype(np.uint16) * 257
    assert color_spread(Photo(deep)) == pytest.approx(color_spread(Photo(coffee)), rel=0.02)
