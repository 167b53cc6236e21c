"""The description that retint writes, in the fields of EXIF and IPTC, and as alternative text."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from retint import files
from retint.files import iptc
from retint.files.description import description
from retint.picture.restore import restore
from tests.cli.test_main import run
from tests.picture.test_caption import FIELDS, METHOD, OWN, SENTENCE, picture
from tests.picture.test_iptc import read
from tests.programs import program

SHOWN = {"exif": "IFD0:ImageDescription", "iptc": "IPTC:Caption-Abstract"}
ALTERNATIVE = "XMP-iptcCore:AltTextAccessibility"


@pytest.mark.parametrize("ending", ["jpg", "png", "tif", "webp", "avif"])
def test_programs_that_read_other_fields_show_the_sentence(tmp_path: Path, ending: str) -> None:
    source, target = picture(tmp_path / "a.jpg"), tmp_path / f"b.{ending}"
    assert run(source, "-o", target, "--caption", "add", *METHOD) == 0
    found = read(target)
    assert found[SHOWN["exif"]] == SENTENCE
    assert found[ALTERNATIVE] == SENTENCE
    # The other formats have no place for IPTC's datasets.
    assert found.get(SHOWN["iptc"]) == (SENTENCE if ending in ("jpg", "tif") else None)


@pytest.mark.parametrize("how", ["append", "replace"])
@pytest.mark.parametrize("field", SHOWN)
def test_the_description_of_a_person_is_never_replaced_there(
    tmp_path: Path, field: str, how: str
) -> None:
    source, target = picture(tmp_path / "a.jpg", **{field: OWN}), tmp_path / "b.jpg"
    assert run(source, "-o", target, "--caption", how, *METHOD) == 0
    found = read(target)
    assert found.pop(SHOWN[field]) == OWN
    (other,) = set(SHOWN) - {field}
    assert found[SHOWN[other]] == (f"{OWN}. {SENTENCE}" if how == "append" else SENTENCE)


def test_an_alternative_text_of_a_person_stays(tmp_path: Path) -> None:
    source, target = picture(tmp_path / "a.jpg"), tmp_path / "b.jpg"
    command = [program("exiftool"), "-overwrite_original", f"-{ALTERNATIVE}=An old woman"]
    subprocess.run([*command, str(source)], check=True, capture_output=True)
    assert run(source, "-o", target, "--caption", "add", *METHOD) == 0
    assert read(target)[ALTERNATIVE] == "An old woman"
    restore(target, tmp_path / "c.jpg")
    assert read(tmp_path / "c.jpg")[ALTERNATIVE] == "An old woman"


@pytest.mark.parametrize("how", ["add", "append", "replace"])
@pytest.mark.parametrize("own", [None, *FIELDS])
@pytest.mark.parametrize("lightness", ["exact", "recompressed"])
def test_restoring_gives_back_all_metadata(
    tmp_path: Path, how: str, own: str | None, lightness: str
) -> None:
    pytest.importorskip("jpeglib")
    source = picture(tmp_path / "a.jpg", **({own: OWN} if own else {}))
    target, back = tmp_path / "b.jpg", tmp_path / "c.jpg"
    assert run(source, "-o", target, "--caption", how, "--lightness", lightness, *METHOD) == 0
    restore(target, back)
    before, after = (files.read_metadata(path) for path in (source, back))
    assert (after.exif, after.iptc) == (before.exif, before.iptc)
    assert description(after) == description(before)
    assert ALTERNATIVE not in read(back)


def test_a_picture_colored_twice_has_one_sentence_everywhere(tmp_path: Path) -> None:
    source, first, second = (tmp_path / f"{name}.jpg" for name in "abc")
    picture(source, xmp=OWN)
    assert run(source, "-o", first, "--caption", "append", *METHOD) == 0
    assert run(first, "-o", second, "--caption", "append", *METHOD) == 0
    found = read(second)
    for field in (*SHOWN.values(), ALTERNATIVE, "XMP-dc:Description"):
        assert found[field].count(SENTENCE) == 1
        assert found[field].startswith(OWN)


def test_a_caption_that_iptc_cannot_contain_is_left_out_there() -> None:
    latin = iptc.MARKER + bytes((2, 5, 0, 1)) + b"\xe9"
    number = (2, 120)
    assert iptc.with_text(latin, number, "Köln") == latin
    assert iptc.texts(iptc.with_text(latin, number, "Koeln"))[number] == ["Koeln"]
    assert iptc.with_text(b"", number, "x" * 2001) == b""
    new = iptc.with_text(b"", number, "Köln")
    assert iptc.texts(new)[number] == ["Köln"]
    assert iptc.without_text(new, number) == b""
