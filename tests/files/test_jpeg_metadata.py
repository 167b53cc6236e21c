"""XMP, IPTC and Photoshop resources that need several segments."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import retint
from retint import files
from retint.files import Photo, xmp
from retint.files.jpeg import metadata as jpeg_metadata
from retint.files.jpeg import segments as jpeg
from retint.files.jpeg.metadata import Resource, Segment
from retint.files.metadata import Metadata
from retint.files.xmp.rdf import PREFIXES

RAMP = np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))
PATH, THUMBNAIL = 2000, 0x040C


def packet(letters: int, name: str = "dc") -> bytes:
    """XMP with two descriptions, the first as long as that."""
    uri = PREFIXES[name]
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
        f'syntax-ns#"><rdf:Description rdf:about="" xmlns:{name}="{uri}" {name}:source="'
        + "é"
        * letters
        + '"/><rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
        'tiff:Make="Agfa"/></rdf:RDF></x:xmpmeta>'
    ).encode()


def written(metadata: Metadata) -> bytes:
    return files.encode(Photo(RAMP, metadata=metadata), files.FORMATS["JPEG"])


def head(content: bytes) -> list[Segment]:
    return list(jpeg.segments(content))


@pytest.mark.parametrize("letters", [10, 40_000, 150_000])
def test_xmp_of_any_length_comes_back(letters: int) -> None:
    content = written(Metadata(xmp=packet(letters)))
    assert all(len(each.content) <= 65_533 for each in head(content))
    read = files.read(io.BytesIO(content)).metadata.xmp
    assert ("é" * letters).encode() in read
    assert b'Make="Agfa"' in read
    assert b"HasExtendedXMP" not in read
    assert files.read_metadata(io.BytesIO(content)).xmp == read


def test_provenance_is_found_in_a_long_packet() -> None:
    said = xmp.with_provenance(packet(90_000), {"Method": "guided-unet"})
    content = written(Metadata(xmp=said))
    first = Image.open(io.BytesIO(content)).info["xmp"]
    # Programs that know of no extensions see it too.
    assert xmp.provenance(first) == {"Method": "guided-unet"}
    assert xmp.provenance(files.read_metadata(io.BytesIO(content)).xmp) == {"Method": "guided-unet"}


def test_a_damaged_extension_is_left_out() -> None:
    content = written(Metadata(xmp=packet(90_000)))
    place = content.index(jpeg_metadata.EXTENSION) + 200
    broken = content[:place] + b"?" + content[place + 1 :]
    read = files.read(io.BytesIO(broken)).metadata.xmp
    assert b'Make="Agfa"' in read
    assert len(read) < 65_000


def test_segments_of_an_extension_may_come_in_any_order() -> None:
    first, further = jpeg_metadata.split_xmp(packet(90_000))
    assert len(further) > 1
    whole = jpeg_metadata.complete_xmp(first, further)
    assert jpeg_metadata.complete_xmp(first, further[::-1]) == whole
    assert jpeg_metadata.complete_xmp(first, further[1:]) == first


@pytest.mark.parametrize("size", [9, 70_000, 200_001])
def test_iptc_of_any_length_comes_back(size: int) -> None:
    iptc = b"\x1c\x02\x78\x00\x09Aunt Mary" + bytes(size)
    assert files.read(io.BytesIO(written(Metadata(iptc=iptc)))).metadata.iptc == iptc


def test_resources_that_break_off_are_left_out() -> None:
    one, other = Resource(PATH, b"\4path\0", b"abc"), Resource(PATH + 1, b"\0\0", b"d" * 50)
    (segment,) = jpeg_metadata.photoshop_segments([one, other])
    assert jpeg_metadata.resources([segment]) == [one, other]
    for cut in (1, 40, 51, 60):
        short = Segment(segment.marker, segment.content[:-cut])
        assert jpeg_metadata.resources([short]) == [one]


def test_a_path_of_photoshop_stays_and_its_thumbnail_goes(tmp_path: Path) -> None:
    pytest.importorskip("jpeglib")
    those = [Resource(PATH, b"\0\0", b"p" * 99_000), Resource(THUMBNAIL, b"\0\0", b"t" * 100)]
    plain = written(Metadata())
    further = b"".join(map(bytes, jpeg_metadata.photoshop_segments(those)))
    source = tmp_path / "scan.jpg"
    source.write_bytes(plain[:2] + further + plain[2:])
    target = tmp_path / "colour.jpg"
    retint.open(source, "mean", lightness="exact").save(target)
    kept = jpeg_metadata.resources(head(target.read_bytes()))
    assert kept == those[:1]
    photo = files.read(target)
    assert photo.jpeg is not None
    assert replace(photo, jpeg=None).pixels.ndim == 3
