"""Runs of a folder, its subfolders and its parent know each other's manifests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from .test_main import run


@pytest.fixture
def album(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a subfolder, in the working directory."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "album"
    for k, name in enumerate(("a.png", "1920/b.png", "1920/c.png")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(k).integers(0, 256, (24, 32)).astype(np.uint8)
        Image.fromarray(pixels).save(folder / name)
    return folder


def outcomes(capsys: pytest.CaptureFixture[str], *call: Any) -> dict[str, str]:
    """What a run says of each picture, by name."""
    capsys.readouterr()
    run(*call, "--method", "mean", "--recursive", "--json")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {
        Path(each["input"]).name: each["error"] or each["skipped"] or "colored" for each in lines
    }


DONE = "already done"
PLACES = [("", ""), ("-o out/1920", "-o out")]
"""Options for the subfolder and for the whole: beside the sources, and in a folder."""


@pytest.mark.usefixtures("album")
@pytest.mark.parametrize(("below", "whole"), PLACES)
def test_what_a_subfolders_run_has_done_is_done(
    capsys: pytest.CaptureFixture[str], below: str, whole: str
) -> None:
    found = outcomes(capsys, "album/1920", *below.split())
    assert found == {"b.png": "colored", "c.png": "colored"}
    found = outcomes(capsys, "album", *whole.split())
    assert found == {"a.png": "colored", "b.png": DONE, "c.png": DONE}
    assert set(outcomes(capsys, "album", *whole.split()).values()) == {DONE}


@pytest.mark.usefixtures("album")
@pytest.mark.parametrize(("below", "whole"), PLACES)
def test_what_a_parents_run_has_done_is_done(
    capsys: pytest.CaptureFixture[str], below: str, whole: str
) -> None:
    assert len(outcomes(capsys, "album", *whole.split())) == 3
    assert outcomes(capsys, "album/1920", *below.split()) == {"b.png": DONE, "c.png": DONE}


def test_results_of_a_subfolders_run_are_no_sources(
    album: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes(capsys, album / "1920", "-o", album / "1920" / "colored")
    found = outcomes(capsys, album, "--recolor")
    assert found == dict.fromkeys(("a.png", "b.png", "c.png"), "colored")
    assert not list((album / "1920" / "colored").glob("*.retint.*"))


def test_other_options_replace_them_on_resume_only(
    album: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes(capsys, album / "1920")
    again = outcomes(capsys, album, "--vividness", "0.5")
    assert "already exists" in again["b.png"]
    again = outcomes(capsys, album, "--vividness", "0.5", "--resume")
    assert again == {"a.png": DONE, "b.png": "colored", "c.png": "colored"}
    mine = album / "1920" / "c.retint.png"
    mine.write_bytes(b"mine")
    again = outcomes(capsys, album, "--resume")
    assert "already exists" in again["c.png"]
    assert mine.read_bytes() == b"mine"


@pytest.mark.parametrize("content", [b"{", b"[]\n", b"\xff\n", b"[" * 10_000])
def test_a_manifest_that_cannot_be_read_says_nothing(
    album: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    place = album / "1920" / "retint-manifest.jsonl"
    place.write_bytes(content)
    assert set(outcomes(capsys, album).values()) == {"colored"}
    assert place.read_bytes() == content
