from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import ExifTags, Image

from retint import files
from retint.errors import PhotoError
from retint.extras import install
from retint.files import heif

from ..cli.test_main import run

SUBJECT_AREA = 0x9214
RAMP = np.tile(np.linspace(20, 230, 96).astype(np.uint8), (64, 1))


@pytest.fixture
def heic(tmp_path: Path) -> Path:
    path = tmp_path / "a.heic"
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "a telephone"
    picture = pillow_heif.from_pillow(Image.fromarray(RAMP).convert("RGB"))
    picture.save(path, quality=95, exif=exif.tobytes())
    return path


def test_heic_is_read_with_its_metadata(heic: Path) -> None:
    found = files.read(heic)
    assert found.size == RAMP.shape
    levels = found.pixels if found.pixels.ndim == 2 else found.pixels[..., 1]
    assert np.abs(levels.astype(int) - RAMP).max() <= 4
    exif = Image.Exif()
    exif.load(found.metadata.exif)
    assert exif[ExifTags.Base.Make] == "a telephone"


def test_the_further_pictures_of_a_burst_are_counted(tmp_path: Path) -> None:
    several = pillow_heif.HeifFile()  # type: ignore[no-untyped-call]
    for shift in range(3):
        several.add_from_pillow(Image.fromarray(np.roll(RAMP, shift)).convert("RGB"))
    several.save(tmp_path / "burst.heic")
    assert files.read(tmp_path / "burst.heic").remarks == ("further pictures left out: 2",)


@pytest.mark.parametrize("orientation", [1, 3, 6, 7])
def test_positions_follow_the_orientation(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif.get_ifd(ExifTags.IFD.Exif)[SUBJECT_AREA] = (10, 20)
    heif.enable(io.BytesIO(b"\0\0\0\x10ftypheic\0\0\0\0"))
    path = tmp_path / "a.heic"
    Image.fromarray(RAMP).convert("RGB").save(path, "HEIF", exif=exif.tobytes())
    photo = files.read(path)
    assert photo.size == ((96, 64) if orientation >= 5 else (64, 96))
    files.write(photo, tmp_path / "a.jpg")
    inner = Image.open(tmp_path / "a.jpg").getexif().get_ifd(ExifTags.IFD.Exif)
    expected = {1: (10, 20), 3: (85, 43), 6: (43, 10), 7: (43, 85)}
    assert inner[SUBJECT_AREA] == expected[orientation]


def test_a_folders_heic_is_coloured(heic: Path) -> None:
    out = heic.parent / "out"
    assert run(heic.parent, "-o", out, "--quiet", "--method", "mean", "--recolor") == 0
    assert files.read(out / "a.png").size == RAMP.shape


def test_half_a_heic_is_refused(heic: Path) -> None:
    content = heic.read_bytes()
    for share in (5, 40, 90):
        heic.write_bytes(content[: len(content) * share // 100])
        with pytest.raises(PhotoError):
            files.read(heic)


def test_the_extra_is_named(heic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heif._register.cache_clear()
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(PhotoError, match=re.escape(install("heif"))):
        files.read(heic)


def test_avif_needs_no_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    files.write(files.Photo(RAMP), tmp_path / "a.avif")
    assert files.read(tmp_path / "a.avif").size == RAMP.shape
