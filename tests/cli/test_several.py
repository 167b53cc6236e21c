"""Commands that take several files and folders."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from retint import files
from retint.files import xmp

from .test_main import run


@pytest.fixture
def results(tmp_path: Path, grey: NDArray[np.uint8]) -> Path:
    """A folder with two coloured pictures, one of them in a subfolder, and a grey one."""
    folder = tmp_path / "out"
    (folder / "sub").mkdir(parents=True)
    source = folder / "grey.png"
    Image.fromarray(grey[::8, ::8]).save(source)
    for target in (folder / "one.retint.png", folder / "sub" / "two.png"):
        assert run(source, "-o", target, "--quiet", "--method", "mean", "--threads", 1) == 0
    return folder


def is_restored(path: Path) -> bool:
    with Image.open(path) as picture:
        is_grey = picture.mode == "L"
    return is_grey and xmp.provenance(files.read_metadata(path).xmp) is None


def test_several_files_are_restored(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("restore", results / "one.retint.png", results / "sub" / "two.png") == 0
    made = [results / "one.restored.png", results / "sub" / "two.restored.png"]
    out, err = capsys.readouterr()
    assert out.splitlines() == list(map(str, made))
    assert err == "retint: 2 restored\n"
    assert all(map(is_restored, made))


def test_a_folder_is_restored_into_another(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = results.parent / "gray"
    assert run("restore", results, "-o", target, "--recursive") == 0
    made = sorted(path.relative_to(target).as_posix() for path in target.rglob("*.png"))
    assert made == ["one.png", "sub/two.png"]
    assert all(is_restored(target / each) for each in made)
    assert capsys.readouterr().err == "retint: 2 restored, 1 not colored by retint\n"


def test_restore_selects_files_of_a_folder(results: Path) -> None:
    options = ("--recursive", "--exclude", "sub", "--quiet")
    assert run("restore", results, "-o", results / "gray/", *options) == 0
    assert [path.name for path in (results / "gray").iterdir()] == ["one.png"]


def test_restore_goes_on_after_a_failure(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing, one = results / "missing.png", results / "one.retint.png"
    assert run("restore", missing, results / "grey.png", one, results.parent) == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == [str(results / "one.restored.png")]
    assert err.splitlines() == [
        f"retint: {missing}: No such file or directory",
        f"retint: {results / 'grey.png'}: it is already black and white",
        f"retint: {results.parent}: no pictures in this folder",
        "retint: 1 restored, 3 failed; subfolders were left out (--recursive includes them)",
    ]


def test_restore_never_replaces_a_source_or_another_result(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = results / "one.retint.png", results / "sub" / "two.png"
    again = results / "sub" / "one.png"
    again.write_bytes(one.read_bytes())
    before = {path: path.read_bytes() for path in results.rglob("*.png")}
    assert run("restore", two, "-o", results / "sub", "--force") == 1
    assert "is a source; it is not overwritten" in capsys.readouterr().err
    assert run("restore", two, "-o", two, "--force") == 1
    assert "is a source; it is not overwritten" in capsys.readouterr().err
    assert run("restore", one, again, "-o", results.parent / "gray", "--force") == 1
    assert "the output of another picture" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in results.rglob("*.png")} == before


def test_inspect_lists_the_pictures_of_a_folder(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("inspect", results, "--recursive", "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    said = {Path(each["file"]).name: each["provenance"] for each in lines}
    assert list(said) == ["grey.png", "one.retint.png", "two.png"]
    assert said["grey.png"] is None
    assert said["two.png"]["Method"] == "mean"
    assert run("inspect", results, "--pattern", "*.jpg") == 1
    assert "no pictures in this folder" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["two.jpg", "two.PNG", "two.mp4", "two.nef"])
@pytest.mark.parametrize("command", [[], ["restore"]], ids=["colorize", "restore"])
def test_several_pictures_are_not_written_to_a_folder_named_like_a_file(
    results: Path, command: list[str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(results.parent.rglob("*"))
    sources, target = [results / "one.retint.png", results / "sub" / "two.png"], results / name
    for inputs in (sources, [results]):
        assert run(*command, *inputs, "-o", target) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert f"several pictures require a folder, but {target} is the name of a file" in line
    assert sorted(results.parent.rglob("*")) == before


def test_a_run_to_be_resumed_is_not_written_to_a_folder_named_like_a_file(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = results / "two.jpg"
    assert run(results / "grey.png", "-o", target, "--resume") == 2
    assert "--resume requires a folder, but" in capsys.readouterr().err
    assert not target.exists()


@pytest.mark.parametrize("command", [[], ["restore"]], ids=["colorize", "restore"])
def test_a_folder_may_be_named_like_a_file(results: Path, command: list[str]) -> None:
    sources = (results / "one.retint.png", results / "sub" / "two.png")
    options = ("--quiet",) if command else ("--quiet", "--recolor", "--method", "mean")
    assert run(*command, *sources, "-o", f"{results}/two.jpg/", *options) == 0
    # Now it exists.
    assert run(*command, *sources, "-o", f"{results}/two.jpg", "--force", *options) == 0
    assert (results / "two.jpg" / "two.png").is_file()


def test_several_pictures_are_not_written_to_an_existing_file(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = results / "notes"
    target.write_text("mine")
    assert run(results, "-o", target, "--force") == 2
    assert f"several pictures require a folder, but {target} is a file" in capsys.readouterr().err
    assert target.read_text() == "mine"


def test_restore_writes_nothing_through_links_to_folders(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere, target = tmp_path / "elsewhere", tmp_path / "gray"
    elsewhere.mkdir()
    target.mkdir()
    (target / "sub").symlink_to(elsewhere)
    assert run("restore", results, "-o", target, "--recursive", "--quiet") == 1
    assert "leads out of" in capsys.readouterr().err
    assert not list(elsewhere.iterdir())
    assert (target / "one.png").exists()
