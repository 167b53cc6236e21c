"""Files beside results that are written on request."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retint import files
from retint.files import xmp
from tests.cli.test_main import run

RAMP = np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    Image.fromarray(RAMP).save(path, quality=90)
    return path


def colored(photo: Path, *arguments: object) -> int:
    return run(photo, "--quiet", "--method", "mean", *arguments)


@pytest.mark.parametrize("lightness", ["exact", "recompressed"])
def test_a_sidecar_has_the_record_and_the_picture_has_not(photo: Path, lightness: str) -> None:
    if lightness == "exact":
        pytest.importorskip("jpeglib")
    assert colored(photo, "--sidecar", "--lightness", lightness) == 0
    said = xmp.provenance(photo.with_name("photo.retint.xmp").read_bytes())
    assert said is not None
    assert said["Method"] == "mean"
    result = photo.with_name("photo.retint.jpg")
    assert files.read_metadata(result).xmp == files.read_metadata(photo).xmp == b""


def test_a_sidecar_of_the_source_gets_the_record(photo: Path) -> None:
    photo.with_name("photo.jpg.xmp").write_bytes(xmp.with_provenance(b"", {"Method": "other"}))
    assert colored(photo, "--sidecar") == 0
    said = xmp.provenance(photo.with_name("photo.retint.jpg.xmp").read_bytes())
    assert said is not None
    assert said["Method"] == "mean"
    assert not photo.with_name("photo.retint.xmp").exists()


def test_a_strange_sidecar_is_not_replaced(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = photo.with_name("photo.retint.xmp")
    own.write_bytes(b"mine")
    assert colored(photo, "--sidecar") == 0
    assert own.read_bytes() == b"mine"
    assert "exists and was not replaced" in capsys.readouterr().err


def test_the_original_is_kept_beside_the_result(photo: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    assert colored(photo, "-o", f"{output}/", "--keep-original", ".original") == 0
    assert (output / "photo.original.jpg").read_bytes() == photo.read_bytes()
    assert colored(photo, "-o", f"{output}/", "--keep-original", ".original", "--force") == 0


def test_another_file_is_not_replaced_by_the_original(
    photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = photo.with_name("photo.original.jpg")
    other.write_bytes(b"mine")
    assert colored(photo, "--keep-original", ".original") == 0
    assert other.read_bytes() == b"mine"
    assert "exists and was not replaced" in capsys.readouterr().err


def turned_copy(photo: Path, name: str) -> Path:
    other = photo.with_name(name)
    Image.fromarray(np.rot90(RAMP)).save(other)
    return other


def test_a_source_is_not_replaced_by_an_original(
    photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = turned_copy(photo, "photo.original.jpg").read_bytes()
    assert colored(photo.parent, "--keep-original", ".original", "--force") == 0
    assert photo.with_name("photo.original.jpg").read_bytes() == before
    assert "originals are never overwritten" in capsys.readouterr().err


def test_a_result_is_not_replaced_by_an_original(
    photo: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path_factory.mktemp("out")
    turned_copy(photo, "photo.original.jpg")
    assert colored(photo.parent, "-o", output, "--keep-original", ".original") == 0
    assert "is the output of another picture" in capsys.readouterr().err
    assert Image.open(output / "photo.original.jpg").size == RAMP.shape
    assert (output / "photo.original.original.jpg").exists()


def test_copies_of_originals_are_not_sources(photo: Path) -> None:
    for _ in range(2):
        assert colored(photo.parent, "--keep-original", ".original") == 0
    assert len(list(photo.parent.glob("*.jpg"))) == 3


def test_films_are_copied_too(tmp_path: Path) -> None:
    clips = pytest.importorskip("tests.film.clips")
    film = clips.write(tmp_path / "film.mp4", clips.moving(3))
    assert colored(film, "-o", f"{tmp_path}/out/", "--keep-original", ".original") in (0, 1)
    assert (tmp_path / "out/film.original.mp4").read_bytes() == film.read_bytes()


def test_the_sidecar_of_the_source_is_not_replaced(photo: Path) -> None:
    own = photo.with_name("photo.xmp")
    own.write_bytes(xmp.with_provenance(b"", {"Method": "other"}))
    before = own.read_bytes()
    assert colored(photo, "-o", photo.with_name("photo.png"), "--sidecar", "--force") == 0
    assert own.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--keep-original", "../x"], "part of a file name"),
        (["--keep-original", "--force"], "part of a file name"),
        (["--sidecar", "--no-provenance"], "requires provenance"),
    ],
)
def test_wrong_calls_write_nothing(
    photo: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert colored(photo, *arguments) == 2
    assert message in capsys.readouterr().err
    assert [each.name for each in photo.parent.iterdir()] == ["photo.jpg"]


@pytest.mark.parametrize("options", [(), ("--turn", "90")], ids=["plain", "turned"])
def test_what_a_sidecar_records_is_restored_and_inspected(
    tmp_path: Path, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("jpeglib")
    source, result = tmp_path / "a.jpg", tmp_path / "out" / "a.jpg"
    ramp = np.add.outer(np.arange(96), np.arange(128)).astype(np.uint8)
    Image.fromarray(ramp).save(source, quality=90)
    call = ("--method", "mean", "--threads", 1, "--quiet", "--sidecar", *options)
    assert run(tmp_path / "a.jpg", "-o", result, *call) == 0
    assert run("inspect", result) == 0
    assert "method: mean" in capsys.readouterr().out
    assert run("restore", tmp_path / "out", "-o", tmp_path / "back") == 0
    assert "no record" not in capsys.readouterr().err
    with Image.open(source) as before, Image.open(tmp_path / "back" / "a.jpg") as after:
        np.testing.assert_array_equal(np.asarray(after), np.asarray(before))


def test_what_a_sidecar_says_was_labelled_is_not_restored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, result = tmp_path / "a.png", tmp_path / "out" / "a.png"
    Image.fromarray(np.add.outer(np.arange(96), np.arange(128)).astype(np.uint8)).save(source)
    call = ("--method", "mean", "--threads", 1, "--quiet", "--sidecar", "--label", "1923")
    assert run(source, "-o", result, *call) == 0
    assert run("restore", result) == 1
    assert "it was labelled; the original cannot be restored" in capsys.readouterr().err
