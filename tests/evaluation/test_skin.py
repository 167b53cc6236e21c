from __future__ import annotations

import numpy as np
import pytest

from retint.color import lab
from retint.evaluation.skin import (
    GROUPS,
    group_of,
    hue_error,
    is_skin,
    shows_people,
    tally,
    typology_angle,
)

TONES = {
    "light": (234, 192, 170),
    "tan": (190, 140, 110),
    "dark": (85, 55, 42),
}


@pytest.mark.parametrize("tone", TONES.values())
def test_skin_of_every_lightness_is_found(tone: tuple[int, int, int]) -> None:
    assert is_skin(np.full((2, 2, 3), tone, np.uint8)).all()


@pytest.mark.parametrize(
    "colour", [(60, 90, 200), (40, 140, 50), (128, 128, 128), (255, 255, 255), (220, 20, 30)]
)
def test_sky_leaves_grey_and_signal_red_are_not_skin(colour: tuple[int, int, int]) -> None:
    assert not is_skin(np.full((2, 2, 3), colour, np.uint8)).any()


def test_typology_angle_equals_that_by_hand() -> None:
    # L* 60, b* 10: atan(1) is 45 degrees; L* 40, b* 10: -45
    colours = np.array([[60, 8, 10], [40, 8, 10], [50, 8, 10]], np.float32)
    np.testing.assert_allclose(typology_angle(colours), [45, -45, 0])
    names = list(GROUPS)
    assert [names[k] for k in group_of(colours)] == ["light", "dark", "brown"]


def test_groups_follow_the_published_limits() -> None:
    angles = np.array([56, 55, 42, 41, 29, 28, 11, 10, -29, -30, -31])
    b = np.float32(10)
    lightness = 50 + b * np.tan(np.radians(angles))
    colours = np.stack([lightness, np.zeros(11), np.full(11, b)], axis=-1).astype(np.float32)
    nudged = colours - np.array([1e-3, 0, 0], np.float32)  # limits belong to the darker group
    assert group_of(nudged).tolist() == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_hue_error_is_signed() -> None:
    truth = np.array([[50, 10, 10]], np.float32)
    yellower = np.array([[50, 0, 10]], np.float32)
    assert hue_error(yellower, truth)[0] == pytest.approx(45)
    assert hue_error(truth, yellower)[0] == pytest.approx(-45)


def test_tally_counts_only_skin() -> None:
    original = np.zeros((4, 4, 3), np.uint8)
    original[:2] = TONES["tan"]
    coloured = original.copy()
    coloured[2:] = (0, 255, 0)  # wrong, but not skin
    found = tally(coloured, original)
    assert sum(found.pixels) == 8
    assert sum(found.ciede2000) == 0
    truth = lab.rgb_to_lab(original[0, 0])
    assert sum(found.original_chroma) == pytest.approx(8 * np.hypot(truth[1], truth[2]), rel=1e-4)


def test_a_picture_without_skin_counts_no_pixel() -> None:
    blue = np.full((3, 3, 3), (20, 60, 200), np.uint8)
    assert sum(tally(blue, blue).pixels) == 0


def test_sources_of_people_go_by_their_names() -> None:
    assert shows_people("people")
    assert shows_people("Faces")
    assert not shows_people("animals")
    assert not shows_people("")
