"""Hints that follow the motion."""

from __future__ import annotations

import pytest

from retint.film.tracking import Place, as_points, at
from retint.hints import Hint, Hints, Stroke


def test_what_is_not_part_of_a_thing_moves_with_its_dot() -> None:
    """In pixels of frames of 200 x 100, and in shares."""
    dot = Hint(20, "20%", "red", without=((40, 20), ("95%", 0)))
    points = as_points(Hints((dot,)), (100, 200))
    (moved,) = at(points, [Place(0.2, 0.5)]).points
    assert moved.thing
    shares = [float(each.removesuffix("%")) for place in moved.without for each in map(str, place)]
    assert shares == pytest.approx([30, 50, 100, 30])
    assert at(points, [None]) == Hints()


def test_points_of_strokes_are_no_things() -> None:
    stroke = Stroke(((10, 10), (50, 10)), "red", 4)
    found = as_points(Hints(strokes=(stroke,)), (100, 200)).points
    assert found
    assert not any(each.thing for each in found)
