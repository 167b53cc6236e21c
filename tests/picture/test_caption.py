"""The sentence in the description that the colors are a guess."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import retint
from retint import files
from retint.errors import UsageError
from retint.files import xmp
from retint.files.description import description
from retint.picture.restore import restore
from tests.cli.test_main import run
from tests.picture.test_iptc import read
from tests.programs import program

RAMP = np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))
SENTENCE = (
    "Black-and-white photograph; the colors are a guess by "
    f"retint {retint.__version__}, not documented."
)
OWN = "Großmutter in Köln, 1931"
FIELDS = {
    "xmp": "XMP-dc:Description",
    "iptc": "IPTC:Caption-Abstract",
    "exif": "EXIF:ImageDescription",
}
METHOD = ("--method", "mean", "--quiet")


def picture(path: Path, **said: str) -> Path:
    """A picture with descriptions in the named fields."""
    Image.fromarray(RAMP).save(path, quality=90)
    if said:
        told = [f"-{FIELDS[name]}={text}" for name, text in said.items()]
        command = [program("exiftool"), "-overwrite_original", "-codedcharacterset=utf8"]
        subprocess.run([*command, *told, str(path)], check=True, capture_output=True)
    return path


def described(path: Path) -> Any:
    return read(path).get("XMP-dc:Description")


@pytest.mark.parametrize("ending", ["jpg", "png", "tif", "webp", "avif"])
def test_a_caption_is_read_by_exiftool_in_every_format(tmp_path: Path, ending: str) -> None:
    source, target = picture(tmp_path / "a.jpg"), tmp_path / f"b.{ending}"
    assert run(source, "-o", target, "--caption", "add", *METHOD) == 0
    assert described(target) == SENTENCE


def test_without_the_option_nothing_is_written(tmp_path: Path) -> None:
    source, target = picture(tmp_path / "a.jpg"), tmp_path / "b.jpg"
    assert run(source, "-o", target, *METHOD) == 0
    assert described(target) is None
    assert b"Caption" not in files.read_metadata(target).xmp


def test_exact_jpeg_keeps_its_lightness_with_a_caption(tmp_path: Path) -> None:
    pytest.importorskip("jpeglib")
    source, target = picture(tmp_path / "a.jpg"), tmp_path / "b.jpg"
    assert run(source, "-o", target, "--caption", "add", "--lightness", "exact", *METHOD) == 0
    said = xmp.provenance(files.read_metadata(target).xmp) or {}
    assert said["Lightness"] == "exact"
    assert said["Caption"] == SENTENCE
    assert described(target) == SENTENCE


@pytest.mark.parametrize("field", FIELDS)
def test_add_leaves_a_description_wherever_it_is(
    tmp_path: Path, field: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = picture(tmp_path / "a.jpg", **{field: OWN}), tmp_path / "b.jpg"
    assert run(source, "-o", target, "--caption", "add", "--method", "mean") == 0
    assert described(target) == (OWN if field == "xmp" else None)
    assert description(files.read_metadata(target)) == OWN
    assert "--caption append or replace" in capsys.readouterr().err


@pytest.mark.parametrize("field", FIELDS)
def test_append_goes_on_after_a_description(tmp_path: Path, field: str) -> None:
    source, target = picture(tmp_path / "a.jpg", **{field: OWN}), tmp_path / "b.jpg"
    assert run(source, "-o", target, "--caption", "append", *METHOD) == 0
    assert described(target) == f"{OWN}. {SENTENCE}"


def test_replace_keeps_other_languages_and_fields(tmp_path: Path) -> None:
    source, target = picture(tmp_path / "a.jpg", xmp=OWN, exif=OWN), tmp_path / "b.jpg"
    command = [program("exiftool"), "-overwrite_original", "-XMP-dc:Description-fr=Aïeule"]
    subprocess.run([*command, str(source)], check=True, capture_output=True)
    assert run(source, "-o", target, "--caption", "replace", *METHOD) == 0
    found = read(target)
    assert found["XMP-dc:Description"] == SENTENCE
    assert found["XMP-dc:Description-fr"] == "Aïeule"
    assert found["IFD0:ImageDescription"] == OWN


@pytest.mark.parametrize("how", ["add", "append", "replace"])
@pytest.mark.parametrize("own", [OWN, ""])
def test_restoring_gives_back_the_description(tmp_path: Path, how: str, own: str) -> None:
    source = picture(tmp_path / "a.png", **({"xmp": own} if own else {}))
    target = tmp_path / "b.png"
    assert run(source, "-o", target, "--caption", how, *METHOD) == 0
    restore(target, tmp_path / "c.png")
    assert described(tmp_path / "c.png") == (own or None)


@pytest.mark.parametrize("how", ["append", "replace"])
@pytest.mark.parametrize("field", ["iptc", "exif"])
def test_restoring_gives_back_a_description_from_elsewhere(
    tmp_path: Path, how: str, field: str
) -> None:
    source, target = picture(tmp_path / "a.jpg", **{field: OWN}), tmp_path / "b.png"
    assert run(source, "-o", target, "--caption", how, *METHOD) == 0
    restore(target, tmp_path / "c.png")
    assert description(files.read_metadata(tmp_path / "c.png")) == OWN


def test_a_picture_colored_twice_has_one_caption() -> None:
    packet = b""
    for version in ("0.1", "0.2"):
        said = {"Caption": f"Colors by {version}.", "Options": {"caption": "append"}}
        packet = xmp.with_provenance(packet, said)
    assert b"Colors by 0.2." in packet
    assert b"0.1" not in packet
    assert xmp.without_provenance(packet) == b""


def test_a_description_that_somebody_changed_later_stays() -> None:
    said = {"Caption": "Colors by retint.", "Options": {"caption": "add"}}
    packet = xmp.with_provenance(b"", said).replace(b"by retint.</", "von Köln.</".encode())
    assert xmp.description(packet) == "Colors von Köln."


def test_a_description_in_an_attribute_is_found() -> None:
    packet = (
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
        b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        b"<rdf:Description rdf:about='' dc:description='A barn'/></rdf:RDF></x:xmpmeta>"
    )
    assert xmp.description(packet) == "A barn"
    said = {"Caption": "Colors by retint.", "Options": {"caption": "append"}}
    assert b"A barn. Colors by retint." in xmp.with_provenance(packet, said)


def test_a_sidecar_gets_the_caption_in_place_of_the_picture(tmp_path: Path) -> None:
    source, target = picture(tmp_path / "a.jpg"), tmp_path / "b.jpg"
    assert run(source, "-o", target, "--caption", "add", "--sidecar", *METHOD) == 0
    assert described(target) is None
    assert described(tmp_path / "b.xmp") == SENTENCE


def test_python_writes_captions(tmp_path: Path) -> None:
    source, target = picture(tmp_path / "a.jpg"), tmp_path / "b.jpg"
    retint.open(source, "mean", caption="add").save(target)
    assert description(files.read_metadata(source)) == ""
    assert described(target) == SENTENCE


def test_hints_and_references_are_named(tmp_path: Path) -> None:
    source, target = picture(tmp_path / "a.jpg"), tmp_path / "b.jpg"
    call = ("--caption", "add", "--hint", "50%,50%,navy@0.2", "--method", "guided-unet", "--quiet")
    assert run(source, "-o", target, *call) == 0
    assert "aided by colors that a person chose, not documented" in described(target)


def test_a_caption_needs_provenance(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = picture(tmp_path / "a.jpg"), tmp_path / "b.jpg"
    call = ("--caption", "add", "--no-provenance", *METHOD)
    assert run(source, "-o", target, *call) == 2
    assert "--caption requires provenance" in capsys.readouterr().err
    assert not target.exists()
    with pytest.raises(UsageError, match="caption"):
        retint.open(source, "mean", caption="always")
