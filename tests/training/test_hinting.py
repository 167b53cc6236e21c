from __future__ import annotations

import numpy as np
import pytest

from retint.training.data.hinting import LARGEST_PATCH, _count, simulated_hints
from retint.training.recipe import Hinting

RAMP = np.stack(np.meshgrid(np.linspace(-40, 40, 64), np.linspace(-30, 30, 48)), axis=-1).astype(
    np.float32
)
"""a*, b* [48, 64, 2], another colour everywhere."""
POINTS = Hinting(none=0.0, points=6)


def drawn(how: Hinting, seed: int) -> np.ndarray:
    return drawn_on(RAMP, how, seed)


def drawn_on(chroma: np.ndarray, how: Hinting, seed: int) -> np.ndarray:
    return simulated_hints(chroma, np.random.default_rng(seed), how)


def test_shares_of_pictures_without_and_with_all_hints() -> None:
    filled = [drawn(Hinting(none=0.4, full=0.2, points=2), k)[2].mean() for k in range(400)]
    assert np.mean([share == 0 for share in filled]) == pytest.approx(0.4, abs=0.07)
    assert np.mean([share == 1 for share in filled]) == pytest.approx(0.2, abs=0.06)


def test_full_hints_are_the_chroma() -> None:
    planes = drawn(Hinting(none=0, full=1), 0)
    np.testing.assert_allclose(planes[:2].transpose(1, 2, 0) * 100, RAMP, rtol=1e-5)
    assert planes[2].min() == 1


def test_a_patch_has_the_mean_colour_of_what_it_covers() -> None:
    for seed in range(20):
        planes = drawn(Hinting(none=0, points=1), seed)
        rows, columns = np.nonzero(planes[2])
        assert np.ptp(rows) == np.ptp(columns) < LARGEST_PATCH
        mean = RAMP[rows, columns].mean(axis=0)
        np.testing.assert_allclose(planes[:2, rows[0], columns[0]] * 100, mean, atol=1e-3)
        assert (planes[:2][:, planes[2] == 0] == 0).all()


def test_patches_of_every_size_gather_around_the_middle() -> None:
    places, sides = [], set()
    for seed in range(300):
        rows, columns = np.nonzero(drawn(Hinting(none=0, points=1, spread=0.1), seed)[2])
        places.append((rows.mean() / 47, columns.mean() / 63))
        sides.add(int(np.ptp(rows)) + 1)
    assert sides == set(range(1, LARGEST_PATCH + 1))
    np.testing.assert_allclose(np.mean(places, axis=0), 0.5, atol=0.03)
    np.testing.assert_allclose(np.std(places, axis=0), 0.1, atol=0.02)


def test_number_of_points_is_geometric() -> None:
    class Counting:
        """A generator that notes what it is asked for."""

        def __init__(self) -> None:
            self.rng = np.random.default_rng(0)
            self.counts: list[int] = []

        def geometric(self, share: float) -> int:
            self.counts.append(int(self.rng.geometric(share)))
            return self.counts[-1]

        def __getattr__(self, name: str) -> object:
            return getattr(self.rng, name)

    rng = Counting()
    for _ in range(400):
        simulated_hints(RAMP, rng, POINTS)  # type: ignore[arg-type]
    assert np.mean(rng.counts) == pytest.approx(6, rel=0.15)


def test_noise_and_carelessness_of_hints_change_colours_and_not_places() -> None:
    exact = drawn(Hinting(none=0, points=1), 5)
    noisy = drawn(Hinting(none=0, points=1, noise=5), 5)
    careless = drawn(Hinting(none=0, points=1, careless=1, slip=0.2), 5)
    for other in (noisy, careless):
        np.testing.assert_array_equal(other[2], exact[2])
        assert np.abs(other[:2] - exact[:2]).max() > 0.005


def test_unusual_colours_are_hinted_first() -> None:
    field = np.zeros((64, 64, 2), np.float32)
    field[40:52, 8:20], field[8:20, 40:52] = (60, 0), (0, -60)
    both = 0
    for seed in range(50):
        planes = drawn_on(field, Hinting(none=0, most=2, unusual=1), seed)
        hinted = planes[:2, planes[2] > 0].T
        assert np.linalg.norm(hinted, axis=1).max() > 0.1  # never the grey that most of it is
        both += len(np.unique(hinted.round(1), axis=0)) == 2
    assert both > 10  # where there are two, the second is of the other colour


def test_pictures_smaller_than_a_patch_are_hinted_too() -> None:
    tiny = RAMP[:4, :3]
    for seed in range(10):
        assert simulated_hints(tiny, np.random.default_rng(seed), POINTS)[2].max() == 1


def test_all_orders_of_magnitude_of_points_are_alike() -> None:
    how = Hinting(none=0, most=256)
    counts = [_count(np.random.default_rng(k), how) for k in range(2000)]
    assert (min(counts), max(counts)) == (1, 256)
    assert np.mean(np.array(counts) <= 16) == pytest.approx(0.5, abs=0.04)


def test_a_stroke_goes_on_while_its_colour_does() -> None:
    halves = np.zeros((64, 64, 2), np.float32)
    halves[:, 32:] = 40
    longest = 0
    for seed in range(200):
        how = Hinting(none=0, most=1, strokes=1)
        planes = simulated_hints(halves, np.random.default_rng(seed), how)
        drawn = planes[2] > 0
        rows, columns = np.nonzero(drawn)
        longest = max(longest, int(np.ptp(rows)), int(np.ptp(columns)))
        assert len(np.unique(planes[0][drawn])) == 1  # a stroke has one colour
        # It may lie over the edge by as much as still looks alike.
        wrong = np.abs(planes[0] * 100 - halves[..., 0])[drawn]
        assert np.mean(wrong > 25) < 0.5
    assert longest > LARGEST_PATCH
