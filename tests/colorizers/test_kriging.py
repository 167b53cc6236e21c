from __future__ import annotations

import numpy as np

from retint.color.lab import Float32
from retint.colorizers.parts import kriging
from retint.colorizers.parts.kriging import corrected

GREY = np.full((192, 256), 50, np.float32)
ANSWER = np.full((192, 256, 2), 10, np.float32)


def hinted(*spots: tuple[int, int, float, float]) -> Float32:
    hints = np.zeros((192, 256, 3), np.float32)
    for row, column, a, b in spots:
        hints[row : row + 3, column : column + 3] = (a, b, 1)
    return hints


def test_an_answer_that_agrees_with_the_hints_stays() -> None:
    np.testing.assert_allclose(corrected(ANSWER, GREY, hinted((80, 80, 10, 10))), 10, atol=1e-4)
    np.testing.assert_array_equal(corrected(ANSWER, GREY, hinted()), ANSWER)


def test_residuals_at_hints_spread_to_their_surroundings() -> None:
    found = corrected(ANSWER, GREY, hinted((80, 80, 40, 10)))[..., 0]
    # A prior of variance 1 and a hint of variance NOISE meet at 1 / (1 + NOISE).
    assert abs(found[81, 81] - (10 + 30 / (1 + kriging.NOISE))) < 0.5
    along = found[81, 81:]
    assert (np.diff(along) <= 1e-3).all()
    assert abs(along[-1] - 10) < 0.1
    np.testing.assert_allclose(corrected(ANSWER, GREY, hinted((80, 80, 40, 10)))[..., 1], 10)


def test_corrections_stay_on_areas_of_similar_lightness() -> None:
    edge = GREY.copy()
    edge[:, 92:] = 100
    found = corrected(ANSWER, edge, hinted((80, 84, 40, 10)))[..., 0]
    assert found[81, 84] > 30
    assert abs(found[81, 98] - 10) < 3


def test_many_hints_are_gathered_and_none_overrules_its_neighbour(
    rng: np.random.Generator,
) -> None:
    hints = np.zeros((192, 256, 3), np.float32)
    for _ in range(600):
        row, column = rng.integers(189), rng.integers(253)
        hints[row : row + 3, column : column + 3] = (*rng.normal(0, 20, 2), 1)
    found = corrected(ANSWER, GREY, hints)
    where = hints[..., 2] > 0
    before = np.abs(hints[where][:, :2] - 10).mean()
    assert np.abs(hints[where][:, :2] - found[where]).mean() < before
