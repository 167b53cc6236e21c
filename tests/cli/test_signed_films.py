"""`retint --sign` for films."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("c2pa")
pytest.importorskip("av")

from retint import credentials
from retint.files.jpeg.source import SIGNED
from retint.film.containers import media_type
from tests.cli.test_main import run
from tests.credentials.test_credentials import ARCHIVE
from tests.film import clips

Shown = pytest.CaptureFixture[str]


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    folder = tmp_path / "keys"
    folder.mkdir()
    return ARCHIVE.write(folder)


def film(folder: Path, ending: str = "mp4") -> Path:
    return clips.write(folder / f"grey.{ending}", clips.moving(4), sound=True)


def colored(source: Path, keys: tuple[Path, Path], *arguments: object) -> int:
    return run(
        source, "--quiet", "--method", "mean", "--sign", "--sign-certificate", keys[0],
        "--sign-key", keys[1], *arguments,
    )  # fmt: skip


def found(path: Path) -> credentials.Credentials:
    known = credentials.read(path, media_type(path))
    assert known is not None
    return known


@pytest.mark.parametrize("ending", ["mp4", "mov", "m4v", "qt"])
def test_a_film_is_signed_and_shown(
    tmp_path: Path, keys: tuple[Path, Path], ending: str, capsys: Shown
) -> None:
    source, target = film(tmp_path, "mp4"), tmp_path / f"out.{ending}"
    assert colored(source, keys, "-o", target) == 0
    said = found(target)
    assert said.is_valid
    assert said.originals == ("grey.mp4",)
    assert said.actions == ("c2pa.opened", "c2pa.color_adjustments")
    assert run("inspect", target) == 0
    shown = capsys.readouterr().out
    assert "colored by retint" in shown
    assert "content credentials: valid, signed by City archive (untrusted" in shown


def test_a_signed_film_has_the_frames_and_the_sound_of_an_unsigned_one(
    tmp_path: Path, keys: tuple[Path, Path]
) -> None:
    source, plain, signed = film(tmp_path), tmp_path / "plain.mp4", tmp_path / "signed.mp4"
    assert run(source, "--quiet", "--method", "mean", "-o", plain) == 0
    assert colored(source, keys, "-o", signed) == 0
    pairs = zip(clips.lumas(plain), clips.lumas(signed), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)
    assert clips.packets(plain, "audio") == clips.packets(signed, "audio")
    assert clips.times(plain) == clips.times(signed)


def test_a_changed_byte_of_a_film_is_found(
    tmp_path: Path, keys: tuple[Path, Path], capsys: Shown
) -> None:
    target = tmp_path / "out.mp4"
    assert colored(film(tmp_path), keys, "-o", target) == 0
    content = bytearray(target.read_bytes())
    content[content.find(b"mdat") + 100] ^= 1
    target.write_bytes(content)
    assert run("inspect", target) == 0
    assert "content credentials: not valid: assertion.bmffHash.mismatch" in capsys.readouterr().out


@pytest.mark.parametrize("ending", ["mkv", "webm"])
def test_a_container_without_credentials_is_refused_before_the_film_is_coloured(
    tmp_path: Path, keys: tuple[Path, Path], ending: str, capsys: Shown
) -> None:
    target = tmp_path / f"out.{ending}"
    assert colored(film(tmp_path), keys, "-o", target) == 1
    assert f"cannot sign {target.name}: its format does not support" in capsys.readouterr().err
    assert {each.name for each in tmp_path.iterdir()} == {"grey.mp4", "keys"}


def test_a_contact_sheet_is_refused(tmp_path: Path, keys: tuple[Path, Path], capsys: Shown) -> None:
    assert colored(film(tmp_path), keys, "--preview") == 1
    assert "a contact sheet is not signed" in capsys.readouterr().err


def test_a_signed_film_is_part_of_a_run(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    album, output = tmp_path / "album", tmp_path / "colored"
    album.mkdir()
    film(album)
    assert colored(album, keys, "-o", output) == 0
    target = output / "grey.mp4"
    before = target.read_bytes()
    assert colored(album, keys, "-o", output) == 0  # the manifest knows the signed file
    assert target.read_bytes() == before
    assert found(target).is_valid


def test_credentials_of_a_source_are_kept_in_the_parent_or_named_as_left_out(
    tmp_path: Path, keys: tuple[Path, Path], capsys: Shown
) -> None:
    first, again, plain = (tmp_path / f"{name}.mp4" for name in ("first", "again", "plain"))
    assert colored(film(tmp_path), keys, "-o", first) == 0
    assert colored(first, keys, "-o", again) == 0
    assert found(again).is_valid
    capsys.readouterr()
    assert run(first, "-o", plain, "--method", "mean") == 0
    assert SIGNED in capsys.readouterr().err
    assert credentials.read(plain, media_type(plain)) is None


def test_broken_credentials_of_a_source_are_reported(
    tmp_path: Path, keys: tuple[Path, Path], capsys: Shown
) -> None:
    first, again = tmp_path / "first.mp4", tmp_path / "again.mp4"
    assert colored(film(tmp_path), keys, "-o", first) == 0
    content = bytearray(first.read_bytes())
    place = content.find(b"Lavf")  # in the tags, which frames do not depend on
    content[place] ^= 1
    first.write_bytes(content)
    assert colored(first, keys, "-o", again) == 0
    assert "the Content Credentials of the original are not valid" in capsys.readouterr().err
    assert found(again).is_valid
