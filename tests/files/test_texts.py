"""Texts beside EXIF and XMP: IPTC, PNG's keywords, comments of JPEG and GIF."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

import retint
from retint import files
from retint.files import iptc, xmp
from retint.files.metadata import Metadata
from retint.files.texts import Text
from tests.programs import program

RAMP = np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))
COLOURED = np.stack([RAMP, RAMP // 2, 255 - RAMP], axis=-1)
OTHERS = ["png", "webp", "avif"]
"""Formats without a place for IPTC."""
SAID = {
    "ObjectName": "Großmutter",
    "Caption-Abstract": "Zwei Frauen\nin Köln",
    "By-line": ["Ada", "Zoë"],
    "By-lineTitle": "Photographer",
    "CopyrightNotice": "© Agfa",
    "Keywords": ["Köln", "Wien"],
    "City": "Köln",
    "Province-State": "NRW",
    "Country-PrimaryLocationName": "Deutschland",
    "Country-PrimaryLocationCode": "DEU",
    "Sub-location": "Dom",
    "Credit": "Archiv",
    "Source": "Nachlaß",
    "Headline": "Am Dom",
    "DateCreated": "1931:05:00",
    "Writer-Editor": "MB",
    "SpecialInstructions": "Keine",
    "OriginalTransmissionReference": "7/31",
}
FIELDS = {
    "XMP-dc:Title": "Großmutter",
    "XMP-dc:Description": "Zwei Frauen\nin Köln",
    "XMP-dc:Creator": ["Ada", "Zoë"],
    "XMP-photoshop:AuthorsPosition": "Photographer",
    "XMP-dc:Rights": "© Agfa",
    "XMP-dc:Subject": ["Köln", "Wien"],
    "XMP-photoshop:City": "Köln",
    "XMP-photoshop:State": "NRW",
    "XMP-photoshop:Country": "Deutschland",
    "XMP-iptcCore:CountryCode": "DEU",
    "XMP-iptcCore:Location": "Dom",
    "XMP-photoshop:Credit": "Archiv",
    "XMP-photoshop:Source": "Nachlaß",
    "XMP-photoshop:Headline": "Am Dom",
    "XMP-photoshop:DateCreated": "1931:05",
    "XMP-photoshop:CaptionWriter": "MB",
    "XMP-photoshop:Instructions": "Keine",
    "XMP-photoshop:TransmissionReference": "7/31",
}


def exiftool(*arguments: object) -> bytes:
    command = [program("exiftool"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=True).stdout


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(exiftool("-json", "-G1", path))[0]
    return found


def converted(path: Path, ending: str) -> Path:
    """The file as retint writes it in another format."""
    target = path.with_name(f"out.{ending}")
    files.write(files.read(path).with_pixels(COLOURED), target, overwrite=True)
    return target


@pytest.mark.parametrize("charset", ["UTF8", "Latin"])
def test_iptc_becomes_xmp_where_there_is_no_place_for_it(tmp_path: Path, charset: str) -> None:
    path = tmp_path / "in.jpg"
    Image.fromarray(RAMP).save(path)
    texts = [
        f"-IPTC:{name}={value}"
        for name, values in SAID.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    coded = ["-CodedCharacterSet=UTF8"] if charset == "UTF8" else []
    exiftool("-overwrite_original", "-m", *coded, *texts, path)
    before = files.read(path).metadata.iptc
    assert ("ö".encode() in before) == (charset == "UTF8")
    for ending in OTHERS:
        found = read(converted(path, ending))
        assert {name: found.get(name) for name in FIELDS} == FIELDS
        assert not files.lost([files.read(path).metadata], ending.upper())
    for ending in ("jpg", "tif"):
        target = converted(path, ending)
        assert files.read(target).metadata.iptc == before
        assert "XMP-photoshop:City" not in read(target)


@pytest.mark.parametrize(
    ("charset", "content"),
    [
        (b"\x1b%G", "Köln".encode()),
        (b"", "Köln".encode()),
        (b"", "Köln".encode("latin-1")),
        (b"\x1b.A", "Köln".encode("latin-1")),
        (b"\x1b-L", "Кёльн".encode("iso8859-5")),
    ],
)
def test_texts_of_iptc_are_read_in_any_charset(charset: bytes, content: bytes) -> None:
    iim = dataset(1, 90, charset) * bool(charset) + dataset(2, 90, content)
    expected = "Кёльн" if charset == b"\x1b-L" else "Köln"
    assert iptc.texts(iim) == {(2, 90): [expected]}


def dataset(record: int, number: int, content: bytes) -> bytes:
    return bytes([0x1C, record, number]) + len(content).to_bytes(2, "big") + content


def test_xmp_that_is_there_stays() -> None:
    packet, lost = xmp.with_fields(b"", dataset(2, 5, b"older") + dataset(2, 90, b"Wien"), [])
    assert lost == []
    iim = dataset(2, 5, b"newer") + dataset(2, 90, b"Wi") + dataset(2, 118, b"Ada")
    packet, lost = xmp.with_fields(packet, iim, [])
    assert b"older" in packet
    assert b"newer" not in packet
    assert lost == ["IPTC 2:5", "IPTC 2:118"]


@pytest.mark.parametrize("broken", [b"\x1c", b"\x1c\2\5\xff\xff", b"\x1c\2\5\0\7ab", b"text"])
def test_broken_iptc_is_harmless(broken: bytes) -> None:
    assert iptc.texts(broken) == {}
    assert iptc.texts(dataset(2, 5, b"first") + broken) == {(2, 5): ["first"]}
    assert iptc.without_preview(broken) == broken


def test_the_preview_of_the_old_picture_is_removed() -> None:
    before, after = dataset(2, 5, b"Ab"), dataset(2, 120, b"Cd")
    assert iptc.without_preview(before + dataset(2, 202, b"jpeg") + after) == before + after


def test_control_characters_do_not_break_xmp() -> None:
    packet, _ = xmp.with_fields(b"", dataset(2, 120, b"one\r\ntwo\0\x01 <three>"), [])
    assert xmp.is_valid(packet)
    assert b"one\ntwo &lt;three&gt;" in packet


TEXTS = [
    Text("Title", "Großmutter"),
    Text("Author", "Zoë"),
    Text("Description", "祖母の写真", "ja", "説明"),
    Text("Copyright", "© Agfa"),
    Text("Creation Time", "Fri, 01 May 1931 12:00:00 +0000"),
    Text("Software", "Scan 1.0"),
    Text("Comment", "long " * 1000),
    Text("Scanner serial", "0815"),
]


def png(path: Path, *, deep: bool = False, late: bool = False) -> Path:
    """A PNG file with texts, of all kinds of chunks."""
    chunks = PngImagePlugin.PngInfo()
    for each in TEXTS:
        if each.language:
            chunks.add_itxt(each.keyword, each.content, each.language, each.translated)
        else:
            chunks.add_text(each.keyword, each.content, zip=len(each.content) > 100)
    if deep:
        photo = files.Photo(COLOURED.astype(np.uint16) * 257, metadata=Metadata(texts=(*TEXTS,)))
        files.write(photo, path)
    else:
        Image.fromarray(RAMP).save(path, pnginfo=chunks)
    if late:  # behind the pixels, where ExifTool writes
        content = path.read_bytes()
        pixels, end = content.index(b"IDAT") - 4, content.index(b"IEND") - 4
        first = 8 + 25  # signature and header
        path.write_bytes(content[:first] + content[pixels:end] + content[first:pixels]
                         + content[end:])  # fmt: skip
    return path


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("late", [False, True])
def test_texts_of_png_are_kept(tmp_path: Path, deep: bool, late: bool) -> None:
    path = png(tmp_path / "in.png", deep=deep, late=late)
    before = {k: v for k, v in read(path).items() if k.startswith("PNG") and "Warning" not in k}
    assert before["PNG:Title"] == "Großmutter"
    photo = files.read(path)
    files.write(photo, tmp_path / "out.png")
    after = read(tmp_path / "out.png")
    names = ("Title", "Author", "Description-ja", "Copyright", "CreationTime", "Software",
             "Comment")  # fmt: skip
    for name in names:
        assert after[f"PNG:{name}"] == before[f"PNG:{name}"]
    assert b"Scanner serial\x000815" in (tmp_path / "out.png").read_bytes()
    assert not files.lost([photo.metadata], "PNG")


@pytest.mark.parametrize("ending", ["jpg", "tif", "webp", "avif"])
def test_texts_of_png_go_to_the_fields_of_other_formats(tmp_path: Path, ending: str) -> None:
    path = png(tmp_path / "in.png")
    found = read(converted(path, ending))
    assert found["XMP-dc:Title"] == "Großmutter"
    assert found["XMP-dc:Creator"] == "Zoë"
    assert found["XMP-dc:Description-ja"] == "祖母の写真"
    assert found["XMP-dc:Rights"] == "© Agfa"
    assert found["XMP-xmp:CreateDate"].startswith("1931:05:01 12:00:00")
    assert found["XMP-xmp:CreatorTool"] == "Scan 1.0"
    comment = found["File:Comment" if ending == "jpg" else "XMP-exif:UserComment"]
    assert comment == "long " * 1000
    name = {"jpg": "JPEG", "tif": "TIFF"}.get(ending, ending.upper())
    assert files.lost([files.read(path).metadata], name) == (
        f"not kept in {name}: text 'Scanner serial'",
    )


@pytest.mark.parametrize("kind", ["exif", "iptc", "xmp"])
def test_metadata_that_exiftool_puts_behind_the_pixels_are_kept(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "in.png"
    files.write(files.Photo(COLOURED.astype(np.uint16) * 257), path)
    name = {"exif": "EXIF:Artist", "iptc": "IPTC:By-line", "xmp": "XMP-dc:Creator"}[kind]
    exiftool("-overwrite_original", f"-{name}=Zoë", path)
    shown = {"exif": "IFD0:Artist", "iptc": "IPTC:By-line", "xmp": "XMP-dc:Creator"}[kind]
    assert read(path)[shown] == "Zoë"
    for ending in ("png", "jpg"):
        files.write(files.read(path), tmp_path / f"out.{ending}")
        found = read(tmp_path / f"out.{ending}")
        here = "XMP-dc:Creator" if kind == "iptc" and ending == "png" else shown
        assert found[here] == "Zoë"


COMMENTS = ["Großmutter".encode(), "Großmutter".encode("latin-1")]


@pytest.mark.parametrize("comment", COMMENTS)
@pytest.mark.parametrize("lightness", ["exact", "recompressed"])
def test_comments_of_jpeg_are_kept(tmp_path: Path, lightness: str, comment: bytes) -> None:
    if lightness == "exact":
        pytest.importorskip("jpeglib")
    buffer = io.BytesIO()
    Image.fromarray(RAMP).save(buffer, "JPEG", comment=comment)
    second = b"\xff\xfe\0\x08second"
    content = buffer.getvalue()
    (tmp_path / "in.jpg").write_bytes(content[:2] + second + content[2:])
    retint.open(tmp_path / "in.jpg", "mean", lightness=lightness).save(tmp_path / "out.jpg")
    written = (tmp_path / "out.jpg").read_bytes()
    assert written.count(b"\xff\xfe\0" + bytes([len(comment) + 2]) + comment) == 1
    assert written.count(second) == 1


@pytest.mark.parametrize("comment", COMMENTS)
@pytest.mark.parametrize("first", ["jpg", "gif"])
@pytest.mark.parametrize("then", ["png", "tif", "webp", "avif"])
def test_comments_go_to_the_fields_of_other_formats(
    tmp_path: Path, first: str, then: str, comment: bytes
) -> None:
    path = tmp_path / f"in.{first}"
    Image.fromarray(RAMP).save(path, comment=comment)
    found = read(converted(path, then))
    assert found["PNG:Comment" if then == "png" else "XMP-exif:UserComment"] == "Großmutter"


def test_what_is_lost_is_named() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Agfa"
    said = Metadata(exif.tobytes(), b"<x>", dataset(2, 5, b"Ab"), texts=(TEXTS[0],))
    assert files.lost([said], "BMP") == ("not kept in BMP: EXIF, XMP, IPTC, texts",)
    assert files.lost([said], "JPEG") == ("not kept in JPEG: XMP, which is broken",)
    exif[0x010E] = "long " * 20_000
    assert files.lost([Metadata(exif.tobytes())], "JPEG") == (
        "not kept in JPEG: EXIF ImageDescription",
    )
    assert files.lost([Metadata(exif.tobytes())] * 2, "PNG") == ()
    many = Metadata(texts=tuple(Text(f"key {k}", "") for k in range(1000)))
    (remark,) = files.lost([many], "WEBP")
    assert remark.endswith("text 'key 19' and 980 more")


@pytest.mark.parametrize("chunk", [b"tEXt", b"zTXt", b"iTXt"])
@pytest.mark.parametrize("content", [b"", b"\0", b"Title", b"Title\0\0\0\0", b"Title\0\0\0x\xff"])
def test_broken_texts_are_harmless(tmp_path: Path, chunk: bytes, content: bytes) -> None:
    chunks = PngImagePlugin.PngInfo()
    chunks.add(chunk, content, after_idat=True)
    chunks.add_text("Author", "Zoë")
    path = tmp_path / "in.png"
    Image.fromarray(RAMP).save(path, pnginfo=chunks)
    assert "Zoë" in [each.content for each in files.read_metadata(path).texts]


def test_a_compressed_text_of_endless_size_is_left_out(tmp_path: Path) -> None:
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("Title", " " * (1 << 25), zip=True)
    path = tmp_path / "in.png"
    Image.fromarray(RAMP).save(path, pnginfo=chunks)
    content = path.read_bytes()
    start, pixels = content.index(b"zTXt") - 4, content.index(b"IDAT") - 4
    late = content[:start] + content[pixels:-12] + content[start:pixels] + content[-12:]
    assert not list(files.read_metadata(io.BytesIO(late)).texts)
