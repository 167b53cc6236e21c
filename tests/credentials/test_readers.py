"""What independent readers say about signed files: ExifTool, C2PA's own library, and Pillow."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import retint
from retint import credentials
from retint.credentials.library import library
from retint.files import xmp
from tests.cli.test_main import run
from tests.film.clips import moving, write
from tests.programs import program

pytest.importorskip("c2pa")

from .test_credentials import ARCHIVE

RAMP = np.add.outer(np.arange(96), np.arange(128)).astype(np.uint8)
XMP_OF_TIFF = 700
FRAMES = b"mdat"
"""Name of the box with the frames of a film."""
CHANGED = 16
"""Bytes by which a place in a file is known."""


def made(folder: Path, case: str) -> tuple[Path, Path]:
    """A colored file, with and without a signature."""
    name, _, how = case.partition(" ")
    more: tuple[object, ...] = ("--lightness", how) if how else ()
    if name == "mp4":
        source = write(folder / "grey.mp4", moving(4))
    else:
        source = folder / "grey.jpg"
        Image.fromarray(RAMP).save(source, quality=90)
    certificate, key = ARCHIVE.write(folder)
    signing = ("--sign", "--sign-certificate", certificate, "--sign-key", key)
    found = []
    for stem, given in (("plain", ()), ("signed", signing)):
        found.append(folder / f"{stem}.{name}")
        assert run(source, "-o", found[-1], "--method", "mean", "--quiet", *more, *given) == 0
    return found[0], found[1]


def exiftool(path: Path) -> dict[str, Any]:
    command = [program("exiftool"), "-json", "-G1", str(path)]
    said = subprocess.run(command, capture_output=True, check=True).stdout
    found: dict[str, Any] = json.loads(said)[0]
    return found


def pillow(path: Path) -> bytes:
    """The XMP packet that Pillow finds."""
    with Image.open(path) as image:
        image.load()
        packet = image.info.get("xmp") or image.tag_v2[XMP_OF_TIFF]  # type: ignore[attr-defined]
    return bytes(packet)


def source_types(path: Path) -> list[str]:
    """The kinds of source that the actions of a file state, by C2PA's own library."""
    with path.open("rb") as file, library().Reader(credentials.type_of(path), file) as reader:
        store = json.loads(reader.json())
    said = store["manifests"][store["active_manifest"]]["assertions"]
    actions = [each["data"]["actions"] for each in said if each["label"].startswith("c2pa.actions")]
    types = [act.get("digitalSourceType") for some in actions for act in some]
    return [each for each in types if each]


def differing(plain: Path, signed: Path) -> bytes:
    """The signed file with one changed byte of what was there before it was signed: in films of
    their frames, since the first box of a film is in no signature.
    """
    before, content = plain.read_bytes(), bytearray(signed.read_bytes())
    begin = before.find(FRAMES) + len(FRAMES) if FRAMES in before else len(before) // 2
    for start in range(begin, len(before) - CHANGED):
        place = content.find(before[start : start + CHANGED])
        if place >= 0:
            content[place] ^= 1
            return bytes(content)
    raise AssertionError("the signed file contains nothing of the other")


CASES = ["jpg exact", "jpg recompressed", "png", "tif", "webp", "avif", "mp4"]


@pytest.mark.parametrize("case", CASES)
def test_readers_agree_about_a_signed_file(tmp_path: Path, case: str) -> None:
    if case == "jpg exact":
        pytest.importorskip("jpeglib")
    plain, path = made(tmp_path, case)
    found = exiftool(path)
    assert found["XMP-iptcExt:DigitalSourceType"] == xmp.SOURCE_TYPE
    assert found["XMP-iptcExt:AISystemVersionUsed"] == retint.__version__
    assert xmp.SOURCE_TYPE in source_types(path)
    if case != "mp4":
        said = xmp.provenance(pillow(path)) or {}
        assert said["Method"] == "mean"
        assert xmp.SOURCE_TYPE.encode() in pillow(path)
    known = credentials.read(path, credentials.type_of(path))
    assert known is not None
    assert known.is_valid
    path.write_bytes(differing(plain, path))
    broken = credentials.read(path, credentials.type_of(path))
    assert broken is not None
    assert not broken.is_valid
