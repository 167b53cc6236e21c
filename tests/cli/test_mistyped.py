"""Names that people mistype: the message says what is missing, or how a folder is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from .test_main import run
from .test_nothing_lost import picture


def test_an_output_without_an_ending_says_how_to_name_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture(tmp_path / "a.jpg")
    assert run(tmp_path / "a.jpg", "-o", tmp_path / "out", "--method", "mean") == 1
    assert capsys.readouterr().err.endswith(".bmp, or in / for a folder\n")
    assert run(tmp_path / "a.jpg", "-o", tmp_path / "out.xyz", "--method", "mean") == 1
    assert "folder" not in capsys.readouterr().err


def test_a_dry_run_reports_missing_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture(tmp_path / "a.jpg")
    missing = tmp_path / "SCANS"
    assert run(tmp_path / "a.jpg", missing, "-o", f"{tmp_path}/out/", "--dry-run") == 1
    said = capsys.readouterr()
    assert said.out == f"{tmp_path / 'a.jpg'} -> {tmp_path / 'out' / 'a.jpg'}\n"
    assert said.err == f"retint: {missing}: No such file or directory\n"


def test_a_dry_run_does_not_look_for_a_file_named_like_standard_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("-", "-o", tmp_path / "a.png", "--dry-run") == 0
    assert not capsys.readouterr().err


def test_a_name_with_spaces_and_without_quotation_marks_is_recognized(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("Aunt May.jpg", "b.jpg"):
        picture(tmp_path / name)
    target = tmp_path / "x.jpg"
    assert run(tmp_path / "Aunt", tmp_path / "May.jpg", "-o", target, "--method", "mean") == 2
    said = capsys.readouterr().err
    assert f"there is no file {tmp_path / 'Aunt'} (names with spaces need quotation marks)" in said
    assert said.count("\n") == 1
    assert run(tmp_path / "Aunt May.jpg", tmp_path / "b.jpg", "-o", target) == 2
    assert "quotation" not in capsys.readouterr().err
