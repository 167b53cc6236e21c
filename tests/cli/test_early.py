"""Loading networks before the commands are imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from retint.cli import early
from retint.cli.ahead import load_by_default
from retint.colorizers.parts import network


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Pictures whose networks begin to load."""
    found: list[Path] = []
    monkeypatch.setattr(early, "_load", found.append)
    return found


@pytest.fixture
def photo(tmp_path: Path) -> str:
    path = tmp_path / "photo.jpg"
    path.touch()
    return str(path)


@pytest.mark.parametrize(
    "options", [[], ["--force", "-o", "out.jpg"], ["--hint", "40%,30%,navy"], ["--saturation=2"]]
)
@pytest.mark.parametrize("command", [[], ["colorize"]], ids=["none", "colorize"])
def test_one_picture_begins(
    begun: list[Path], photo: str, command: list[str], options: list[str]
) -> None:
    early.begin([*command, photo, *options])
    assert begun == [Path(photo)]


@pytest.mark.parametrize(
    "options",
    [
        ["--method", "unet"], ["--method=unet"], ["--threads", "1"], ["--device", "cpu"],
        ["--upright", "off"], ["--weights", "own.onnx"], ["--no-semantics"], ["--dry-run"],
        ["--help"], ["another.jpg"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_options_that_decide_are_read_first(
    begun: list[Path], photo: str, options: list[str]
) -> None:
    early.begin([photo, *options])
    assert not begun


@pytest.mark.parametrize(
    "args", [[], ["colorize"], ["--help"], ["--version"], ["missing.jpg"], ["x" * 5000], ["a\0b"]]
)
def test_what_is_no_picture_begins_nothing(begun: list[Path], args: list[str]) -> None:
    early.begin(args)
    assert not begun


def test_folders_films_and_other_commands_begin_nothing(
    monkeypatch: pytest.MonkeyPatch, begun: list[Path], photo: str, tmp_path: Path
) -> None:
    early.begin([str(tmp_path)])
    early.begin(["inspect", photo])
    assert not begun
    film, names = tmp_path / "film.mp4", list[str]()
    film.touch()
    monkeypatch.setattr(network, "begin_to_load", lambda found, *_: names.extend(found))
    load_by_default(film)
    assert not names
    load_by_default(Path(photo))
    assert names


def test_commands_are_imported_after_that() -> None:
    code = "import sys, retint.cli; print(sorted({'click', 'cloup', 'tqdm'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
