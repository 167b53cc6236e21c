"""Pictures that lie on their side are shown upright to the methods."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray

import retint
from retint.api import load_pipeline
from retint.color.lab import Float32
from retint.color.size import SizeRequirement
from retint.colorizers.base import Colorizer, Look
from retint.colorizers.parts.framed import Framed, turned
from retint.colorizers.parts.upright import SURE, Compass, Upright
from retint.errors import UsageError
from retint.files import Photo
from retint.hints import Hint, Hints, chroma_of
from retint.hints.length import pixels
from retint.options import MachineOptions
from retint.picture.pipeline import Pipeline
from retint.picture.reference import Reference

CELL = 8


class SkyLook(Look):
    """Blue at the top of what it sees, and what hints say."""

    takes_hints = True

    def __init__(self, lightness: Float32) -> None:
        super().__init__("sky")
        self.lightness = lightness

    def _chroma(self, hints: Float32 | None) -> Float32:
        chroma = np.zeros((*self.lightness.shape, 2), np.float32)
        chroma[: len(chroma) // 4, :, 1] = -40
        return chroma if hints is None else np.where(hints[..., 2:] > 0, hints[..., :2], chroma)

    def _variants(
        self,
        count: int,
        hints: Float32 | None,
        base: Float32 | None,  # noqa: ARG002
    ) -> list[Float32]:
        return [self._chroma(hints)] * count

    def _certainty(self, hints: Float32 | None) -> Float32:
        return self._chroma(hints)[..., 1] / np.float32(-40)

    def rgb(self) -> Float32:
        return np.repeat(self._certainty(None)[..., None], 3, axis=-1)


@dataclass
class Sky(Colorizer):
    name = "sky"
    look_class = SkyLook
    native = 48
    size = SizeRequirement(CELL, CELL)
    options: MachineOptions = field(default_factory=MachineOptions)

    def look(self, lightness: Float32) -> SkyLook:
        return SkyLook(lightness)


LIGHT = np.random.default_rng(0).uniform(10, 90, (48, 72)).astype(np.float32)
"""L* of an upright picture."""
TURNS = pytest.mark.parametrize("turn", [0, 1, 2, 3])


def fallen(planes: NDArray[Any], turn: int) -> NDArray[Any]:
    """Planes that need so many quarter turns clockwise to be upright."""
    return np.ascontiguousarray(np.rot90(planes, turn))


@TURNS
def test_results_are_turned_back_as_the_picture_lies(turn: int) -> None:
    upright = Framed(Sky(), LIGHT)
    framed = Framed(Sky(), fallen(LIGHT, turn), upright=lambda _: turn)
    for find in (Framed.chroma, lambda each: each.variants(2)[1], Framed.certainty, Framed.rgb):
        np.testing.assert_allclose(find(framed), fallen(find(upright), turn), atol=1e-6)


@TURNS
def test_sizes_that_need_padding_keep_their_size_and_top(turn: int) -> None:
    light = fallen(LIGHT[:45, :67], turn)
    chroma = Framed(Sky(), light, upright=lambda _: turn).chroma()
    assert chroma.shape == (*light.shape, 2)
    assert turned(chroma, turn)[:8, 8:-8, 1].max() == -40


@TURNS
def test_hints_stay_where_they_are_in_the_file(turn: int) -> None:
    hints = np.zeros((48, 72, 3), np.float32)
    hints[30:33, 50:60] = 60, 20, 1
    chroma = Framed(Sky(), fallen(LIGHT, turn), upright=lambda _: turn).chroma(fallen(hints, turn))
    np.testing.assert_allclose(turned(chroma, turn)[30:33, 50:60], [[[60, 20]] * 10] * 3)


SQUARE = 100 / 16
"""Percent of a side in which there is at most one hint."""


def test_a_reference_is_matched_in_the_turned_picture(coffee: NDArray[np.uint8]) -> None:
    small = np.ascontiguousarray(coffee[::2, ::2])
    grey = small[..., 1]
    plain, sideways = (Pipeline(Sky(), 1, upright=Upright(turn)) for turn in (0, 1))
    known = Reference(plain, Photo(small))
    upright, turned_ = (
        known.hints(pipeline.open(Photo(photo)))
        for pipeline, photo in ((plain, grey), (sideways, fallen(grey, 1)))
    )

    def by_square(hints: Hints, *, back: bool) -> dict[tuple[int, int], NDArray[np.float32]]:
        """a*, b* of the hint in each square of the upright picture, which has one at most."""
        found: dict[tuple[int, int], NDArray[np.float32]] = {}
        for each in hints.stated.points:
            x, y = pixels(each.x, 100), pixels(each.y, 100)
            x, y = (100 - y, x) if back else (x, y)
            found[int(x // SQUARE), int(y // SQUARE)] = np.array(chroma_of(each.color), np.float32)
        return found

    def differing(one: dict[Any, Any], other: dict[Any, Any]) -> float:
        both = one.keys() & other.keys()
        assert len(both) > 200
        return float(np.mean([np.linalg.norm(one[key] - other[key]) for key in both]))

    expected = by_square(upright, back=False)
    turned_back, as_it_lies = (by_square(turned_, back=back) for back in (True, False))
    assert differing(expected, turned_back) < 3
    assert differing(expected, as_it_lies) > 10


@pytest.mark.parametrize("method", ["guided-unet", "unet"])
@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_turned_picture_gets_the_colours_of_the_upright_one(
    coffee: NDArray[np.uint8], method: str, turn: int
) -> None:
    grey = np.ascontiguousarray(coffee[:384, :576, 1][::2, ::2])
    upright = retint.colorize(grey, method, upright="off", threads=1)
    same, other = (
        retint.colorize(fallen(grey, turn), method, upright=degrees, threads=1).astype(int)
        for degrees in (90 * turn, "off")
    )
    difference = np.abs(same - fallen(upright, turn))
    assert difference.max() <= 2
    assert np.abs(other - fallen(upright, turn)).mean() > 2 * difference.mean() + 1


def test_a_hint_colours_its_place_in_a_turned_picture(coffee: NDArray[np.uint8]) -> None:
    grey = fallen(coffee[::3, ::3, 1], 1)
    plain, hinted = (
        retint.colorize(grey, upright=90, threads=1, hints=hints).astype(int)
        for hints in ([], [Hint("25%", "20%", "navy")])
    )
    height, width = grey.shape
    change = np.abs(hinted - plain).sum(axis=-1)
    y, x = height // 5, width // 4
    assert change[y - 3 : y + 4, x - 3 : x + 4].mean() > 30
    red, _, blue = hinted[y, x]
    assert blue > red + 30


def seen_as(*answers: list[float]) -> Compass:
    """A compass that answers each look with the next of these probabilities."""
    compass = object.__new__(Compass)
    left = iter(answers)
    setattr(compass, "likely", lambda _: np.array(next(left), np.float32))  # noqa: B010
    return compass


UP, LEFT, DOWN, RIGHT = (np.roll([0.97, 0.01, 0.01, 0.01], turn).tolist() for turn in range(4))
HARDLY = [0.4, 0.3, 0.2, 0.1]


@pytest.mark.parametrize(
    ("answers", "turn"),
    [
        ([UP], 0),
        ([LEFT, UP, RIGHT, DOWN], 1),
        ([DOWN, LEFT, UP, RIGHT], 2),
        ([RIGHT, DOWN, LEFT, UP], 3),
        # Hard to see as it lies, but not from the other sides.
        ([HARDLY, UP, RIGHT, DOWN], 1),
        ([HARDLY, HARDLY, HARDLY, HARDLY], 0),
        # Turned, it seems to need the turn back.
        ([LEFT, RIGHT, RIGHT, LEFT], 0),
    ],
    ids=["upright", "90", "180", "270", "unclear", "no up", "contradiction"],
)
def test_a_picture_is_turned_if_the_looks_agree(answers: list[list[float]], turn: int) -> None:
    assert seen_as(*answers).turn(LIGHT) == turn


def test_probabilities_add_up_and_a_close_up_is_left_alone() -> None:
    pipeline = load_pipeline("guided-unet", threads=1)
    compass = pipeline.upright.compass
    assert compass is not None
    grain = np.random.default_rng(0).normal(50, 2, (192, 192)).astype(np.float32)
    likely = compass.likely(grain)
    assert likely.sum() == pytest.approx(1, abs=1e-5)
    assert likely.max() < SURE
    assert pipeline.open(Photo(np.full((192, 192), 128, np.uint8))).turn == 0


@TURNS
@pytest.mark.parametrize("method", ["guided-unet", "unet"])
def test_a_portrait_is_found_upright_whatever_its_turn(method: str, turn: int) -> None:
    portrait: NDArray[np.uint8] = skimage.data.astronaut()  # type: ignore[no-untyped-call]
    view = load_pipeline(method, threads=1).open(Photo(fallen(portrait[..., 1], turn)))
    assert view.turn == 90 * turn


def test_methods_that_do_not_see_the_picture_look_for_no_upright_side() -> None:
    pipeline = load_pipeline("mean", threads=1)
    assert pipeline.upright == Upright()
    assert pipeline.upright.weights == []


@pytest.mark.parametrize("given", [45, "sideways", True, 90.0])
def test_other_values_are_refused(given: Any) -> None:
    with pytest.raises(UsageError, match="upright"):
        load_pipeline("mean", upright=given)
