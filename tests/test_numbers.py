"""Numbers from users, files and programs are accepted, or refused with one line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from retint.colorizers.options import DiffusionOptions
from retint.errors import PhotoError, UsageError
from retint.hints import Hint, Hints, hints_of
from retint.numbers import number_of

RED = {"color": "red"}
NO_NUMBERS = [
    *("Infinity", "-Infinity", "NaN", "1e999", "1" + "0" * 400),
    *("-1", "-1e300", '""', '"1"', '"١٢"', "null", "[]", "{}", "true"),
]
"""As JSON has them; no length is below 0."""


@pytest.mark.parametrize("text", ["inf", "nan", "1e400", "9" * 400, "", "١٢", "1_0", "0x10"])
def test_texts_that_are_not_numbers_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        number_of(text)
    for hint in (f"{text},1,red", f"1,{text},red", f"{text}%,1,red"):
        with pytest.raises(UsageError) as refused:
            Hints.parse([hint])
        assert "\n" not in str(refused.value)
        assert len(str(refused.value)) < 200


@pytest.mark.parametrize(("text", "value"), [("12", 12), (" -0 ", 0), ("+1.5e1", 15), (".5", 0.5)])
def test_decimal_numbers_are_taken(text: str, value: float) -> None:
    assert number_of(text) == value


@pytest.mark.parametrize("written", NO_NUMBERS)
@pytest.mark.parametrize(
    ("shapes", "key"),
    [
        *[("points", key) for key in ("x", "y", "radius", "reach")],
        *[("rectangles", key) for key in ("x", "y", "width", "height", "reach")],
        *[(shapes, key) for shapes in ("strokes", "polygons") for key in ("place", "reach")],
    ],
)
def test_every_number_of_a_hints_file_is_looked_at(written: str, shapes: str, key: str) -> None:
    value = json.loads(written)
    shape: dict[str, Any] = {"color": "red"}
    if shapes in ("strokes", "polygons"):
        shape["points"] = [[1, 1], [value if key == "place" else 2, 2], [1, 3]]
    else:
        shape |= {"x": 1, "y": 1, "width": 1, "height": 1}
    if key != "place":
        shape[key] = value
    for size in ([96, 64], [1, 1]):
        with pytest.raises(UsageError) as refused:
            hints_of({"version": 1, "size": size, shapes: [shape]})
        assert "\n" not in str(refused.value)
        assert len(str(refused.value)) < 200


@pytest.mark.parametrize("value", [10**308, 1e308, 1e300, 1e10])
@pytest.mark.parametrize("key", ["x", "y", "radius"])
def test_a_hint_beyond_all_pictures_is_outside_and_its_radius_covers_all(
    value: float, key: str
) -> None:
    point = {"x": 1, "y": 1, "color": "red", "radius": 1} | {key: value}
    for size in ([96, 64], [1, 1], [1e-320, 1]):
        hints = hints_of({"version": 1, "size": size, "points": [point]})
        if key == "radius" and size[0] >= 1:
            assert hints.mask((64, 96)).all()
            json.dumps(hints.content((64, 96)), allow_nan=False)
        else:
            with pytest.raises(PhotoError, match="outside the picture"):
                hints.mask((64, 96))


@pytest.mark.parametrize("written", [*NO_NUMBERS, "0"])
def test_invalid_sizes_and_versions_of_hints_files_are_refused(written: str) -> None:
    value = json.loads(written)
    point = {"x": 1, "y": 1, "color": "red"}
    for content in (
        {"version": 1, "size": [value, 64], "points": [point]},
        {"version": 1, "size": [96, value], "points": [point]},
        {"version": 1, "size": value, "points": [point]},
        {"version": value, "size": [96, 64], "points": [point]},
    ):
        if content["version"] is True:
            continue  # JSON's true is 1 to Python
        with pytest.raises(UsageError) as refused:
            hints_of(content)
        assert len(str(refused.value)) < 200


@pytest.mark.parametrize("seed", [10**400, 2**64, -1, float("nan")])
def test_huge_numbers_are_refused_as_options(seed: Any) -> None:
    with pytest.raises(UsageError, match="seed must be"):
        DiffusionOptions(seed=seed)


@pytest.mark.parametrize("length", [float("inf"), float("nan"), 10**400, -1, True, None])
def test_invalid_lengths_from_python_are_refused(length: Any) -> None:
    with pytest.raises(UsageError, match="is not a length"):
        Hint(length, 1, "red")
