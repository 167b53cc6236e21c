"""The label that people see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, features

import retint
from retint.errors import UsageError
from retint.picture import label
from retint.picture.label import labelled
from tests.cli.test_main import run

GREY = np.full((240, 320), 90, np.uint8)


def colored(**options: Any) -> NDArray[np.uint8]:
    return np.asarray(retint.colorize(Image.fromarray(GREY), "mean", **options))


def changed(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> tuple[slice, slice]:
    rows, columns = np.nonzero((one != other).any(axis=-1))
    return slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)


def test_a_label_is_in_the_lower_right_corner_only() -> None:
    rows, columns = changed(colored(), colored(label="Colorized"))
    assert (rows.stop, columns.stop) == (240, 320)
    assert rows.start > 210
    assert columns.start > 160


def test_letters_are_lighter_and_the_strip_darker_than_the_picture() -> None:
    plain, marked = colored(), colored(label="Colorized")
    strip = marked[changed(plain, marked)]
    assert strip.max() > 230
    assert strip[0, 0].max() < plain[-1, -1].max()


@pytest.mark.parametrize("shape", [(1, 1), (4, 300), (300, 4), (12, 12)])
def test_small_pictures_have_room_for_any_label(shape: tuple[int, int]) -> None:
    pixels = np.full((*shape, 3), 90, np.uint8)
    assert labelled(pixels, "A rather long label for a small picture").shape == pixels.shape


def test_deep_pixels_stay_deep() -> None:
    pixels = np.full((200, 300, 3), 20_000, np.uint16)
    found = labelled(pixels, "Colorized")
    assert found.dtype == np.uint16
    assert found.max() > 60_000
    assert (found[:150] == 20_000).all()


def test_a_font_of_the_system_helps_with_accents(monkeypatch: pytest.MonkeyPatch) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    font = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    monkeypatch.setattr(label, "FONTS", ("not installed.ttf", str(font)))
    assert (colored(label="Colorisé, später") != colored()).any()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x" * 121, "121 characters"),
        ("a\nb", "one line"),
        ("\u12a0\u1320", "no font here has: \u12a0\u1320"),
    ],
)
def test_impossible_labels_are_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        colored(label=text)


@pytest.mark.parametrize("text", ["שלום", "سلام", "हिन्दी"])
def test_scripts_that_a_pillow_cannot_lay_out_are_refused(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would write them backwards or unjoined."""
    monkeypatch.setattr(label, "_font_for", lambda _: "")
    monkeypatch.setattr(features, "check", {"raqm": True}.get)
    label.check(text)
    monkeypatch.setattr(features, "check", {"raqm": False}.get)
    label.check("Großmutter, 1923")
    with pytest.raises(UsageError, match="requires a Pillow with raqm"):
        label.check(text)


def test_a_labelled_jpeg_says_why_it_is_not_exact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("jpeglib")
    path = tmp_path / "photo.jpg"
    Image.fromarray(GREY).save(path)
    assert run(path, "--method", "mean", "--label", "Colorized") == 0
    assert "--label changes lightness" in capsys.readouterr().err
    assert run("restore", tmp_path / "photo.retint.jpg") == 1
    assert "it was labelled" in capsys.readouterr().err
