"""What the Python functions accept and return."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, assert_type

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import retint
from retint import files
from retint.colorizers import method_names
from retint.files import xmp
from retint.hints import Hints, Rectangle, Stroke
from retint.inputs import AnyHints, hints_of
from retint.session import Session

HINT = retint.Hint("40%", "30%", "navy")


@pytest.mark.parametrize(
    "form",
    [
        str,
        lambda path: path,
        lambda path: path.read_bytes(),
        lambda path: bytearray(path.read_bytes()),
        lambda path: io.BytesIO(path.read_bytes()),
        lambda path: path.open("rb"),
        Image.open,
    ],
    ids=["str", "path", "bytes", "bytearray", "BytesIO", "file", "pillow"],
)
def test_a_picture_has_many_forms(photo: Path, form: Callable[[Path], Any]) -> None:
    expected = np.asarray(retint.colorize(photo, "mean"))
    picture = form(photo)
    np.testing.assert_array_equal(np.asarray(retint.colorize(picture, "mean")), expected)
    if hasattr(picture, "close"):
        picture.close()


def test_other_forms_are_named(photo: Path) -> None:
    with pytest.raises(retint.UsageError, match=r"a picture must be a path, .* not NoneType"):
        retint.colorize(None, "mean")  # type: ignore[call-overload]
    with (
        photo.open(encoding="ascii") as text,
        pytest.raises(retint.UsageError, match="binary mode"),
    ):
        retint.colorize(text, "mean")  # type: ignore[call-overload]
    with pytest.raises(retint.PhotoError, match="the input is empty"):
        retint.colorize(b"", "mean")


@pytest.mark.parametrize("work", [retint.colorize, retint.open, retint.restore])
@pytest.mark.parametrize("form", [str, Path])
def test_an_error_begins_with_the_path(
    tmp_path: Path, work: Callable[[Any], Any], form: Callable[[Path], Any]
) -> None:
    missing, broken = tmp_path / "nope.jpg", tmp_path / "broken.jpg"
    broken.write_text("no picture")
    with pytest.raises(retint.PhotoError) as caught:
        work(form(missing))
    assert str(caught.value) == f"{missing}: No such file or directory"
    with pytest.raises(retint.PhotoError) as caught:
        work(form(broken))
    assert str(caught.value) == f"{broken}: not a readable picture"


def test_an_error_of_a_film_begins_with_the_path() -> None:
    pytest.importorskip("av", reason="films are an extra")
    with pytest.raises(retint.PhotoError, match=r"^nope\.mp4: not a readable film"):
        retint.open_film("nope.mp4", "mean")


@pytest.mark.parametrize("method", ["guided-unet", "hybrid"])
def test_an_unknown_option_lists_the_known_ones(method: str) -> None:
    with pytest.raises(retint.UsageError) as caught:
        retint.load(method, vivid=1.2)
    said = str(caught.value)
    assert f"unknown option of {method} 'vivid'; did you mean vividness? (known: " in said
    known = said.split("known: ")[1].rstrip(")").split(", ")
    assert {"vividness", "keep_color", "weights", "threads"} <= set(known)
    assert ("blend" in known) == (method == "hybrid")
    with pytest.raises(retint.UsageError, match=r"; known: .*vividness"):
        retint.colorize("nope.jpg", zzz=1)


def test_an_unknown_option_of_a_film_lists_those_of_films() -> None:
    with pytest.raises(retint.UsageError, match=r"lossless\? \(known: .*crf.*vividness"):
        retint.open_film("nope.mp4", losless=True)


@pytest.mark.parametrize(
    "given",
    [
        [HINT], HINT, [("40%", "30%", "navy")], [["40%", "30%", "navy"]], ("40%", "30%", "navy"),
        "40%,30%,navy", ["40%,30%,navy"], (HINT,), Hints(points=(HINT,)), iter([HINT]),
    ],
    ids=[
        "list", "alone", "tuples", "lists", "tuple", "text", "texts", "of-hints", "hints",
        "iterator",
    ],
)  # fmt: skip
def test_hints_have_many_forms(given: AnyHints) -> None:
    assert hints_of(given) == Hints(points=(HINT,))


def test_hints_of_all_shapes() -> None:
    stroke, rectangle = Stroke(((1, 2), (3, 4)), "red"), Rectangle(0, 0, 5, 5, "navy")
    given: AnyHints = [stroke, (10, 20, "teal", 3, 0.5), rectangle, "1,2,red", "3,4,red", "5,6,red"]
    points = retint.Hint(10, 20, "teal", 3, 0.5), *Hints.parse(["1,2,red", "3,4,red", "5,6,red"])
    assert hints_of(given) == Hints(points, (stroke,), (rectangle,))
    assert hints_of(("1,2,red", "3,4,red", "5,6,red")).points == points[1:]
    assert not hints_of([])


@pytest.mark.parametrize("given", [5, None, [5], [("40%", "30%")], [{}], [(1, 2, "nocolor")]])
def test_other_hints_are_refused(given: Any) -> None:
    with pytest.raises(retint.UsageError):
        hints_of(given)


def test_hints_as_tuples_have_an_effect(photo: Path) -> None:
    session = retint.open(photo)
    shown = np.asarray(session.colorize(("40%", "30%", "navy")))
    np.testing.assert_array_equal(shown, np.asarray(session.colorize([HINT])))
    assert np.any(shown != np.asarray(session.colorize()))


def test_a_result_carries_its_provenance(photo: Path, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Grandmother"
    with Image.open(photo) as picture:
        picture.save(photo, exif=exif, dpi=(300, 300))
    coloured = retint.colorize(photo, vividness=1.2, hints=HINT)
    said = xmp.provenance(coloured.info["xmp"])
    assert said is not None
    assert said["Method"] == "guided-unet"
    assert said["Options"] == {"vividness": 1.2}
    assert len(said["Hints"]["points"]) == 1
    names = ("xmp", "exif", "icc_profile", "dpi")
    for ending in ("jpg", "webp", "avif"):
        target = tmp_path / f"saved.{ending}"
        coloured.save(target, **{name: coloured.info[name] for name in names})
        assert xmp.provenance(files.read_metadata(target).xmp) == said
        with Image.open(target) as saved:
            assert saved.getexif()[0x010E] == "Grandmother"
            assert saved.info["icc_profile"] == coloured.info["icc_profile"]


def test_variants_carry_their_provenance(grey: NDArray[np.uint8]) -> None:
    picture = Image.fromarray(grey[::8, ::8])
    variants = retint.load("chroma-diffusion", threads=1, steps=1).variants(picture, 2)
    for each in variants:
        said = xmp.provenance(each.info["xmp"])
        assert said is not None
        assert said["Variants"] == 2


def test_a_method_without_variants_names_those_with(photo: Path) -> None:
    with pytest.raises(
        retint.UsageError, match="use `method` chroma-diffusion, hybrid or controlnet"
    ):
        retint.open(photo).variants(4)


def test_methods_are_listed() -> None:
    found = retint.methods()
    assert list(found) == method_names()
    assert "guided-unet" in found
    assert all(found.values())


def test_results_are_typed(photo: Path) -> None:
    """Mypy checks the types when it checks the tests; the package says that it has them."""
    assert Path(retint.__file__).with_name("py.typed").is_file()
    array: NDArray[np.uint8] = np.zeros((8, 8), np.uint8)
    colorizer = retint.load("mean")
    assert_type(retint.colorize(photo, "mean"), Image.Image)
    assert_type(retint.colorize(photo.read_bytes(), "mean"), Image.Image)
    assert_type(retint.colorize(io.BytesIO(photo.read_bytes()), "mean"), Image.Image)
    assert_type(retint.colorize(array, "mean"), NDArray[np.uint8])
    assert_type(colorizer(photo), Image.Image)
    assert_type(retint.open(photo, "mean"), Session[Image.Image])
    assert_type(retint.open(photo, "mean").colorize(), Image.Image)
    assert_type(retint.open(array, "mean").colorize(), NDArray[np.uint8])
    assert_type(retint.methods(), dict[str, str])
