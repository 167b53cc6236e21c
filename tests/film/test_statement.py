"""What coloured films state about themselves."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("av")

from retint.files import xmp
from retint.film import xmp_box
from retint.film.joining import read_provenance
from retint.film.opening import opened
from tests.cli.test_main import run
from tests.film import clips
from tests.programs import program

SENTENCE = "Black-and-white film; the colors are a guess by retint"
WITH_XMP = ["mp4", "m4v", "mov"]


def film(folder: Path, ending: str = "mp4", **tags: str) -> Path:
    return clips.write(folder / f"grey.{ending}", clips.moving(3), metadata=tags)


def colored(source: Path, *arguments: object, ending: str = "") -> Path:
    target = source.with_name(f"out{ending or source.suffix}")
    assert run(source, "--quiet", "--method", "mean", "-o", target, *arguments) == 0
    return target


def tags(path: Path) -> dict[str, str]:
    with opened(path) as found:
        return {name.lower(): text for name, text in found.metadata.items()}


def exiftool(path: Path) -> dict[str, Any]:
    made = subprocess.run(
        [program("exiftool"), "-json", "-XMP:all", str(path)], capture_output=True, check=True
    )
    found: dict[str, Any] = json.loads(made.stdout)[0]
    return found


@pytest.mark.parametrize("ending", WITH_XMP)
def test_the_record_is_in_xmp_too(tmp_path: Path, ending: str) -> None:
    made = colored(film(tmp_path, ending))
    said = xmp.provenance(xmp_box.read(made))
    assert said is not None
    assert said["Method"] == "mean"
    assert exiftool(made)["DigitalSourceType"] == xmp.SOURCE_TYPE
    assert exiftool(made)["AISystemUsed"] == "retint (mean)"
    assert len(clips.lumas(made)) == 3


@pytest.mark.parametrize("ending", ["mp4", "mov"])
def test_the_xmp_of_a_film_is_kept(tmp_path: Path, ending: str) -> None:
    source = film(tmp_path, ending)
    packet = xmp.with_description(b"", "The harbour in 1936")
    xmp_box.append(source, packet)
    kept = xmp_box.read(colored(source))
    assert xmp.description(kept) == "The harbour in 1936"
    assert xmp.without_provenance(kept) == packet


def test_the_xmp_of_quicktime_is_read_where_it_is(tmp_path: Path) -> None:
    packet = xmp.with_description(b"", "The harbour in 1936")

    def box(name: bytes, content: bytes) -> bytes:
        return (8 + len(content)).to_bytes(4, "big") + name + content

    path = tmp_path / "a.mov"
    inner = box(b"udta", box(b"name", b"x") + box(b"XMP_", packet))
    path.write_bytes(box(b"ftyp", b"qt  ") + box(b"moov", box(b"mvhd", b"") + inner))
    assert xmp_box.read(path) == packet


def test_xmp_that_a_container_does_not_take_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = film(tmp_path)
    xmp_box.append(source, xmp.with_description(b"", "The harbour in 1936"))
    assert run(source, "--quiet", "--method", "mean", "-o", tmp_path / "out.mkv") == 1  # a loss
    assert "mkv does not support its XMP" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"\0\0\0\1ftyp", b"\xff" * 64, b"\0\0\0\x08uuid" * 9])
def test_a_broken_structure_has_no_packet(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    assert xmp_box.read(path) == b""
    assert not xmp_box.has_credentials(path)


@pytest.mark.parametrize("ending", ["mp4", "mkv", "mov", "webm"])
def test_a_sentence_becomes_the_description_of_a_film_without_one(
    tmp_path: Path, ending: str
) -> None:
    made = colored(film(tmp_path, "mp4"), "--caption", "add", ending=f".{ending}")
    assert tags(made)["description"].startswith(SENTENCE)
    if ending in WITH_XMP:
        assert str(exiftool(made)["Description"]).startswith(SENTENCE)


@pytest.mark.parametrize("tag", ["description", "synopsis", "comment"])
def test_the_description_of_a_film_is_never_overwritten(tmp_path: Path, tag: str) -> None:
    source = film(tmp_path, **{tag: "The harbour in 1936"})
    said = tags(colored(source, "--caption", "add"))
    assert said[tag] == "The harbour in 1936"
    assert SENTENCE not in said.get("description", "")


def test_a_sentence_is_appended_or_replaces_if_that_is_wanted(tmp_path: Path) -> None:
    source = film(tmp_path, description="The harbour in 1936")
    appended = colored(source, "--caption", "append")
    assert tags(appended)["description"].startswith(f"The harbour in 1936. {SENTENCE}")
    assert xmp.description(xmp_box.read(appended)) == "The harbour in 1936"  # without retint's
    assert f"1936. {SENTENCE}".encode() in xmp_box.read(appended)
    replaced = colored(source, "--caption", "replace", "--force")
    assert tags(replaced)["description"].startswith(SENTENCE)


def test_the_sentence_of_a_run_before_is_not_the_owners(tmp_path: Path) -> None:
    first = colored(film(tmp_path), "--caption", "add")
    again = tmp_path / "again.mp4"
    assert run(first, "--quiet", "--method", "mean", "-o", again, "--caption", "append") == 0
    assert tags(again)["description"].count(SENTENCE) == 1


def test_a_film_says_nothing_without_provenance(tmp_path: Path) -> None:
    made = colored(film(tmp_path), "--no-provenance")
    assert read_provenance(made) is None
    assert xmp_box.read(made) == b""
    assert b"retint" not in made.read_bytes()


def test_a_sidecar_takes_the_record_out_of_the_film(tmp_path: Path) -> None:
    made = colored(film(tmp_path), "--sidecar", "--caption", "add")
    assert read_provenance(made) is None
    assert xmp_box.read(made) == b""
    beside = made.with_suffix(".xmp").read_bytes()
    said = xmp.provenance(beside)
    assert said is not None
    assert said["Method"] == "mean"
    assert SENTENCE.encode() in beside


def test_the_original_of_a_film_is_copied_beside_it(tmp_path: Path) -> None:
    source = film(tmp_path)
    target = tmp_path / "colored" / "grey.mp4"
    target.parent.mkdir()
    arguments = ["--method", "mean", "--quiet", "--keep-original", ".original"]
    assert run(source, "-o", target, *arguments) == 0
    assert (target.parent / "grey.original.mp4").read_bytes() == source.read_bytes()


def test_a_label_in_a_film_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(film(tmp_path), "--method", "mean", "--label", "Colourised") == 2
    assert "would change lightness" in capsys.readouterr().err
