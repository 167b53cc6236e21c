"""The post-processing of the guided U-Net's prediction."""

from __future__ import annotations

import numpy as np

from retint.color.lab import Float32
from retint.colorizers import guided_unet
from retint.colorizers.guided_unet import enriched

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
        enriched(CHROMA, np.zeros((60, 90, 3), np.float32), guided_unet.RICHNESS), everywhere
    )


def test_chroma_near_hints_is_not_strengthened() -> None:
    chroma = enriched(CHROMA, hinted(30, 10), guided_unet.RICHNESS)[30, 10:, 0]
    assert chroma[0] == 20
    assert (np.diff(chroma) > 0).all()
    richest = (CHROMA * guided_unet.RICHNESS.gain(CHROMA))[0, 0, 0]
    assert chroma[-1] > 20 + 0.95 * (richest - 20)
