"""IIIF manifests of coloured pictures and their originals."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_main import run

RAMP = np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))
URL = "https://archive.example/colored/"


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """An album with a picture that lies on its side, and one in a subfolder with a space."""
    folder = tmp_path / "album"
    (folder / "at home").mkdir(parents=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(RAMP).save(folder / "aunt.jpg", exif=exif)
    Image.fromarray(RAMP).save(folder / "at home" / "uncle.png")
    return folder


def colored(album: Path, *arguments: object) -> None:
    assert run(album, "--recursive", "--quiet", "--method", "mean", *arguments) == 0


def written(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def bodies(canvas: dict[str, Any]) -> list[dict[str, Any]]:
    body = canvas["items"][0]["items"][0]["body"]
    items: list[dict[str, Any]] = body["items"] if body["type"] == "Choice" else [body]
    return items


@pytest.mark.parametrize("beside", [False, True])
def test_each_of_several_originals_of_a_name_goes_with_its_own_colors(
    album: Path, beside: bool
) -> None:
    """Scanners write two files of one name, and retint has suffixes in both names if needed."""
    for ending in (".gif", ".jpg", ".png"):
        Image.fromarray(RAMP).save(album / f"x{ending}")
    output = album if beside else album.with_name("colored")
    colored(album, *([] if beside else ["-o", output]))
    originals = "https://archive.example/album/"
    there = [] if beside else ["--originals", album, "--originals-url", originals]
    assert run("iiif", output, "--url", URL, *there) == 0
    pairs = {}
    for canvas in written(output / "manifest.json")["items"]:
        first, second = (each["id"].rpartition("/")[2] for each in bodies(canvas))
        pairs[second.replace(".retint", "")] = first
    if beside:
        assert pairs.pop("aunt.jpg") == "aunt.jpg"
    assert {name: pairs[name] for name in pairs if name.startswith("x")} == {
        "x.gif.png": "x.gif", "x.jpg": "x.jpg", "x.png.png": "x.png",
    }  # fmt: skip


def test_originals_come_first_in_a_choice(album: Path) -> None:
    output = album.with_name("colored")
    colored(album, "-o", output)
    assert run("iiif", output, "--url", URL, "--originals", album,
               "--originals-url", "https://archive.example/album") == 0  # fmt: skip
    found = written(output / "manifest.json")
    assert found["@context"] == "http://iiif.io/api/presentation/3/context.json"
    assert found["id"] == f"{URL}manifest.json"
    by_name = {each["label"]["en"][0]: each for each in found["items"]}
    assert [each["id"] for each in bodies(by_name["uncle"])] == [
        "https://archive.example/album/at%20home/uncle.png",
        f"{URL}at%20home/uncle.png",
    ]
    aunt = by_name["aunt"]
    assert (aunt["height"], aunt["width"]) == (64, 48)
    assert [each["label"]["en"] for each in bodies(aunt)] == [["Original"], ["Colorized"]]
    values = [each["value"]["en"][0] for each in aunt["metadata"]]
    assert any("a guess by retint" in each for each in values)


def test_results_beside_their_originals_are_paired(album: Path) -> None:
    colored(album)
    assert run("iiif", album, "--url", URL) == 0
    found = written(album / "manifest.json")
    names = [[each["id"].rpartition("/")[2] for each in bodies(c)] for c in found["items"]]
    assert sorted(names) == [["aunt.jpg", "aunt.retint.jpg"], ["uncle.png", "uncle.retint.png"]]


def test_a_missing_original_is_reported(
    album: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "colored"
    colored(album, "-o", output)
    capsys.readouterr()
    assert run("iiif", output, "--url", URL) == 0
    assert "its original was not found" in capsys.readouterr().err
    assert all(len(bodies(each)) == 1 for each in written(output / "manifest.json")["items"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--url", "colored"], "is not a web address"),
        (["--url", "http://["], "is not a web address"),
        (["--url", "https://"], "is not a web address"),
        (["--url", "https://a.example/?b"], "is not a web address"),
        (["--url", URL, "--originals", "."], "--originals requires --originals-url"),
        (["--url", URL], "no pictures that retint colored"),
    ],
)
def test_wrong_calls_are_one_line(
    tmp_path: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("iiif", tmp_path, *arguments) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_an_existing_manifest_is_kept(album: Path, capsys: pytest.CaptureFixture[str]) -> None:
    colored(album)
    (album / "manifest.json").write_text("mine")
    assert run("iiif", album, "--url", URL) == 1
    assert "already exists" in capsys.readouterr().err
    assert (album / "manifest.json").read_text() == "mine"


def test_odd_files_do_not_stop_the_others(album: Path, capsys: pytest.CaptureFixture[str]) -> None:
    colored(album)
    (album / "broken.png").write_bytes(b"none")
    uncle = album / "at home" / "uncle.png"
    for ending in ("mp4", "dng", "zip", "gif"):
        uncle.with_suffix(f".{ending}").write_bytes(b"none")
    uncle.unlink()
    name = os.fsdecode(b"caf\xe9.png")
    shutil.copy(album / "at home" / "uncle.retint.png", album / name)
    capsys.readouterr()
    assert run("iiif", album, "--url", URL) == 1
    err = capsys.readouterr().err
    assert "broken.png: not a readable picture" in err
    assert "uncle.retint.png: its original was not found" in err
    found = {each["label"]["en"][0]: each for each in written(album / "manifest.json")["items"]}
    assert set(found) == {"aunt.retint", "caf\N{REPLACEMENT CHARACTER}", "uncle.retint"}
    assert bodies(found["caf\N{REPLACEMENT CHARACTER}"])[-1]["id"] == f"{URL}caf%E9.png"
