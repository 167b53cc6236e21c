from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image, IptcImagePlugin

from retint import files
from retint.files import Photo
from retint.files.metadata import Metadata

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    b'syntax-ns#"><rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
    b'tiff:Orientation="6" tiff:Make="Agfa"/></rdf:RDF></x:xmpmeta>'
)
CAPTION = b"\x1c\x02\x78\x00\x09Aunt Mary"
"""IPTC's record 2, dataset 120."""
RAMP = np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))


def coloured(path: Path) -> Photo:
    """A file as retint reads it, with other pixels."""
    photo = files.read(path)
    return photo.with_pixels(np.stack([RAMP, RAMP // 2, 255 - RAMP], axis=-1))


def source(folder: Path, name: str = "in.jpg", **extra: Any) -> Path:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Agfa"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "1931:05:01 12:00:00"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[1] = "N"
    full = Metadata(exif.tobytes(), XMP, CAPTION, (600, 600), **extra)
    path = folder / name
    files.write(Photo(RAMP, metadata=full), path)
    return path


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif", ".webp", ".avif"])
def test_exif_and_xmp_are_kept(tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"out{ending}"
    files.write(coloured(source(tmp_path)), target)
    found = Image.open(target)
    exif = found.getexif()
    assert exif[ExifTags.Base.Make] == "Agfa"
    assert exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] == "1931:05:01 12:00:00"
    assert exif.get_ifd(ExifTags.IFD.GPSInfo)[1] == "N"
    assert b'tiff:Make="Agfa"' in files.read(target).metadata.xmp


@pytest.mark.parametrize(("first", "then"), [("jpg", "jpg"), ("jpg", "tif"), ("tif", "jpg")])
def test_iptc_is_kept(tmp_path: Path, first: str, then: str) -> None:
    target = tmp_path / f"out.{then}"
    files.write(coloured(source(tmp_path, f"in.{first}")), target)
    assert files.read(target).metadata.iptc == CAPTION
    info = IptcImagePlugin.getiptcinfo(Image.open(target))
    assert info is not None
    assert info[2, 120] == b"Aunt Mary"


def test_resolution_is_kept(tmp_path: Path) -> None:
    picture = coloured(source(tmp_path))
    for ending in ("jpg", "png", "tif"):
        target = tmp_path / f"out.{ending}"
        files.write(picture, target)
        assert Image.open(target).info["dpi"] == pytest.approx((600, 600), abs=0.1)


def test_orientation_is_applied_and_forgotten(tmp_path: Path) -> None:
    turned = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    Image.fromarray(RAMP).save(turned, exif=exif, xmp=XMP)
    photo = files.read(turned)
    assert photo.size == (64, 48)
    assert b"Orientation" not in photo.metadata.xmp
    files.write(photo, tmp_path / "out.jpg")
    assert ExifTags.Base.Orientation not in Image.open(tmp_path / "out.jpg").getexif()


def test_a_thumbnail_is_made_anew(tmp_path: Path) -> None:
    path = source(tmp_path, thumbnail=True)
    target = tmp_path / "out.jpg"
    files.write(coloured(path), target)
    exif = Image.open(target).getexif()
    assert exif[ExifTags.Base.Make] == "Agfa"
    small = exif.get_ifd(ExifTags.IFD.IFD1)
    content = target.read_bytes()
    start = content.index(b"Exif\0\0") + 6 + small[0x0201]
    thumbnail = Image.open(io.BytesIO(content[start : start + small[0x0202]]))
    assert thumbnail.size == (64, 48)
    colours = np.asarray(thumbnail).astype(int)
    assert np.ptp(colours, axis=-1).mean() > 20


def test_without_a_thumbnail_none_is_made(tmp_path: Path) -> None:
    files.write(coloured(source(tmp_path)), tmp_path / "out.jpg")
    assert not Image.open(tmp_path / "out.jpg").getexif().get_ifd(ExifTags.IFD.IFD1)


def test_long_metadata_is_split_into_segments(tmp_path: Path) -> None:
    huge = Metadata(xmp=XMP + b" " * 70_000, iptc=CAPTION * 10_000)
    files.write(Photo(RAMP, metadata=huge), tmp_path / "out.jpg")
    read = files.read(tmp_path / "out.jpg").metadata
    assert b"Agfa" in read.xmp
    assert read.iptc == huge.iptc
    files.write(Photo(RAMP, metadata=huge), tmp_path / "out.tif")
    assert len(files.read(tmp_path / "out.tif").metadata.iptc) == len(CAPTION) * 10_000
