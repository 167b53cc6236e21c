"""`retint --sign`: coloured files with Content Credentials."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("c2pa")

from retint import credentials
from retint.files.jpeg.source import SIGNED
from tests.cli.test_main import run
from tests.credentials.test_credentials import ARCHIVE, RAMP, TYPES

Paths = tuple[Path, Path]


@pytest.fixture
def keys(tmp_path: Path) -> Paths:
    folder = tmp_path / "keys"
    folder.mkdir()
    return ARCHIVE.write(folder)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    Image.fromarray(RAMP).save(path, quality=90)
    return path


def colored(photo: Path, keys: Paths, *arguments: object) -> int:
    return run(
        photo, "--quiet", "--method", "mean", "--sign", "--sign-certificate", keys[0],
        "--sign-key", keys[1], *arguments,
    )  # fmt: skip


def found(path: Path) -> credentials.Credentials:
    known = credentials.read(path, credentials.type_of(path))
    assert known is not None
    return known


@pytest.mark.parametrize("ending", ["jpg", "png", "tif", "webp", "avif"])
def test_each_format_is_signed(photo: Path, keys: Paths, ending: str) -> None:
    target = photo.with_name(f"out.{ending}")
    assert colored(photo, keys, "-o", target) == 0
    said = found(target)
    assert said.is_valid
    assert said.originals == ("photo.jpg",)
    assert len(TYPES) == 5


def test_exact_jpeg_keeps_its_coefficients(
    photo: Path, keys: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("jpeglib")
    target = photo.with_name("out.jpg")
    assert colored(photo, keys, "-o", target, "--lightness", "exact") == 0
    assert run("inspect", target) == 0
    shown = capsys.readouterr().out
    assert "lightness: exact\n" in shown
    assert "content credentials: valid, signed by City archive" in shown


def test_standard_output_is_signed(
    photo: Path, keys: Paths, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert colored(photo, keys, "-o", "-") == 0
    content = capsysbinary.readouterr().out
    said = credentials.read(io.BytesIO(content), "image/jpeg")
    assert said is not None
    assert said.is_valid


def test_every_variant_is_signed(photo: Path, keys: Paths) -> None:
    target = photo.with_name("out.png")
    assert run(
        photo, "--quiet", "--method", "chroma-diffusion", "--steps", 1, "--variants", 2, "-o",
        target, "--sign", "--sign-certificate", keys[0], "--sign-key", keys[1],
    ) == 0  # fmt: skip
    made = sorted(photo.parent.glob("out*.png"))
    assert len(made) == 2
    assert all(found(each).is_valid for each in made)


def test_a_signature_is_part_of_a_run(photo: Path, keys: Paths, tmp_path: Path) -> None:
    album, output = tmp_path / "album", tmp_path / "colored"
    album.mkdir()
    photo.rename(album / photo.name)
    assert run(album, "-o", output, "--quiet", "--method", "mean") == 0
    assert credentials.read(output / photo.name, "image/jpeg") is None
    assert colored(album, keys, "-o", output, "--resume") == 0
    assert found(output / photo.name).is_valid


def test_unsigned_output_does_not_depend_on_the_extra(
    photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (photo.with_name(f"{name}.png") for name in ("one", "two"))
    assert run(photo, "--quiet", "--method", "mean", "-o", one) == 0
    monkeypatch.setattr("retint.credentials.library.library", lambda: pytest.fail("was used"))
    assert run(photo, "--quiet", "--method", "mean", "-o", two) == 0
    assert one.read_bytes() == two.read_bytes()


def test_environment_variables_name_the_files(
    photo: Path, keys: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, path in zip(("CERTIFICATE", "KEY"), keys, strict=True):
        monkeypatch.setenv(f"RETINT_SIGN_{name}", str(path))
    target = photo.with_name("out.png")
    assert run(photo, "--quiet", "--method", "mean", "-o", target, "--sign") == 0
    assert found(target).is_valid


def test_the_key_appears_nowhere(
    photo: Path, keys: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    target = photo.with_name("out.png")
    assert colored(photo, keys, "-o", target, "--debug") == 0
    secret = ARCHIVE.pem().splitlines()[1]
    shown = capsys.readouterr()
    assert secret.decode() not in shown.out + shown.err
    assert secret not in target.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--sign"], "--sign requires --sign-certificate FILE"),
        (["--sign-key", "a.key"], "--sign-key requires --sign"),
        (
            ["--sign", "--sign-certificate", "none.pem", "--sign-key", "a"],
            "cannot read the signing",
        ),
    ],
)
def test_wrong_calls_write_nothing(
    photo: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(photo, "--method", "mean", *arguments) == 2
    assert message in capsys.readouterr().err
    assert [each.name for each in photo.parent.iterdir() if each.is_file()] == ["photo.jpg"]


def test_a_format_without_credentials_is_an_error(
    tmp_path: Path, keys: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "photo.bmp"
    Image.fromarray(np.asarray(RAMP)).save(path)
    assert colored(path, keys) == 1
    assert "does not support Content Credentials" in capsys.readouterr().err
    assert not path.with_name("photo.retint.bmp").exists()


@pytest.mark.parametrize("ending", ["jpg", "png", "tif", "webp", "avif"])
def test_credentials_of_a_source_are_named_as_left_out(
    photo: Path, keys: Paths, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = photo.with_name(f"signed.{ending}"), photo.with_name(f"out.{ending}")
    assert colored(photo, keys, "-o", source) == 0
    assert run(source, "-o", target, "--method", "mean") == 0
    assert SIGNED in capsys.readouterr().err
    assert credentials.read(target, credentials.type_of(target)) is None
