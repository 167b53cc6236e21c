"""Dots that color the things that they lie on."""

from __future__ import annotations

import numpy as np
import pytest

from retint.color.lab import Float32
from retint.color.size import SizeRequirement
from retint.colorizers import Colorizer
from retint.colorizers.base import Look
from retint.colorizers.parts.framed import Framed
from retint.files import Photo
from retint.hints import Hint, Hints, Rectangle, chroma_of
from retint.hints.dots import Dots
from retint.options import MachineOptions
from retint.picture.dots import Spread, changes
from retint.picture.pipeline import Pipeline, View

SIZE = (64, 96)
LEFT, RIGHT = np.s_[:, :40], np.s_[:, 56:]


class Halves(Look):
    """The left half is one thing, the right half another; hints flood the picture."""

    takes_hints = True

    def __init__(self, knows_things: bool) -> None:
        super().__init__("halves")
        self.finds = knows_things

    def _chroma(self, hints: Float32 | None) -> Float32:
        chroma = np.zeros((*SIZE, 2), np.float32)
        if hints is None or not hints[..., 2].any():
            return chroma
        mean: Float32 = hints[hints[..., 2] > 0][:, :2].mean(axis=0)
        return chroma + mean

    def spread(self, dots: Dots) -> Float32 | None:
        if not self.finds:
            return None
        planes = np.zeros((*SIZE, 4), np.float32)
        for (x, _), color in zip(dots.places, dots.colors, strict=True):
            half = np.s_[:, :48] if x < 0.5 else np.s_[:, 48:]
            planes[half] = (1, 1, *color)
        return planes


class OfHalves(Colorizer):
    name = "halves"
    look_class = Halves
    options = MachineOptions()
    native = 64
    size = SizeRequirement()

    def __init__(self, knows_things: bool = True) -> None:
        self.knows_things = knows_things

    def look(self, lightness: Float32) -> Look:
        assert lightness.shape == SIZE
        return Halves(self.knows_things)


def opened(knows_things: bool = True) -> View:
    grey = np.full(SIZE, 119, np.uint8)
    return Pipeline(OfHalves(knows_things), threads=1).open(Photo(grey))


def test_a_dot_colors_its_thing_and_nothing_else() -> None:
    chroma = opened().chroma(Hints((Hint(20, 30, "#a04040", thing=True),)))
    assert chroma[LEFT][..., 0].min() > 20
    assert np.abs(chroma[RIGHT]).max() == 0


def test_a_dot_with_a_reach_colors_as_before() -> None:
    chroma = opened().chroma(Hints((Hint(20, 30, "#a04040", thing=False),)))
    assert chroma[RIGHT][..., 0].min() > 20


def test_without_things_a_dot_colors_what_is_similar() -> None:
    thing, plain = (
        opened(knows_things=False).chroma(Hints((Hint(20, 30, "#a04040", thing=each),)))
        for each in (True, False)
    )
    np.testing.assert_array_equal(thing, plain)


def test_two_things_keep_their_colors() -> None:
    red, blue = Hint(20, 30, "#a04040", thing=True), Hint(80, 30, "#4040a0", thing=True)
    chroma = opened().chroma(Hints((red, blue)))
    assert chroma[LEFT][..., 1].min() > chroma[RIGHT][..., 1].max() + 5


def test_shades_within_a_thing_are_kept() -> None:
    """The method's own colors vary within the left half; the dot adds the same change to all."""
    shades = np.zeros((*SIZE, 2), np.float32)
    shades[:32, :, 0] = 10
    dots = Dots.of((Hint(20, 10, "#a04040", thing=True),), SIZE)
    change = changes(dots, np.full(SIZE, 50, np.float32), shades)
    red, _ = chroma_of("#a04040")
    assert change.colors[0, 0] == pytest.approx(red - 10, abs=0.5)
    planes = np.zeros((*SIZE, 4), np.float32)
    planes[LEFT] = (1, 1, *change.colors[0])
    filled = Spread(planes, None).filled(shades, shades)
    assert filled[10, 10, 0] - filled[50, 10, 0] == pytest.approx(10)
    np.testing.assert_array_equal(filled[RIGHT], shades[RIGHT])


def test_methods_are_told_the_color_that_a_place_can_have() -> None:
    dots = Dots.of((Hint(20, 10, "#ff0000", thing=True),), SIZE)
    assert dots.chosen is None
    chosen = changes(dots, np.full(SIZE, 90, np.float32), np.zeros((*SIZE, 2), np.float32)).chosen
    assert chosen is not None
    red, yellow = chroma_of("#ff0000")
    assert 3 < chosen[0, 0] < red / 2  # no light grey is as red as this
    assert chosen[0, 1] / chosen[0, 0] == pytest.approx(yellow / red, abs=0.01)


def test_other_hints_within_a_thing_keep_their_areas() -> None:
    dot = Hint(20, 30, "#a04040", thing=True)
    button = Rectangle(28, 40, 10, 10, "#4040a0", reach=0.0)
    chroma = opened().chroma(Hints((dot,), rectangles=(button,)))
    assert chroma[45, 33, 1] < chroma[5, 5, 1] - 8


@pytest.mark.parametrize("hints", [None, Hints()])
def test_no_hints_color_no_things(hints: Hints | None) -> None:
    assert np.abs(opened().chroma(hints)).max() == 0


def test_the_thing_at_a_place_is_told_without_a_color() -> None:
    found = opened().prediction.thing((80, "50%"))
    assert found is not None
    assert found[RIGHT].min() == 1
    assert found[LEFT].max() == 0
    assert opened(knows_things=False).prediction.thing((80, 30)) is None


def test_dots_are_moved_with_their_colors() -> None:
    dots = Dots.of((Hint(20, 10, "#a04040", thing=True, without=(("50%", 5),)),), SIZE)
    moved = changes(dots, np.full(SIZE, 50, np.float32), np.zeros((*SIZE, 2), np.float32)).moved(
        lambda places: places / np.float32(2)
    )
    np.testing.assert_allclose(moved.places, dots.places / 2)
    np.testing.assert_allclose(moved.excluded, dots.excluded / 2)
    assert moved.chosen is not None


class Spots(Halves):
    """A thing is what is near the dot."""

    def __init__(self, size: tuple[int, ...]) -> None:
        super().__init__(knows_things=True)
        self.size = size

    def spread(self, dots: Dots) -> Float32:
        height, width = self.size
        ys, xs = (np.indices(self.size) + 0.5) / np.array([height, width])[:, None, None]
        ((x, y),) = dots.places
        near = np.hypot(xs - x, ys - y) < 0.1
        return np.stack([near] * 4, axis=-1).astype(np.float32)


class OfSpots(OfHalves):
    size = SizeRequirement(16, 16)

    def look(self, lightness: Float32) -> Look:
        return Spots(lightness.shape)


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("inside", [None, (slice(10, 50), slice(20, 90))])
def test_a_thing_is_where_its_dot_is_however_the_method_sees_the_picture(
    turn: int, inside: tuple[slice, slice] | None
) -> None:
    framed = Framed(OfSpots(), np.full((60, 100), 50, np.float32), inside, lambda _: turn)
    found = framed.spread(Dots.of((Hint(40, 20, "red"),), (60, 100)))
    assert found is not None
    assert found.shape == (60, 100, 4)
    rows, columns = np.nonzero(found[..., 0])
    assert rows.mean() == pytest.approx(19.5, abs=0.8)
    assert columns.mean() == pytest.approx(39.5, abs=0.8)
