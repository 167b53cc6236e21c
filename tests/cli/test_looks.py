"""Looks on the command line, for one photograph and for folders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retint import files
from retint.files import xmp
from retint.picture.looks import LOOKS

from .test_main import run

MEAN = ("--method", "mean", "--quiet", "--threads", 1)


def options(path: Path) -> object:
    said = xmp.provenance(files.read(path).metadata.xmp)
    assert said is not None
    return said["Options"]


def test_a_folder_gets_the_look_and_says_so(photo: Path, tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    for name in ("a.jpg", "b.png"):
        Image.open(photo).save(folder / name)
    for look in ("natural", "warm-print"):
        assert run(folder, "-o", tmp_path / look, "--look", look, "--warmth", 0.5, *MEAN) == 0
    for name in ("a.jpg", "b.png"):
        plain, changed = (tmp_path / look / name for look in ("natural", "warm-print"))
        assert (files.read(plain).pixels != files.read(changed).pixels).any()
        assert options(plain) == {"warmth": 0.5}
        assert options(changed) == {"look": "warm-print", "warmth": 0.5}


def test_another_look_is_another_run(photo: Path, tmp_path: Path) -> None:
    scans, target = tmp_path / "scans", tmp_path / "out"
    scans.mkdir()
    photo.rename(scans / "a.jpg")
    assert run(scans, "-o", target, *MEAN) == 0
    before = files.read(target / "a.jpg").pixels
    assert run(scans, "-o", target, "--look", "vivid", "--resume", *MEAN) == 0
    assert (files.read(target / "a.jpg").pixels != before).any()


def test_a_layer_has_the_look(photo: Path, tmp_path: Path) -> None:
    layers = []
    for look in ("natural", "vivid"):
        target = tmp_path / f"{look}.png"
        assert run(photo, "-o", target, "--chroma-only", "--look", look, *MEAN) == 0
        layers.append(np.asarray(Image.open(target)))
    assert (layers[0] != layers[1]).any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("--look", "sepia"), "natural"), (("--warmth", "2"), "2")],
    ids=["unknown", "too warm"],
)
def test_wrong_looks_are_one_line(
    photo: Path, arguments: tuple[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(photo, *arguments, *MEAN) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1
    assert message in said[0]


def test_help_lists_all_looks(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("colorize", "--help") == 0
    said = "".join(capsys.readouterr().out.split())
    assert f"--look[{'|'.join(LOOKS)}]" in said
