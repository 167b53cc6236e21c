"""Completeness metrics, on generated pictures with known results."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from retint.color import lab
from retint.evaluation import cells
from retint.evaluation.statistics import area_under_roc

Grid = NDArray[np.float64]


def halves(left: tuple[float, float, float], right: tuple[float, float, float]) -> Grid:
    """One picture [1, 16, 16, 3] whose left half has one colour and whose right half another."""
    grid = np.empty((1, 16, 16, 3))
    grid[:, :, :8], grid[:, :, 8:] = left, right
    return grid


COAT_AND_WALL = halves((50, 20, 0), (50, 0, 0))
SKIN = (60.0, 16.0, 19.0)  # hue 50 degrees, chroma 25


def regions_of(truth: Grid) -> NDArray[np.int16]:
    return np.stack([cells.regions_of(each[..., 1:]) for each in truth])


def tally(truth: Grid, answer: Grid) -> cells.Tally:
    return cells.tally(truth, answer, regions_of(truth))


def area(found: cells.Labelled) -> float:
    return area_under_roc(found.values[found.positive], found.values[found.negative])


def noisy(truth: Grid, deviation: float, seed: int = 0) -> Grid:
    """Its a*b* with noise around them."""
    noise = np.random.default_rng(seed).normal(0, deviation, (*truth.shape[:-1], 2))
    return np.asarray(truth[..., 1:] + noise)


def test_cells_are_means_of_equal_parts_of_any_shape() -> None:
    picture = np.zeros((40, 24, 3), np.float32)  # cells of 2.5 x 1.5 pixels
    picture[..., 0] = 50
    picture[:20, :12, 1] = 30
    picture[20:, 12:, 2] = -30
    means = cells.cell_means(picture)
    assert means.shape == (16, 16, 3)
    np.testing.assert_allclose(means[..., 0], 50, atol=0.05)
    np.testing.assert_allclose(means[:8, :8, 1], 30, atol=0.05)
    np.testing.assert_allclose(means[8:, 8:, 2], -30, atol=0.05)
    assert not means[:8, 8:, 1:].any()


def test_a_cell_takes_its_share_of_a_pixel_that_it_cuts() -> None:
    picture = np.zeros((16, 24, 3), np.float32)
    picture[:, 1, 1] = 30  # half of it in the first cell of 1.5 pixels, half in the second
    means = cells.cell_means(picture)
    np.testing.assert_allclose(means[:, :3, 1], [[10, 10, 0]] * 16, atol=0.05)


def test_pictures_smaller_than_the_grid_have_cells_too() -> None:
    assert cells.cell_means(np.full((5, 9, 3), 20, np.float32)) == pytest.approx(20, abs=0.1)


def test_greys_of_8_bits_have_no_chroma_at_all() -> None:
    """Else the separation of a grey answer would be that of rounding."""
    ramp = np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=-1)
    assert not cells.cell_means(lab.rgb_to_lab(ramp))[..., 1:].any()


def test_a_perfect_answer_has_no_fault() -> None:
    truth = COAT_AND_WALL.copy()
    truth[..., 1:] = noisy(truth, 1)
    answer = truth[..., 1:]
    found = tally(truth, answer)
    assert area(cells.coloredness(truth, answer)) == 1
    assert found.left_grey.sum() == found.tinted.sum() == 0
    assert found.true_spread.sum() > 0
    np.testing.assert_allclose(found.spread, found.true_spread)
    np.testing.assert_allclose(found.ciede2000, 0, atol=1e-6)


def test_a_grey_answer_leaves_everything_grey_and_separates_nothing() -> None:
    answer = np.zeros((1, 16, 16, 2))
    found = tally(COAT_AND_WALL, answer)
    assert area(cells.coloredness(COAT_AND_WALL, answer)) == 0.5
    assert (found.colored.sum(), found.left_grey.sum()) == (128, 128)
    assert (found.neutral.sum(), found.tinted.sum()) == (128, 0)
    assert np.isnan(cells.equal_chroma_factor(COAT_AND_WALL, answer))


def test_half_a_coat_left_grey_counts_as_half() -> None:
    answer = COAT_AND_WALL[..., 1:].copy()
    answer[:, :8, :8] = 0
    found = tally(COAT_AND_WALL, answer)
    assert found.left_grey.sum() / found.colored.sum() == 0.5
    # the coloured half is above all of the wall, the grey half as the wall is
    assert area(cells.coloredness(COAT_AND_WALL, answer)) == 0.75
    # +-10 around its mean in a*, nothing in b*
    assert found.spread.sum() == pytest.approx(128 * 10 / 2)


def test_a_quarter_of_a_wall_tinted_counts_as_a_quarter() -> None:
    answer = COAT_AND_WALL[..., 1:].copy()
    answer[:, :4, 8:] = (0, 30)
    found = tally(COAT_AND_WALL, answer)
    assert found.tinted.sum() / found.neutral.sum() == 0.25
    assert area(cells.coloredness(COAT_AND_WALL, answer)) == 0.75


def test_cells_between_coloured_and_neutral_do_not_count() -> None:
    between = halves((50, 13.9, 0), (50, 0, 5.1))
    found = tally(between, np.zeros((1, 16, 16, 2)))
    assert found.colored.sum() == found.neutral.sum() == 0


@pytest.mark.parametrize("factor", [0.2, 3.0])
def test_more_chroma_leaves_less_grey_and_tints_more_at_equal_separation(factor: float) -> None:
    answer = noisy(COAT_AND_WALL, 8)
    before, after = tally(COAT_AND_WALL, answer), tally(COAT_AND_WALL, answer * factor)
    grew = after.tinted.sum() > before.tinted.sum()
    assert grew == (factor > 1)
    shrank = after.left_grey.sum() < before.left_grey.sum()
    assert shrank == (factor > 1)
    separations = [area(cells.coloredness(COAT_AND_WALL, a)) for a in (answer, answer * factor)]
    assert 0.6 < separations[0] < 0.99
    assert separations[1] == pytest.approx(separations[0], abs=1e-12)


def test_equal_chroma_is_that_of_the_whole_set() -> None:
    truth = np.concatenate([halves((50, 0, 40), (50, 0, 40)), halves((50, 0, 0), (50, 10, 0))])
    answer = truth[..., 1:].copy()
    answer[0] *= 0.2
    factor = cells.equal_chroma_factor(truth, answer)
    assert cells.length(answer * factor).mean() == pytest.approx(0.7 * (40 + 5) / 2)


def test_skin_is_told_from_neutral_cells_by_the_hue_of_skin() -> None:
    truth = halves(SKIN, (60, 0, 0))
    assert area(cells.skin_coloredness(truth, truth[..., 1:])) == 1
    blue = truth[..., 1:] * -1.0
    assert area(cells.skin_coloredness(truth, blue)) == 0  # coloured, but not as skin
    assert area(cells.coloredness(truth, blue)) == 1
    bluish = halves((60, 10, 12), (60, 10, -30))[..., 1:]
    assert area(cells.skin_coloredness(truth, bluish)) == 1  # the wall has more chroma


@pytest.mark.parametrize(
    "colour",
    [(20, 16, 19), (90, 16, 19), (60, 0, 25), (60, 25, 0), (60, 7, 8), (60, 30, 36), (60, -16, 19)],
    ids=["dark", "light", "yellow", "red", "pale", "vivid", "green"],
)
def test_other_colours_are_not_detected_as_skin(colour: tuple[float, float, float]) -> None:
    found = cells.skin_coloredness(halves(colour, SKIN), np.zeros((1, 16, 16, 2)))
    assert found.positive.reshape(16, 16)[:, :8].sum() == 0
    assert found.positive.reshape(16, 16)[:, 8:].all()


def test_black_and_white_cells_are_not_compared_with_skin() -> None:
    for lightness in (10, 95):
        found = cells.skin_coloredness(halves(SKIN, (lightness, 0, 0)), np.zeros((1, 16, 16, 2)))
        assert found.negative.sum() == 0


def test_regions_are_what_is_of_one_colour_and_connected() -> None:
    truth = COAT_AND_WALL[0, ..., 1:].copy()
    truth[8, :8] = (-20, 0)  # a belt cuts the coat
    truth[0, 15] = (0, 40)  # too small to count
    found = cells.regions_of(truth)
    assert (found[:, 8:] == -1).all()  # neutral
    areas = [np.unique(found[rows, :8]) for rows in (slice(8), slice(8, 9), slice(9, 16))]
    assert [each.size for each in areas] == [1, 1, 1]
    assert np.unique(areas).size == 3
    assert min(areas) >= 0


@pytest.mark.parametrize(("last", "regions"), [(27.5, 1), (27.9, 2)])
def test_a_cell_joins_within_6_of_the_mean_so_far(last: float, regions: int) -> None:
    chroma = np.zeros((16, 16, 2))
    chroma[:8, :, 0], chroma[8:12, :, 0], chroma[12:, :, 0] = 20, 25, last  # 21.67 before the last
    assert np.unique(cells.regions_of(chroma)).tolist() == list(range(regions))


def test_a_slow_gradient_is_not_one_region() -> None:
    slope = np.zeros((16, 16, 2))
    slope[..., 0] = 20 + 4 * np.arange(16)[:, None]
    found = cells.regions_of(slope)
    for region in range(found.max() + 1):
        # A cell joins at 6 from the mean so far at most, which then moves.
        assert np.ptp(slope[found == region], axis=0).max() <= 4 * 4
    assert found.max() >= 3


def test_a_blotchy_answer_is_as_uneven_as_its_blotches() -> None:
    truth = COAT_AND_WALL.copy()
    truth[..., 1:] = noisy(truth, 1)
    blotchy = COAT_AND_WALL[..., 1:] + 3 * (truth - COAT_AND_WALL)[..., 1:]
    found = tally(truth, blotchy)
    assert found.true_spread.sum() == pytest.approx(128, rel=0.2)  # the coat's; a wall has no hue
    assert found.spread.sum() / found.true_spread.sum() == pytest.approx(3)


def test_two_things_of_different_colours_do_not_make_an_answer_uneven() -> None:
    truth = halves((50, 20, 0), (50, 0, 30))
    found = tally(truth, halves((50, 0, 20), (50, -20, 0))[..., 1:])
    assert found.spread.sum() == 0


def test_colour_difference_equals_that_of_published_pairs() -> None:
    # Sharma, Wu & Dalal 2005, "The CIEDE2000 color-difference formula", table 1, pair 1
    truth = halves((50, 2.6772, -79.7751), (50, 2.6772, -79.7751))
    answer = halves((50, 0, -82.7485), (50, 2.6772, -79.7751))[..., 1:]
    assert tally(truth, answer).ciede2000[0] == pytest.approx(2.0425 / 2, abs=1e-4)
