"""The skin of a picture gets one colour."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray

from retint.color import lab
from retint.color.lab import Float32
from retint.colorizers import load_colorizer
from retint.colorizers.guided_unet import GuidedUNet
from retint.colorizers.parts import semantics
from retint.colorizers.parts.skin import FROM, WEIGHT, drawn_together, probable
from retint.evaluation.photographs import greyed

FACE, GREY, WALL = (14.0, 16.0), (1.0, 1.0), (-5.0, 8.0)


def colors() -> Float32:
    """A face above, an arm that was left grey beside a grey sleeve, and a wall."""
    planes = np.full((32, 32, 2), WALL, np.float32)
    planes[4:10, 12:20] = FACE
    planes[16:28, 6:16] = GREY
    return planes


def skin(face: float = 0.95, arm: float = 0.9) -> Float32:
    found = np.zeros((32, 32), np.float32)
    found[4:10, 12:20] = face
    found[16:28, 6:10] = arm
    return found


def test_an_arm_gets_the_color_of_the_face() -> None:
    answer = colors() + drawn_together(colors(), skin())
    expected = np.array(GREY) + WEIGHT * (np.array(FACE) - GREY)
    np.testing.assert_allclose(answer[20, 8], expected, atol=0.5)


def test_a_face_and_what_is_no_skin_stay_as_they_are() -> None:
    change = drawn_together(colors(), skin())
    assert np.abs(change[4:10, 12:20]).max() < 0.7
    assert not change[skin() == 0].any()


def test_doubtful_skin_changes_less() -> None:
    sure, doubtful = (
        np.linalg.norm(drawn_together(colors(), skin(arm=each))[20, 8]) for each in (0.9, 0.3)
    )
    assert 0.1 * sure < doubtful < 0.5 * sure


def test_without_skin_nothing_changes() -> None:
    assert not drawn_together(colors(), np.full((32, 32), FROM, np.float32)).any()
    assert not drawn_together(colors(), np.zeros((32, 32), np.float32)).any()


def test_skin_without_any_color_stays_grey() -> None:
    assert np.abs(drawn_together(np.zeros((32, 32, 2), np.float32), skin())).max() < 1e-3


@pytest.fixture(scope="module")
def method() -> GuidedUNet:
    found = load_colorizer("guided-unet", device="cpu", threads=1)
    assert isinstance(found, GuidedUNet)
    return found


def test_the_shipped_network_finds_a_face_and_nothing_in_a_cup_of_coffee(
    method: GuidedUNet, coffee: NDArray[np.uint8]
) -> None:
    portrait: NDArray[np.uint8] = skimage.data.astronaut()  # type: ignore[no-untyped-call]
    assert method._recognizer is not None
    found = []
    for picture in (portrait, coffee):
        seen = semantics.seen(method._recognizer.semantics, lab.lightness(greyed(picture)))
        layers = {name: seen[name] for name in semantics.LAYERS}
        found.append(probable(method._recognizer.skin, layers))
    person, cup = found
    assert person[5:9, 13:16].mean() > 0.8  # her face
    assert person[:12, :6].mean() < 0.15  # the flag
    assert cup.max() < 0.3


def test_a_scene_changes_faces_more_than_other_things(method: GuidedUNet) -> None:
    portrait: NDArray[np.uint8] = skimage.data.astronaut()  # type: ignore[no-untyped-call]
    lightness = lab.lightness(greyed(np.asarray(cv2.resize(portrait, (192, 192)), np.uint8)))
    look = method.look(lightness)
    told = look.told(None)
    assert method._recognizer is not None
    networks = method._recognizer.semantics, method._recognizer.skin
    without = semantics.Scene(networks[0], lightness).even(told, told)
    with_it = semantics.Scene(networks[0], lightness, networks[1]).even(told, told)
    change = np.abs(with_it - without)
    assert change[12:54, 78:114].mean() > 3 * change[:70, :30].mean()  # her face, and the flag
