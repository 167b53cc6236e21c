"""The post-processing of the guided U-Net's prediction."""

from __future__ import annotations

import numpy as np
import pytest

from retint.color import bins
from retint.color.lab import Float32
from retint.colorizers import guided_unet, load_colorizer
from retint.colorizers.guided_unet import GuidedLook, enriched
from retint.colorizers.parts.framed import Framed
from retint.colorizers.parts.guided_parts import Parts
from retint.colorizers.parts.network import load_own
from retint.errors import UsageError
from retint.hints.distance import unknown

CHROMA = np.full((60, 90, 2), 20, np.float32)


def hinted(row: int, column: int) -> Float32:
    hints = np.zeros((60, 90, 3), np.float32)
    hints[row, column] = (30, -10, 1)
    return hints


def test_chroma_is_enriched_where_nothing_is_known() -> None:
    everywhere = CHROMA * guided_unet.RICHNESS.gain(CHROMA)
    assert (everywhere > CHROMA).all()
    np.testing.assert_allclose(enriched(CHROMA, None, guided_unet.RICHNESS), everywhere, rtol=1e-6)
    np.testing.assert_allclose(
        enriched(CHROMA, unknown(np.zeros((60, 90, 3), np.float32)), guided_unet.RICHNESS),
        everywhere,
    )


def test_chroma_near_hints_is_not_strengthened() -> None:
    chroma = enriched(CHROMA, unknown(hinted(30, 10)), guided_unet.RICHNESS)[30, 10:, 0]
    assert chroma[0] == 20
    assert (np.diff(chroma) > 0).all()
    richest = (CHROMA * guided_unet.RICHNESS.gain(CHROMA))[0, 0, 0]
    assert chroma[-1] > 20 + 0.95 * (richest - 20)


def ramp(height: int, width: int) -> Float32:
    """L* with some structure."""
    rows, columns = np.indices((height, width))
    return np.asarray(50 + 30 * np.sin(rows / 9) * np.cos(columns / 13), np.float32)


def test_scores_are_those_whose_mean_and_certainty_the_file_states() -> None:
    parts = Parts(load_own("guided-unet", None, 1, "cpu"))
    maps = parts.encode(ramp(64, 96)[None, None] / np.float32(100))
    _, quarter = parts.decode(maps, np.zeros((1, 3, 64, 96), np.float32))
    stated = parts.score(quarter)[0].transpose(1, 2, 0)
    shares = parts.shares(quarter[0].transpose(1, 2, 0)).astype(np.float64)
    np.testing.assert_allclose(shares.sum(axis=-1), 1, rtol=1e-5)
    sharper = shares ** (1 / 0.38)  # the temperature of Zhang et al. 2016
    mean = (sharper / sharper.sum(axis=-1, keepdims=True)) @ bins.colors()
    np.testing.assert_allclose(mean / 100, stated[..., :2], atol=1e-3)
    entropy = -(shares * np.log(shares)).sum(axis=-1) / np.log(bins.COUNT)
    np.testing.assert_allclose(1 - entropy, stated[..., 2], atol=1e-3)


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
@pytest.mark.parametrize("place", [(0, 0), (33, 70), (69, 99)])
def test_scores_are_of_the_pixel_however_the_picture_is_shown(
    turn: int, place: tuple[int, int]
) -> None:
    asked = []

    class Noted(GuidedLook):
        def scores_at(self, row: int, column: int) -> Float32:
            asked.append(float(self._plane[row, column]))
            return np.zeros(bins.COUNT, np.float32)

    colorizer = load_colorizer("guided-unet", threads=1, semantics=False)
    lightness = np.linspace(0, 100, 7000, dtype=np.float32).reshape(70, 100)
    framed = Framed(colorizer, lightness, upright=lambda _: turn)
    framed.look.__class__ = Noted
    framed.scores_at(*place)
    assert asked == [pytest.approx(float(lightness[place]))]


def test_a_method_without_scores_says_so() -> None:
    look = load_colorizer("unet", threads=1).look(ramp(64, 64))
    with pytest.raises(UsageError, match="unet scores no colors"):
        look.scores_at(3, 3)
