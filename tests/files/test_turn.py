"""Orientations of pixels and positions, against those of Pillow."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageOps

from retint.files.turn import Turn, known, turn_back, turn_upright

ORIENTATIONS = pytest.mark.parametrize("orientation", range(1, 9))
STORED = np.arange(15 * 3, dtype=np.uint8).reshape(3, 5, 3)


@ORIENTATIONS
def test_pixels_are_turned_upright_and_back(orientation: int) -> None:
    picture = Image.fromarray(STORED)
    picture.getexif()[0x0112] = orientation
    upright = turn_upright(STORED, orientation)
    np.testing.assert_array_equal(upright, np.asarray(ImageOps.exif_transpose(picture)))
    np.testing.assert_array_equal(turn_back(upright, orientation), STORED)


@ORIENTATIONS
def test_a_position_and_the_size_follow_the_pixels(orientation: int) -> None:
    turn = Turn(orientation, 5, 3)
    upright = turn_upright(STORED, orientation)
    assert turn.upright == (upright.shape[1], upright.shape[0])
    assert Turn.to(*turn.upright, orientation) == turn
    for row, column in np.ndindex(3, 5):
        x, y = turn.point(column, row, 4, 2)
        np.testing.assert_array_equal(upright[y, x], STORED[row, column])


@ORIENTATIONS
def test_mirroring_is_told_from_rotation(orientation: int) -> None:
    upright = turn_upright(STORED, orientation)
    rotated = any(np.array_equal(np.rot90(STORED, k), upright) for k in range(4))
    assert Turn(orientation).mirrors is not rotated


@pytest.mark.parametrize(("stated", "found"), [(6, 6), (0, 1), (9, 1), (None, 1), ("6", 1)])
def test_only_numbers_of_exif_are_known(stated: object, found: int) -> None:
    assert known(stated) == found
