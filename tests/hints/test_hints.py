from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from retint.api import load_pipeline
from retint.color import lab
from retint.color.names import rgb_of, surveyed
from retint.errors import PhotoError, UsageError
from retint.files import Photo
from retint.hints import (
    Hint,
    Hints,
    Polygon,
    Rectangle,
    Stroke,
    canvas,
    chroma_of,
    color_of,
    colors_of,
    hints_of,
    read_hints,
)
from retint.hints.dots import Dots
from retint.hints.length import Share
from retint.steps import cancellable_by

GREY = np.full((20, 40), 60, np.float32)


def painted(hints: Hints, size: tuple[int, int] = (20, 40)) -> NDArray[Any]:
    """Where the hints are [h, w]."""
    return hints.planes(size, GREY)[..., 2] > 0


def test_text_is_split_at_the_first_two_commas() -> None:
    (hint,) = Hints.parse(["12, 30% ,rgb(176, 58, 46)"]).points
    assert (hint.x, hint.y, hint.color) == ("12", "30%", "rgb(176, 58, 46)")
    assert chroma_of(hint.color) == chroma_of("#b03a2e")


def test_colors_of_many_places_are_those_of_each() -> None:
    rng = np.random.default_rng(0)
    lightness = rng.uniform(0, 100, 50).astype(np.float32)
    chroma = rng.uniform(-110, 110, (50, 2)).astype(np.float32)  # also beyond sRGB
    one_by_one = [color_of(*each) for each in zip(lightness, chroma, strict=True)]
    assert colors_of(lightness, chroma) == one_by_one
    assert len(set(one_by_one)) > 40


def test_a_text_colors_a_thing_unless_it_says_a_reach() -> None:
    thing, near, everywhere = Hints.parse(["1,2,navy", "1,2,navy @ 0.4", "1,2,rgb(1 2 3)@1"]).points
    assert thing == Hint("1", "2", "navy", thing=True)
    assert near == Hint("1", "2", "navy", reach=0.4)
    assert everywhere == Hint("1", "2", "rgb(1 2 3)", thing=False)


def test_a_point_colors_a_thing_unless_it_has_a_reach() -> None:
    assert Hint(1, 2, "navy").thing
    assert not Hint(1, 2, "navy", reach=0.4).thing
    assert not Hint(1, 2, "navy", thing=False).thing


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2,navy@far", "a reach must be a number, such as in 40%,30%,navy@0.4, not 'far'"),
        ("1,2,navy@", "a reach must be a number"),
        ("1,2,navy@2", "reach must be a number from 0 to 1, not 2"),
        ("1,2,navy@nan", "a reach must be a number"),
        ("1,2,@0.4", "color"),
    ],
)
def test_a_wrong_reach_is_named(text: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        Hints.parse([text])
    assert message in str(raised.value)


def test_only_points_that_say_so_are_things() -> None:
    point = {"x": 4, "y": 5, "color": "navy"}
    content = {"version": 1, "size": [40, 20], "points": [point, {**point, "thing": True}]}
    old, new = hints_of(content).points
    assert not old.thing
    assert new.thing
    again = hints_of(hints_of(content).content((20, 40)))
    assert [each.thing for each in again.points] == [False, True]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"thing": 1}, "points[0]: thing must be true or false, not 1"),
        ({"thing": "yes"}, "points[0]: thing must be true or false, not 'yes'"),
        ({"thing": None}, "points[0]: thing must be true or false, not None"),
        ({"thing": True, "reach": 0.4}, "points[0]: a hint has either a reach or a thing"),
        ({"without": [[1, 2]]}, "points[0]: only a hint that colors a thing can exclude places"),
        ({"thing": True, "without": [[1]]}, "points[0] is not a valid hint"),
        ({"thing": True, "without": [[1, "2"]]}, "points[0]: '2' is not a number"),
        ({"thing": True, "without": [[1, -2]]}, "points[0]: '-10.0%' is not a length"),
    ],
)
def test_wrong_things_are_named(more: dict[str, Any], message: str) -> None:
    point = {"x": 4, "y": 5, "color": "navy", **more}
    with pytest.raises(UsageError) as raised:
        hints_of({"version": 1, "size": [40, 20], "points": [point]})
    assert message in str(raised.value)


def test_what_a_thing_is_without_is_kept_in_files() -> None:
    point = {"x": 4, "y": 5, "color": "navy", "thing": True, "without": [[8, 10], [40, 0]]}
    hints = hints_of({"version": 1, "size": [40, 20], "points": [point]})
    assert hints.points[0].without == ((Share(20), Share(50)), (Share(100), Share(0)))
    assert hints.content((20, 40))["points"][0]["without"] == [[8, 10], [40, 0]]
    assert hints.without_things.points[0].without == ()


def test_dots_are_shares_of_the_picture() -> None:
    points = (
        Hint(10, "50%", "navy", thing=True),
        Hint(40, 0, "red", thing=True, without=((20, 5), ("25%", 20))),
    )
    dots = Dots.of(points, (20, 40))
    np.testing.assert_allclose(dots.places, [[0.25, 0.5], [1.0, 0.0]])
    colors = np.array([chroma_of("navy"), chroma_of("red")], np.float32)
    np.testing.assert_allclose(dots.colors, colors)
    np.testing.assert_allclose(dots.excluded, [[0.5, 0.25], [0.25, 1.0]])
    assert dots.owners.tolist() == [1, 1]
    with pytest.raises(PhotoError, match="outside the picture"):
        Dots.of((replace(points[1], without=((50, 5),)),), (20, 40))


def test_pixels_and_percent_mean_the_same_place() -> None:
    pixels = painted(Hints((Hint(30, 5, "navy", 2),)))
    percent = painted(Hints((Hint("75%", "25%", "navy", "10%"),)))
    np.testing.assert_array_equal(pixels, percent)
    rows, columns = np.nonzero(pixels)
    assert (rows.mean(), columns.mean()) == (4.5, 29.5)  # x to the right, y down
    assert np.ptp(columns) + 1 == 4


def test_hints_of_the_whole_picture_land_on_the_working_picture() -> None:
    large = Hints((Hint(300, 50, "navy", 20),))
    small = Hints((Hint(30, 5, "navy", 2),))
    np.testing.assert_array_equal(painted(large, (200, 400)), painted(small))


def test_the_smallest_hint_has_a_pixel() -> None:
    assert painted(Hints((Hint(4000, 2000, "navy", 0),)), (2000, 4000)).sum() == 1
    tiny = Hints(rectangles=(Rectangle(0, 0, 1, 1, "navy"),))
    assert painted(tiny, (2000, 4000)).sum() == 1


def test_strokes_join_their_points_and_rectangles_fill() -> None:
    line = painted(Hints(strokes=(Stroke(((5, 10), (35, 10)), "navy", 1),)))
    assert line[9:11, 5:35].any(axis=0).all()
    assert not line[:7].any()
    box = painted(Hints(rectangles=(Rectangle(10, 5, 20, 10, "navy"),)))
    expected = np.zeros((20, 40), bool)
    expected[5:15, 10:30] = True
    np.testing.assert_array_equal(box, expected)


def test_points_cover_strokes_and_rectangles() -> None:
    hints = Hints((Hint(20, 10, "red", 1),), rectangles=(Rectangle(0, 0, "100%", "100%", "blue"),))
    planes = hints.planes((20, 40), GREY)
    assert planes[..., 2].min() == 1
    assert planes[10, 20, 0] > 0
    assert planes[10, 20, 1] > 0
    assert planes[0, 0, 1] < 0


def test_hue_is_kept_and_chroma_lowered_into_gamut() -> None:
    dark = np.full((2, 2), 12, np.float32)
    planes = Hints((Hint(1, 1, "yellow", 9),)).planes((2, 2), dark)
    a, b = planes[0, 0, :2]
    wanted = chroma_of("yellow")
    assert np.arctan2(b, a) == pytest.approx(np.arctan2(wanted[1], wanted[0]), abs=1e-3)
    assert np.hypot(a, b) < 0.5 * np.hypot(*wanted)
    rgb = lab.lab_to_rgb(np.array([[12, a, b]], np.float32))
    np.testing.assert_allclose(lab.rgb_to_lab(rgb), [[12, a, b]], atol=0.5)
    bright = Hints((Hint(1, 1, "#808000", 9),)).planes((2, 2), np.full((2, 2), 52, np.float32))
    np.testing.assert_allclose(bright[0, 0, :2], chroma_of("#808000"), atol=0.1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("10,20", "a hint must be x,y,color"),
        ("ten,20,navy", "'ten' is not a length"),
        ("-1,20,navy", "'-1' is not a length"),
        ("nan,20,navy", "'nan' is not a length"),
        ("10,20,nevy", "unknown color 'nevy'"),
    ],
)
def test_wrong_texts_are_named(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Hints.parse([text])


@pytest.mark.parametrize(
    "hint", [Hint(41, 3, "navy"), Hint("101%", 3, "navy"), Hint(3, 21, "navy")]
)
def test_hints_outside_the_picture_are_refused(hint: Hint) -> None:
    with pytest.raises(PhotoError, match=r"outside the picture \(40x20\)"):
        painted(Hints((hint,)))


def write(path: Path, **changes: object) -> Path:
    content = {
        "version": 1,
        "size": [400, 200],
        "points": [{"x": 300, "y": 50, "color": "#b03a2e", "radius": 20}],
        "strokes": [{"points": [[50, 100], [350, 100]], "color": "navy"}],
        "rectangles": [{"x": 0, "y": 150, "width": 400, "height": 50, "color": "green"}],
    }
    path.write_text(json.dumps({**content, **changes}))
    return path


def test_a_file_made_at_another_size_is_scaled(tmp_path: Path) -> None:
    hints = read_hints(write(tmp_path / "hints.json"))
    assert (len(hints.points), len(hints.strokes), len(hints.rectangles)) == (1, 1, 1)
    here = painted(hints)
    np.testing.assert_array_equal(here, painted(hints, (200, 400)))
    assert here[15:].all()
    np.testing.assert_array_equal(
        painted(Hints(hints.points)), painted(Hints((Hint(30, 5, "#b03a2e", 2),)))
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 2}, "version must be 1, not 2"),
        ({"size": [400]}, r"size must be \[width, height\]"),
        ({"size": [400, 0]}, "above 0"),
        ({"size": [True, 5]}, r"size must be \[width, height\]"),
        ({"spots": []}, "unknown key 'spots'"),
        ({"points": {}}, "points must be a list"),
        ({"points": [{"x": 1, "y": 2}]}, r"points\[0\] lacks 'color'"),
        ({"points": [{"x": "1", "y": 2, "color": "red"}]}, r"points\[0\]: '1' is not a number"),
        ({"points": [{"x": -1, "y": 2, "color": "red"}]}, r"points\[0\]: .* is not a length"),
        ({"points": [{"x": 1, "y": 2, "color": 7}]}, r"points\[0\]: unknown color 7"),
        ({"points": [3]}, r"points\[0\] is not a valid hint"),
        ({"strokes": [{"points": [1], "color": "red"}]}, r"strokes\[0\] is not a valid"),
        ({"strokes": [{"points": [], "color": "red"}]}, r"strokes\[0\]: a stroke needs"),
        ({"rectangles": [{"x": 1}]}, r"rectangles\[0\] lacks 'y'"),
    ],
)
def test_broken_files_are_named(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    path = write(tmp_path / "hints.json", **changes)
    with pytest.raises(UsageError, match=message) as error:
        read_hints(path)
    assert str(error.value).startswith(str(path))


def test_invalid_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "hints.json"
    with pytest.raises(UsageError, match="No such file"):
        read_hints(path)
    path.write_text("{")
    with pytest.raises(UsageError, match="is not JSON"):
        read_hints(path)
    path.write_text("[]")
    with pytest.raises(UsageError, match="one JSON object"):
        read_hints(path)


def test_too_many_hints_are_refused() -> None:
    with pytest.raises(UsageError, match="too many"):
        Hints((Hint(0, 0, "red"),) * 10_001)


def test_hints_add_up() -> None:
    both = Hints((Hint(1, 1, "red"),)) + Hints((Hint(2, 2, "blue"),))
    assert [point.color for point in both.points] == ["red", "blue"]
    assert both
    assert not Hints()


@pytest.mark.parametrize(
    "color",
    [
        "rgb(176 58 46)", "rgb(176 58 46 / 50%)", "RGB( 176  58\t46/.5 )", "rgba(176, 58, 46, 0.5)",
        "rgba(176 58 46 / 1)", "rgb(69.02% 22.7% 18.04%)", "rgb(176.2 57.8 46)",
        "rgb(176, 58, 46, 50%)", "rgb(69.02% 58 46)", "rgb(176 58 46 / none)",
    ],
)  # fmt: skip
def test_css_4_notations_of_rgb_are_read(color: str) -> None:
    assert rgb_of(color) == (176, 58, 46)


@pytest.mark.parametrize(
    "color",
    [
        "hsl(6deg 59% 43%)", "hsl(6 59 43)", "hsl(6deg, 59%, 43%)", "hsla(6, 59%, 43%, 0.3)",
        "hsl(6deg 59% 43% / 0.3)", "hsl(-354 59% 43%)", "hsl(366 59% 43%)",
        "hsl(0.0166667turn 59% 43%)", "hsl(6.666667grad 59% 43%)", "hsl(0.1047198rad 59% 43%)",
    ],
)  # fmt: skip
def test_css_4_notations_of_hsl_are_read(color: str) -> None:
    assert rgb_of(color) == rgb_of("hsl(6, 59%, 43%)") == (174, 58, 45)


@pytest.mark.parametrize(
    ("color", "rgb"),
    [
        ("oklch(62.7955% 0.257683 29.2339deg)", (255, 0, 0)),
        ("oklch(0.627955 64.42075% 29.2339)", (255, 0, 0)),
        ("oklch(45.201% 0.313214 264.052 / 40%)", (0, 0, 255)),
        ("oklab(86.644% -0.233888 0.179498)", (0, 255, 0)),
        ("oklab(59.987% 0 none)", (128, 128, 128)),
        ("oklch(100% 0 0)", (255, 255, 255)),
    ],
)
def test_css_4_notations_of_oklab_are_read(color: str, rgb: tuple[int, int, int]) -> None:
    """Values of the tables in CSS Color 4 and of Ottosson's."""
    assert rgb_of(color) == rgb


@pytest.mark.parametrize(
    "color",
    [
        "rgb(300 0 0)", "rgb(-1 0 0)", "rgb(101% 0% 0%)", "rgb(1 2)", "rgb(1 2 3 4)",
        "rgb(1 2 3 /)", "rgb(1 2 3 / 1 / 1)", "rgb(1, 2 3)", "rgb(1,2,3,4,5)", "rgb(1deg 2 3)",
        "rgb(1e999 0 0)",
        "hsl(1e999 50% 50%)", "hsl(6% 59% 43%)", "hsl(6 159% 43%)", "hsl(6 59deg 43%)", "rgb()",
        "rgb(nan 0 0)", "rgb(\u0661 0 0)", "rgb(1 2 3", "hsl(6 59% -1%)", "oklch(62%, 0.15, 30)",
        "oklch(162% 0.15 30)", "oklch(62% -0.1 30)", "oklab(62% 0.1deg 0)", "oklcha(62% 0.1 3)",
    ],
)  # fmt: skip
def test_invalid_functions_are_not_colours(color: str) -> None:
    with pytest.raises(UsageError, match="unknown color"):
        rgb_of(color)


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"],
)
def test_hints_files_are_read_in_the_encodings_of_json(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "hints.json"
    point = {"x": 1, "y": 2, "color": "navy"}
    content = json.dumps({"version": 1, "size": [4, 4], "points": [point]})
    path.write_bytes(content.encode(encoding))
    assert read_hints(path).points[0].color == "navy"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"\xef\xbb\xbf", b"\xff\xfe{", b'{"\xe9"'])
def test_bytes_in_no_encoding_of_json_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "hints.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="is not JSON") as error:
        read_hints(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("color", ["rgb(300,0,0)", "rgb(0, 999, 0)"])
def test_levels_above_255_are_not_colours(color: str) -> None:
    with pytest.raises(UsageError, match="unknown color"):
        Hint(1, 1, color)


@pytest.mark.parametrize("radius", [1e9, 1e300])
def test_a_radius_beyond_all_pictures_covers_the_picture(radius: float) -> None:
    planes = Hints((Hint(5, 5, "red", radius),)).planes((20, 30), np.full((20, 30), 50, np.float32))
    assert planes[..., 2].all()
    line = Stroke(((1, 1), (9, 9)), "red", radius)
    assert Hints(strokes=(line,)).planes((20, 30), np.full((20, 30), 50, np.float32))[..., 2].all()


def test_invalid_hints_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "hints.json"
    for text in ("[" * 100_000, '{"version": 1, "size": [' + "9" * 400 + ", 5]}"):
        path.write_text(text)
        with pytest.raises(UsageError, match=r"hints\.json"):
            read_hints(path)


def test_points_of_strokes_count_towards_the_limit() -> None:
    long = Stroke(((1, 1),) * 6000, "red")
    Hints(strokes=(long,))
    with pytest.raises(UsageError, match="12000 hints are too many"):
        Hints(strokes=(long, long))


def test_a_polygon_colours_nothing_but_itself(grey: NDArray[np.uint8]) -> None:
    corners = (("20%", "20%"), ("60%", "20%"), ("60%", "60%"), ("20%", "60%"))
    pipeline = load_pipeline("guided-unet", threads=1)
    view = pipeline.open(Photo(grey))
    alone = view.chroma()
    told = view.chroma(Hints(polygons=(Polygon(corners, "#c02020"),)))
    changed = np.abs(told - alone).max(axis=-1)
    height, width = changed.shape
    inside = np.zeros(changed.shape, bool)
    inside[int(0.2 * height) : int(0.6 * height), int(0.2 * width) : int(0.6 * width)] = True
    assert changed[inside].mean() > 10
    far = cv2.dilate(inside.astype(np.uint8), np.ones((9, 9))) == 0
    assert changed[far].max() < 0.1


def test_the_reach_of_a_hint_holds_it_near(grey: NDArray[np.uint8]) -> None:
    view = load_pipeline("guided-unet", threads=1).open(Photo(grey))
    alone = view.chroma()

    def changed(reach: float) -> float:
        told = view.chroma(Hints((Hint("50%", "50%", "#2040c0", reach=reach),)))
        return float(np.abs(told - alone).mean())

    assert changed(0) < changed(0.2) < changed(0.6) < changed(1)


@pytest.mark.skipif(os.name == "nt", reason="it has no pipes with names of files")
def test_the_pipe_of_a_shell_can_be_read_repeatedly(tmp_path: Path) -> None:
    """As by every film of a folder."""
    content = write(tmp_path / "hints.json").read_bytes()
    for expected in (content, content.replace(b"navy", b"gold")):
        reading, writing = os.pipe()
        os.write(writing, expected)
        os.close(writing)
        path = Path(f"/dev/fd/{reading}")
        assert read_hints(path) == read_hints(path)
        assert (b"gold" in expected) == (read_hints(path) != read_hints(tmp_path / "hints.json"))
        os.close(reading)


def test_reach_and_polygons_go_through_a_file() -> None:
    content = {
        "version": 1,
        "size": [100, 50],
        "points": [{"x": 10, "y": 20, "color": "navy", "radius": 2.0, "reach": 0.25}],
        "strokes": [{"points": [[1, 2], [3, 4]], "color": "navy", "radius": 2.0, "reach": 0}],
        "polygons": [{"points": [[1, 2], [30, 4], [7, 40]], "color": "dusty rose"}],
    }
    assert hints_of(content).content((50, 100)) == content


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ({"polygons": [{"points": [[1, 2], [3, 4]], "color": "navy"}]}, "three points"),
        ({"points": [{"x": 1, "y": 2, "color": "navy", "reach": 2}]}, "reach"),
        ({"points": [{"x": 1, "y": 2, "color": "navy", "reach": True}]}, "reach"),
        ({"points": [{"x": 1, "y": 2, "color": "navvy"}]}, "did you mean navy"),
        ({"points": [{"x": 1, "y": 2, "color": "dusty roze"}]}, "dusty rose"),
    ],
)
def test_invalid_shapes_are_refused(shape: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        hints_of({"version": 1, "size": [100, 50], **shape})


def test_colours_have_the_names_that_people_use() -> None:
    assert rgb_of("Dusty  Rose") == rgb_of("#c0737a")
    assert rgb_of("navy") == (0, 0, 128)  # as CSS has it
    assert rgb_of("dark gray blue") == rgb_of("dark grey blue")
    assert len(surveyed()) > 800


def test_shapes_that_cover_a_picture_over_and_over_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(canvas, "MOST_DRAWN", 100 * 300 * 400)
    line, turned = (("0%", "0%"), ("100%", "100%")), (("100%", "0%"), ("0%", "100%"))
    disc = Hint("50%", "50%", "red", radius="200%")
    thick = Stroke(line, "red", radius="20%")
    winding = Polygon((*line, *turned) * 500, "red")
    for few, many in (
        (Hints((disc,) * 90), Hints((disc,) * 110)),
        (Hints(strokes=(thick,) * 90), Hints(strokes=(thick,) * 200)),
        (Hints(polygons=(winding,) * 3), Hints(polygons=(Polygon(line + turned, "red"),) * 110)),
        (Hints(rectangles=(Rectangle(0, 0, "100%", "100%", "red"),) * 90),
         Hints(rectangles=(Rectangle(0, 0, "100%", "100%", "red"),) * 110)),
    ):  # fmt: skip
        assert few.mask((300, 400)).any()
        with pytest.raises(PhotoError, match="fewer or smaller"):
            many.mask((300, 400))


def test_drawing_takes_no_picture_for_each_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    size = (2000, 3000)
    original = np.zeros
    pictures = []

    def counting(shape: Any, *args: Any, **options: Any) -> Any:
        pictures.extend([shape] if shape == size else [])
        return original(shape, *args, **options)

    monkeypatch.setattr(np, "zeros", counting)
    Hints(strokes=(Stroke(((1, 1), (40, 40)), "red", radius=2),) * 300).mask(size)
    assert len(pictures) == 1


def test_a_line_is_drawn_on_a_picture_that_is_longer_than_opencv_counts() -> None:
    """A thickness of more than 32,767 pixels."""
    line = Stroke(((1, 1), (40, 1)), "red", radius=100_000)
    assert Hints(strokes=(line,)).mask((10, 40_000))[:, :16_000].all()


class EnoughError(Exception):
    pass


@pytest.mark.parametrize("reach", [0, 0.3, 1])
def test_drawing_can_be_called_off(reach: float) -> None:
    drawn = 0

    def stop() -> None:
        nonlocal drawn
        drawn += 1
        if drawn == 5:
            raise EnoughError

    hints = Hints(tuple(Hint(k, 5, "red", reach=reach) for k in range(20)))
    draws: list[Callable[[], object]] = [
        lambda: hints.mask((20, 40)),
        lambda: hints.planes((20, 40), GREY),
    ]
    if reach < 1:
        draws.append(lambda: hints.bounds((20, 40), GREY))
    for draw in draws:
        drawn = 0
        with cancellable_by(stop), pytest.raises(EnoughError):
            draw()
        assert drawn == 5
