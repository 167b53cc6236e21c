"""Outlines of masks."""

from __future__ import annotations

import numpy as np

from retint.picture.outline import outlines


def test_an_outline_runs_along_what_is_inside() -> None:
    mask = np.zeros((60, 90), np.float32)
    mask[20:40, 30:60] = 1
    (line,) = outlines(mask)
    np.testing.assert_allclose(line.min(axis=0), [30 / 90, 20 / 60], atol=0.015)
    np.testing.assert_allclose(line.max(axis=0), [60 / 90, 40 / 60], atol=0.015)
    assert len(line) < 12


def test_holes_have_outlines_and_specks_have_none() -> None:
    mask = np.ones((100, 100), np.float32)
    mask[40:60, 40:60] = 0
    mask[80, 80] = 0
    found = outlines(mask)
    assert len(found) == 2
    around = max(found, key=np.ptp)
    np.testing.assert_allclose([around.min(), around.max()], [0, 1], atol=0.01)


def test_an_empty_mask_has_no_outline() -> None:
    assert outlines(np.full((40, 40), 0.4, np.float32)) == []
