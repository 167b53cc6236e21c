"""Finding the thing at a place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from retint.color.lab import Float32
from retint.color.size import SizeRequirement
from retint.colorizers.guided_unet import GuidedUNet
from retint.colorizers.options import GuidedOptions
from retint.colorizers.parts import things
from retint.colorizers.parts.network import Description
from retint.colorizers.parts.things import Finder, connected, spread
from retint.files import Photo
from retint.hints import Hint, Hints
from retint.hints.dots import Dots
from retint.picture.pipeline import Pipeline

LAYER = np.zeros((257, 384), np.float32)


class Rings:
    """Stands in for the network: the thing at a place is what is within a fifth of the picture."""

    description = Description("things", 128, SizeRequirement(16, 16))

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.told: list[list[float]] = []

    def channels(self, name: str) -> int:
        return {"layer8": 384, "layer12": 384, "kept": 44, "clicked": 50}.get(name, 1)

    def run(self, outputs: Sequence[str], inputs: Mapping[str, Float32]) -> list[Float32]:
        if list(outputs) == ["embedded"]:
            assert inputs["layer8"].shape == inputs["layer12"].shape == (1, 384, 16, 16)
            assert inputs["light"].shape == (1, 1, 128, 128)
            return [np.zeros((1, 44, 64, 64), np.float32)]
        assert list(outputs) == ["shares"]
        x, y = inputs["clicked"][0, -5:-3, :, 0]
        self.asked.append(len(x))
        self.told += inputs["clicked"][0, -3:, :, 0].T.tolist()
        centres = (np.arange(64) + 0.5) / 64
        across, down = centres - x[:, None], centres - y[:, None]
        near = np.hypot(across[:, None, :], down[:, :, None]) < 0.2
        return [np.stack([near, near * 0.5], axis=1).astype(np.float32)]


def finder(network: Rings, lightness: Float32) -> Finder:
    return Finder(cast(Any, network), (LAYER, LAYER), lightness)


GRAY = np.full((60, 120), 50, np.float32)


def test_masks_come_in_the_order_of_their_places() -> None:
    found = finder(Rings(), GRAY).masks(np.array([[0.2, 0.3], [0.8, 0.7], [0.2, 0.3]], np.float32))
    assert found.shape == (3, 2, 64, 64)
    rows, columns = (found[:2, 0].mean(axis=each).argmax(axis=-1) for each in (2, 1))
    np.testing.assert_allclose(found[0], found[2])
    assert found[0, 0, 19, 12] == found[1, 0, 45, 51] == 1
    assert found[0, 0, 45, 51] == found[1, 0, 19, 12] == 0
    assert rows[0] < rows[1]
    assert columns[0] < columns[1]


def test_a_place_is_decoded_once() -> None:
    network = Rings()
    found = finder(network, GRAY)
    one, two = (0.2, 0.3), (0.8, 0.7)
    for places in ([one], [one, two], [two, one, one]):
        found.masks(np.array(places, np.float32))
    assert network.asked == [1, 1]


def test_the_network_is_told_the_chosen_colors_only() -> None:
    network = Rings()
    seen = finder(network, GRAY)
    dots = dots_of((24, 30, 40, 10), without=((52, 30),))
    spread(seen, dots, GRAY)
    unknown = [0, 0, 0]
    assert network.told == [unknown, unknown]
    spread(seen, replace(dots, chosen=np.array([[20, -10]], np.float32)), GRAY)
    assert network.told[2:] == [[1, 0.5, -0.25]]  # what was taken away has been decoded before


def test_a_thing_is_in_one_piece() -> None:
    mask = np.zeros((6, 8), np.float32)
    mask[:, :3], mask[:, 6:] = 0.9, 0.8
    mask[2, 3:6] = 0.3
    found = connected(mask, 1, 1)
    assert (found[:, :3] == mask[:, :3]).all()
    np.testing.assert_allclose(found[:, 6:], 0.3)
    np.testing.assert_allclose(found[2, 3:6], 0.3)
    assert not connected(np.pad(mask, ((0, 0), (0, 3))), 1, 10).any()


def test_only_so_many_masks_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(things, "KEPT", 2)
    network = Rings()
    found = finder(network, GRAY)
    places = np.array([[0.1, 0.1], [0.5, 0.5], [0.9, 0.9]], np.float32)
    assert len(found.masks(places)) == 3
    found.masks(places[1:])
    assert network.asked == [3]
    found.masks(places[:1])
    assert network.asked == [3, 1]


def dots_of(*dots: tuple[int, int, int, int], without: tuple[tuple[int, int], ...] = ()) -> Dots:
    """Dots x, y, a*, b*, of which the first is without these places."""
    found = np.array(dots, np.float32)
    size = np.array([120, 60], np.float32)
    excluded = np.array(without, np.float32).reshape(-1, 2)
    owners = np.zeros(len(excluded), np.intp)
    return Dots(found[:, :2] / size, found[:, 2:], excluded / size, owners)


def test_dots_color_their_things() -> None:
    dots = dots_of((24, 30, 40, 10), (96, 30, -10, -40))
    planes = spread(finder(Rings(), GRAY), dots, GRAY)
    assert planes.shape == (60, 120, 4)
    np.testing.assert_allclose(planes[30, 24], [1, 0.5, 40, 10], atol=0.1)
    np.testing.assert_allclose(planes[30, 96], [1, 0.5, -10, -40], atol=0.1)
    assert planes[30, 60, 0] == planes[5, 5, 0] == 0


def test_a_thing_is_without_what_was_taken_away() -> None:
    dot = (24, 30, 40, 10)
    whole, rest = (
        spread(finder(Rings(), GRAY), dots_of(dot, without=each), GRAY)[..., 0]
        for each in ((), ((52, 30),))
    )
    assert whole[30, 40] == whole[30, 10] == 1
    assert rest[30, 40] <= 0.55
    assert rest[30, 10] == 1


def test_a_dot_keeps_its_own_place_whatever_is_taken_away() -> None:
    dot = (24, 30, 40, 10)
    found = spread(finder(Rings(), GRAY), dots_of(dot, without=((26, 30),)), GRAY)
    assert found[30, 24, 0] > 0.9


def test_what_is_taken_away_from_one_thing_stays_in_another() -> None:
    found = spread(
        finder(Rings(), GRAY),
        dots_of((24, 30, 40, 10), (44, 30, -10, -40), without=((44, 30),)),
        GRAY,
    )
    assert found[30, 46, 0] == 1
    assert found[30, 46, 2] < 0


def test_colors_change_gradually_between_dots_of_one_thing() -> None:
    dots = dots_of((40, 30, 40, 0), (50, 30, 0, 0))
    red = spread(finder(Rings(), GRAY), dots, GRAY)[30, 38:52, 2]
    assert (np.diff(red) < 0).all()
    assert red[0] > 35
    assert red[-1] < 10


def test_masks_follow_the_edges_of_lightness() -> None:
    lightness = GRAY.copy()
    lightness[:, 61:] = 90  # between the cells of masks
    grid = np.zeros((1, 2, 64, 64), np.float32)
    grid[..., :33] = 1

    class Left(Rings):
        def run(self, outputs: Sequence[str], inputs: Mapping[str, Float32]) -> list[Float32]:
            return super().run(outputs, inputs) if "embedded" in outputs else [grid]

    dots = dots_of((20, 30, 40, 0))
    mask = spread(finder(Left(), lightness), dots, lightness)[30, :, 0]
    assert mask[58] - mask[64] > 0.8
    assert mask[60] - mask[61] > 0.3


def test_without_the_network_dots_color_what_is_similar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(things, "NAME", "missing")
    colorizer = GuidedUNet(GuidedOptions(threads=1))
    assert colorizer.weights_of_things == []
    grey = np.tile(np.linspace(40, 200, 64).astype(np.uint8), (64, 1))
    view = Pipeline(colorizer, threads=1).open(Photo(grey))
    thing, plain = (
        view.chroma(Hints((Hint(20, 30, "#a04040", thing=each),))) for each in (True, False)
    )
    np.testing.assert_array_equal(thing, plain)
