"""Folders without --recursive: the subfolders that are left out are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from .test_main import run
from .test_nothing_lost import picture

LEFT_OUT = "subfolders were left out (--recursive includes them)"


def test_subfolders_that_are_left_out_are_named_in_the_last_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    album = tmp_path / "album"
    (album / "1936" / "summer").mkdir(parents=True)
    picture(album / "a.jpg")
    picture(album / "1936" / "summer" / "b.jpg")
    assert run(album, "--dry-run") == 0
    assert capsys.readouterr().err == f"retint: {LEFT_OUT}\n"
    assert run(album, "--method", "mean") == 0
    assert capsys.readouterr().err == f"retint: 1 colored; {LEFT_OUT}\n"
    assert run(album, "-o", tmp_path / "out", "--recursive", "--method", "mean") == 0
    assert LEFT_OUT not in capsys.readouterr().err


def test_a_folder_with_pictures_only_in_subfolders_says_how_to_include_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "album" / "1936").mkdir(parents=True)
    picture(tmp_path / "album" / "1936" / "a.jpg")
    assert run(tmp_path / "album", "--method", "mean") == 1
    assert "--recursive" in capsys.readouterr().err


def test_subfolders_without_pictures_and_with_results_are_not_mentioned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    album = tmp_path / "album"
    for name in ("empty", "@eaDir", "private"):
        (album / name).mkdir(parents=True)
    picture(album / "a.jpg")
    picture(album / "@eaDir" / "b.jpg")
    picture(album / "private" / "c.jpg")
    choice = ("--exclude", "private", "--method", "mean")
    assert run(album, "-o", album / "colored", *choice) == 0
    assert run(album, *choice) == 0
    assert "subfolders" not in capsys.readouterr().err


def test_inspect_and_restore_name_subfolders_that_they_leave_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    album = tmp_path / "album"
    (album / "1936").mkdir(parents=True)
    picture(album / "a.jpg")
    picture(album / "1936" / "b.jpg")
    for command in (("inspect",), ("inspect", "--json"), ("inspect", "--json-ld")):
        assert run(*command, album) == 0
        assert capsys.readouterr().err.endswith(f"retint: {LEFT_OUT}\n")
    assert run("restore", album) == 0
    assert capsys.readouterr().err == f"retint: 1 not colored by retint; {LEFT_OUT}\n"
    assert run("restore", "--quiet", album) == 0
    assert not capsys.readouterr().err
    for choice in (("--recursive",), ("--exclude", "1936")):
        for name in ("inspect", "restore"):
            assert run(name, album, *choice) == 0
            assert LEFT_OUT not in capsys.readouterr().err
