"""Loading networks while the program is imported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from retint.cli.ahead import load_ahead
from retint.colorizers.parts import network
from retint.files.jpeg import coefficients

GIVEN: dict[str, Any] = {
    "method": None, "weights": None, "device": "auto", "upright": "auto", "semantics": None,
    "threads": 2, "workers": 0, "lightness": "auto",
}  # fmt: skip


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Networks that begin to load."""
    found: list[str] = []
    monkeypatch.setattr(network, "begin_to_load", lambda names, *_: found.extend(names))
    monkeypatch.setattr(coefficients, "begin", lambda: None)
    return found


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.touch()
    return path


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, ["semantics", "upright", "skin", "guided-unet"]),
        ({"upright": "off"}, ["semantics", "skin", "guided-unet"]),
        ({"upright": "off", "semantics": False}, ["guided-unet"]),
        ({"method": "unet", "upright": "off"}, ["unet"]),
    ],
    ids=["default", "not judged", "no semantics", "unet"],
)
def test_what_one_picture_needs_begins_to_load(
    begun: list[str], photo: Path, given: dict[str, Any], names: list[str]
) -> None:
    load_ahead([photo], GIVEN | given)
    assert begun == names


@pytest.mark.parametrize(
    "given",
    [{"weights": Path("own.onnx")}, {"device": "cpu"}],
    ids=["own weights", "a chosen device"],
)
def test_other_files_and_devices_are_left_to_the_method(
    begun: list[str], photo: Path, given: dict[str, Any]
) -> None:
    load_ahead([photo], GIVEN | given)
    assert not begun


def test_nothing_is_loaded_for_what_is_no_single_picture(
    begun: list[str], photo: Path, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    film.touch()
    for photos in ([tmp_path / "missing.jpg"], [tmp_path], [photo, photo], [film]):
        load_ahead(photos, GIVEN)
    assert not begun


@pytest.mark.parametrize(
    ("name", "given", "keeps_format", "expected"),
    [
        ("photo.JPG", {}, True, 1),
        ("photo.png", {}, True, 0),
        ("photo.jpg", {}, False, 0),
        ("photo.jpg", {"lightness": "recompressed"}, True, 0),
    ],
    ids=["JPEG", "PNG", "another format", "recompressed"],
)
def test_a_process_for_coefficients_begins_only_for_jpeg_to_jpeg(
    begun: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    name: str, given: dict[str, Any], *, keeps_format: bool, expected: int,
) -> None:  # fmt: skip
    processes: list[None] = []
    monkeypatch.setattr(coefficients, "begin", lambda: processes.append(None))
    monkeypatch.setattr(coefficients, "is_there", lambda: True)
    (tmp_path / name).touch()
    load_ahead([tmp_path / name], GIVEN | given, keeps_format=keeps_format)
    assert len(processes) == expected
    assert begun
