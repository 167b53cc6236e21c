"""Turning, straightening and cropping of results."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from retint.errors import PhotoError
from retint.files import Photo
from retint.files.turn import Turn
from retint.picture.finish import Finish
from retint.picture.geometry import inner_size, placed, straightened, turned


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_orientation_followed_by_four_quarters_is_itself(orientation: int) -> None:
    turn = Turn(orientation, 40, 30)
    assert turn.then(360) == turn
    assert turn.then(90).then(180) == turn.then(270) == turn.then(-90)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_turns_keep_each_value(dtype: Any) -> None:
    rng = np.random.default_rng(0)
    top = 1 if dtype == np.float32 else np.iinfo(dtype).max
    pixels, alpha = ((rng.random((30, 40, *n)) * top).astype(dtype) for n in ((3,), ()))
    found = turned(Photo(pixels, alpha), 90)
    np.testing.assert_array_equal(found.pixels, np.rot90(pixels, -1))
    np.testing.assert_array_equal(found.alpha, np.rot90(alpha, -1))
    back = turned(found, 270)
    np.testing.assert_array_equal(back.pixels, pixels)


def test_a_sloping_horizon_becomes_level() -> None:
    """It rises to the right by 4 degrees, so it is rotated clockwise."""
    picture = np.full((200, 300), 220, np.uint8)
    slope = np.tan(np.radians(4))
    corners = [(0, 100 + 150 * slope), (300, 100 - 150 * slope), (300, 200), (0, 200)]
    cv2.fillPoly(picture, [np.array(corners).round().astype(int)], 40)
    found = straightened(picture, 4)
    edges = (found < 130).argmax(axis=0)
    assert np.ptp(edges) <= 1
    assert abs(edges.mean() - found.shape[0] / 2) < 1.5
    assert set(np.unique(found[[0, -1]])) == {40, 220}


@pytest.mark.parametrize("degrees", [-45, -2, 0.5, 10, 45])
@pytest.mark.parametrize("size", [(100, 300), (301, 299), (7, 2000)])
def test_no_corner_is_empty(degrees: float, size: tuple[int, int]) -> None:
    grey = np.full(size, 90, np.uint8)
    edge = cv2.copyMakeBorder(grey, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(90,))
    assert (straightened(edge, degrees) == 90).all()
    angle = abs(np.radians(degrees))
    height, width = inner_size(size, degrees)
    # The corners of the inner rectangle lie within the picture.
    assert width * np.cos(angle) + height * np.sin(angle) <= size[1] + 1
    assert width * np.sin(angle) + height * np.cos(angle) <= size[0] + 1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_straightening_keeps_the_range(dtype: Any) -> None:
    top = 1 if dtype == np.float32 else np.iinfo(dtype).max
    checks = (np.indices((60, 80)).sum(axis=0) % 8 < 4).astype(dtype) * dtype(top)
    found = placed(Photo(checks, checks), Finish(straighten=7.5), 0)
    assert found.pixels.dtype == dtype
    assert found.pixels.min() >= 0
    assert found.pixels.max() <= top
    assert found.alpha is not None
    assert found.alpha.shape == found.pixels.shape


def test_a_crop_refers_to_the_turned_picture() -> None:
    pixels = np.arange(30 * 40, dtype=np.uint16).reshape(30, 40)
    found = placed(Photo(pixels), Finish(turn="90", crop="10,0,5,50%"), 90)
    np.testing.assert_array_equal(found.pixels, np.rot90(pixels, -1)[:20, 10:15])
    small = placed(Photo(pixels[::2, ::2]), Finish(crop="10,0,20,50%"), 0, (30, 40))
    assert small.size == (8, 10)
    with pytest.raises(PhotoError, match="not inside"):
        placed(Photo(pixels), Finish(crop="10,0,31,50%"), 90)


def test_a_picture_beyond_the_limit_is_refused() -> None:
    with pytest.raises(PhotoError, match="too large"):
        placed(Photo(np.zeros((2, 40_000), np.uint8)), Finish(straighten=1), 0)
