"""Statements about pixels that follow the orientation, or that a coloured picture must not make."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image, PngImagePlugin
from PIL.ExifTags import IFD

import retint
from retint import files
from retint.files import xmp
from retint.files.turn import Turn
from tests.programs import program

WIDTH, HEIGHT = 64, 48
RAMP = np.tile(np.arange(WIDTH, dtype=np.uint8) * 4, (HEIGHT, 1))
ENDINGS = ["jpg", "png", "tif", "webp", "avif"]

ATTRIBUTES = """
<rdf:Description rdf:about="" xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"
 xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" xmlns:t="http://ns.adobe.com/tiff/1.0/"
 t:Orientation="{orientation}" t:ImageWidth="64" t:Make="Agfa">
 <mwg-rs:Regions rdf:parseType="Resource">
  <mwg-rs:AppliedToDimensions stDim:w="64" stDim:h="48" stDim:unit="pixel"/>
  <mwg-rs:RegionList><rdf:Bag><rdf:li rdf:parseType="Resource">
   <mwg-rs:Area stArea:x="0.3" stArea:y="0.2" stArea:w="0.1" stArea:h="0.25"
    stArea:unit="normalized"/>
   <mwg-rs:Name>Aunt Mary</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type>
  </rdf:li></rdf:Bag></mwg-rs:RegionList>
 </mwg-rs:Regions>
</rdf:Description>"""
ELEMENTS = """
<rdf:Description rdf:about="" xmlns:r="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:d="http://ns.adobe.com/xap/1.0/sType/Dimensions#"
 xmlns:a="http://ns.adobe.com/xmp/sType/Area#" xmlns:tiff="http://ns.adobe.com/tiff/1.0/">
 <tiff:Orientation>{orientation}</tiff:Orientation><tiff:Make>Agfa</tiff:Make>
 <r:Regions><rdf:Description>
  <r:AppliedToDimensions><rdf:Description><d:w>64</d:w><d:h>48</d:h><d:unit>pixel</d:unit>
  </rdf:Description></r:AppliedToDimensions>
  <r:RegionList><rdf:Bag><rdf:li><rdf:Description><r:Name>Aunt Mary</r:Name>
   <r:Area rdf:parseType="Resource"><a:x>0.3</a:x><a:y>0.2</a:y><a:w>0.1</a:w><a:h>0.25</a:h>
    <a:unit>normalized</a:unit></r:Area></rdf:Description></rdf:li></rdf:Bag></r:RegionList>
 </rdf:Description></r:Regions>
</rdf:Description>"""
OTHERS = """
<rdf:Description rdf:about="" xmlns:MP="http://ns.microsoft.com/photo/1.2/"
 xmlns:I="http://ns.microsoft.com/photo/1.2/t/RegionInfo#"
 xmlns:G="http://ns.microsoft.com/photo/1.2/t/Region#"
 xmlns:exif="http://ns.adobe.com/exif/1.0/"
 xmlns:x="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
 <MP:RegionInfo rdf:parseType="Resource"><I:Regions><rdf:Bag>
  <rdf:li G:Rectangle="0.25, 0.075, 0.1, 0.25" G:PersonDisplayName="Aunt Mary"/>
 </rdf:Bag></I:Regions></MP:RegionInfo>
 <exif:SubjectArea><rdf:Seq><rdf:li>10</rdf:li><rdf:li>20</rdf:li><rdf:li>6</rdf:li>
 <rdf:li>8</rdf:li></rdf:Seq></exif:SubjectArea>
 <x:ImageRegion><rdf:Bag><rdf:li rdf:parseType="Resource">
  <x:RegionBoundary rdf:parseType="Resource"><x:rbShape>rectangle</x:rbShape>
   <x:rbUnit>pixel</x:rbUnit><x:rbX>16</x:rbX><x:rbY>4</x:rbY><x:rbW>8</x:rbW><x:rbH>12</x:rbH>
  </x:RegionBoundary></rdf:li></rdf:Bag></x:ImageRegion>
</rdf:Description>"""
CENTRES = {
    1: (0.3, 0.2), 2: (0.7, 0.2), 3: (0.7, 0.8), 4: (0.3, 0.8),
    5: (0.2, 0.3), 6: (0.8, 0.3), 7: (0.8, 0.7), 8: (0.2, 0.7),
}  # fmt: skip
"""Where the centre of the face is in the upright picture, by orientation."""
SUBJECTS = {
    1: (10, 20), 2: (53, 20), 3: (53, 27), 4: (10, 27),
    5: (20, 10), 6: (27, 10), 7: (27, 53), 8: (20, 53),
}  # fmt: skip
"""The same for column 10 and row 20."""


def packet(*descriptions: str) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
        'syntax-ns#">' + "".join(descriptions) + "</rdf:RDF></x:xmpmeta>"
    ).encode()


def source(path: Path, orientation: int, content: bytes = b"") -> Path:
    """A picture with a subject at column 10, row 20, of 6 x 8 pixels."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Agfa"
    inner = exif.get_ifd(0x8769)
    inner.update({0xA002: WIDTH, 0xA003: HEIGHT, 0x9214: (10, 20, 6, 8), 0xA214: (10, 20)})
    inner.update({0xA001: 0xFFFF, 0x9101: b"\1\0\0\0", 0x9102: 8.0, 0xA500: 2.2})
    options: dict[str, Any] = {"exif": exif}
    if content and path.suffix == ".tif":
        exif[700] = content
    elif content and path.suffix == ".png":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", content.decode())
    elif content:
        options["xmp"] = content
    Image.fromarray(RAMP).save(path, **options)
    return path


def read(path: Path) -> dict[str, Any]:
    """What ExifTool reads, as numbers."""
    command = [program("exiftool"), "-json", "-n", "-G1", "-struct", "-a", str(path)]
    done = subprocess.run(command, capture_output=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)[0]
    return found


def numbers(text: Any) -> list[float]:
    found = text.replace(",", " ").split() if isinstance(text, str) else text
    return [float(each) for each in found]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", [ATTRIBUTES, ELEMENTS])
def test_faces_follow_the_orientation(tmp_path: Path, form: str, orientation: int) -> None:
    ending = ENDINGS[orientation % len(ENDINGS)]
    content = packet(form.format(orientation=orientation), OTHERS)
    path = source(tmp_path / "in.jpg", orientation, content)
    target = tmp_path / f"out.{ending}"
    retint.open(path, "mean", lightness="recompressed").save(target)
    found = read(target)
    swaps = orientation >= 5
    regions = found["XMP-mwg-rs:RegionInfo"]
    size = regions["AppliedToDimensions"]
    assert (size["W"], size["H"]) == ((48, 64) if swaps else (64, 48))
    area = regions["RegionList"][0]["Area"]
    assert (area["X"], area["Y"]) == pytest.approx(CENTRES[orientation])
    assert (area["W"], area["H"]) == pytest.approx((0.25, 0.1) if swaps else (0.1, 0.25))
    assert regions["RegionList"][0]["Name"] == "Aunt Mary"
    x, y, width, height = numbers(found["XMP-MP:RegionInfoMP"]["Regions"][0]["Rectangle"])
    assert (x + width / 2, y + height / 2) == pytest.approx(CENTRES[orientation])
    assert (width, height) == pytest.approx((0.25, 0.1) if swaps else (0.1, 0.25))
    subject = [*SUBJECTS[orientation], *((8, 6) if swaps else (6, 8))]
    assert numbers(found["XMP-exif:SubjectArea"]) == subject
    assert numbers(found["ExifIFD:SubjectArea"]) == subject
    assert numbers(found["ExifIFD:SubjectLocation"]) == subject[:2]
    sides = [found["ExifIFD:ExifImageWidth"], found["ExifIFD:ExifImageHeight"]]
    assert sides == ([48, 64] if swaps else [64, 48])
    place = found["XMP-iptcExt:ImageRegion"][0]["RegionBoundary"]
    centre = (place["RbX"] + place["RbW"] / 2, place["RbY"] + place["RbH"] / 2)
    expected = Turn(orientation, WIDTH, HEIGHT).point(20.0, 10.0, float(WIDTH), float(HEIGHT))
    assert centre == pytest.approx(expected)
    assert "XMP-tiff:Orientation" not in found or orientation == 1
    assert "XMP-tiff:ImageWidth" not in found
    assert found["XMP-tiff:Make"] == "Agfa"


@pytest.mark.parametrize("ending", ENDINGS)
def test_faces_follow_from_every_format_to_every_format(tmp_path: Path, ending: str) -> None:
    path = source(tmp_path / f"in.{ending}", 6, packet(ATTRIBUTES.format(orientation=6)))
    for other in ENDINGS:
        target = tmp_path / f"out.{other}"
        retint.open(path, "mean", lightness="recompressed").save(target)
        found = read(target)
        area = found["XMP-mwg-rs:RegionInfo"]["RegionList"][0]["Area"]
        assert (area["X"], area["Y"]) == pytest.approx(CENTRES[6])
        if ending != "tif":  # Pillow writes none there
            assert numbers(found["ExifIFD:SubjectArea"]) == [27, 10, 8, 6]


@pytest.mark.parametrize("orientation", [1, 3, 6, 7])
def test_faces_stay_beside_exact_lightness(tmp_path: Path, orientation: int) -> None:
    pytest.importorskip("jpeglib")
    content = packet(ATTRIBUTES.format(orientation=orientation), OTHERS)
    path = source(tmp_path / "in.jpg", orientation, content)
    retint.open(path, "mean", lightness="exact").save(tmp_path / "out.jpg")
    before, after = read(path), read(tmp_path / "out.jpg")
    assert after.get("IFD0:Orientation", 1) == orientation
    same = ("XMP-mwg-rs:RegionInfo", "XMP-MP:RegionInfoMP", "XMP-exif:SubjectArea",
            "ExifIFD:SubjectArea", "ExifIFD:ExifImageWidth", "XMP-iptcExt:ImageRegion",
            "XMP-tiff:Orientation")  # fmt: skip
    assert {name: after.get(name) for name in same} == {name: before[name] for name in same}


def test_faces_that_were_marked_in_the_upright_picture_stay() -> None:
    content = packet(ATTRIBUTES.format(orientation=6))
    upright = content.replace(b'stDim:w="64" stDim:h="48"', b'stDim:w="48" stDim:h="64"')
    found = xmp.of_new_pixels(upright, Turn(6, WIDTH, HEIGHT))
    assert b'x="0.3"' in found
    assert b"Orientation" not in found


def test_turning_back_gives_the_same_numbers() -> None:
    content = packet(ATTRIBUTES.format(orientation=1), OTHERS)
    there = xmp.of_new_pixels(content, Turn(6, WIDTH, HEIGHT))
    back = xmp.of_new_pixels(there, Turn(8, HEIGHT, WIDTH))
    for part in (b'x="0.3"', b'y="0.2"', b'w="0.1"', b"0.25, 0.075, 0.1, 0.25", b"<rdf:li>10<"):
        assert part in back


@pytest.mark.parametrize("text", ["", "NaN", "-Infinity", "1e999999999", "0,3", "9" * 500, "face"])
def test_broken_regions_are_left_alone(text: str) -> None:
    content = packet(ATTRIBUTES.format(orientation=6), OTHERS)
    content = content.replace(b'x="0.3"', f'x="{text}"'.encode()).replace(b"0.25, ", text.encode())
    found = xmp.of_new_pixels(content.replace(b">10<", f">{text}<".encode()), Turn(5, 64, 48))
    assert f'x="{text}"'.encode() in found
    assert b"Aunt Mary" in found
    assert len(found) < 8000


STALE = """
<rdf:Description rdf:about="" xmlns:p="http://ns.adobe.com/photoshop/1.0/"
 xmlns:c="http://ns.adobe.com/camera-raw-settings/1.0/"
 xmlns:t="http://ns.adobe.com/tiff/1.0/" xmlns:e="http://ns.adobe.com/exif/1.0/"
 xmlns:m="http://ns.adobe.com/xap/1.0/" xmlns:g="http://ns.adobe.com/xap/1.0/g/img/"
 p:ColorMode="1" p:ICCProfile="Dot Gain 20%" p:City="Wien" c:ConvertToGrayscale="True"
 c:GrayMixerRed="-8" c:Saturation="-100" c:Exposure2012="+0.20" t:SamplesPerPixel="1"
 t:PhotometricInterpretation="1" e:ColorSpace="65535" e:PixelXDimension="9">
 <t:BitsPerSample><rdf:Seq><rdf:li>8</rdf:li></rdf:Seq></t:BitsPerSample>
 <c:Treatment>Black &amp; White</c:Treatment>
 <c:Look><rdf:Description c:Name="Adobe Monochrome" c:Amount="1"><c:Parameters>
  <rdf:Description c:ConvertToGrayscale="True"/></c:Parameters></rdf:Description></c:Look>
 <m:Thumbnails><rdf:Alt><rdf:li rdf:parseType="Resource"><g:image>/9j/4AAQ</g:image></rdf:li>
 </rdf:Alt></m:Thumbnails>
</rdf:Description>"""
AS_ELEMENTS = """
<rdf:Description rdf:about="" xmlns:p="http://ns.adobe.com/photoshop/1.0/"
 xmlns:c="http://ns.adobe.com/camera-raw-settings/1.0/">
 <p:ColorMode>1</p:ColorMode><p:ICCProfile>Gray Gamma 2.2</p:ICCProfile><p:City>Wien</p:City>
 <c:ConvertToGrayscale>True</c:ConvertToGrayscale><c:Exposure2012>+0.20</c:Exposure2012>
</rdf:Description>"""


@pytest.mark.parametrize(
    ("ending", "lightness"), [("jpg", "recompressed"), *((each, "auto") for each in ENDINGS)]
)
@pytest.mark.parametrize("form", [STALE, AS_ELEMENTS], ids=["attributes", "elements"])
def test_metadata_that_say_grey_are_dropped(
    tmp_path: Path, ending: str, form: str, lightness: str
) -> None:
    path = source(tmp_path / "in.jpg", 1, packet(form))
    target = tmp_path / f"out.{ending}"
    retint.open(path, "mean", lightness=lightness).save(target)
    found = read(target)
    assert found["XMP-photoshop:City"] == "Wien"
    assert found["XMP-crs:Exposure2012"] == "+0.20"
    wrong = {"ColorMode", "ICCProfileName", "ConvertToGrayscale", "Treatment", "Look", "Saturation",
             "GrayMixerRed", "SamplesPerPixel", "PhotometricInterpretation", "BitsPerSample",
             "ThumbnailImage", "Thumbnails", "PixelXDimension", "ExifImageWidth",
             "ColorSpace"}  # fmt: skip
    assert not {name for name in found if name.startswith("XMP") and name.split(":")[1] in wrong}
    assert found["ExifIFD:ColorSpace"] == 1
    assert found["ExifIFD:ComponentsConfiguration"] == "1 2 3 0"
    assert "ExifIFD:CompressedBitsPerPixel" not in found
    assert "ExifIFD:Gamma" not in found


@pytest.mark.parametrize("profile", ["display-p3", "adobe-rgb"])
def test_other_spaces_are_not_called_srgb(tmp_path: Path, profile: str) -> None:
    path = source(tmp_path / "in.jpg", 1)
    retint.open(path, "mean", profile=profile).save(tmp_path / "out.jpg")
    assert read(tmp_path / "out.jpg")["ExifIFD:ColorSpace"] == 0xFFFF


def test_unequal_resolutions_are_swapped(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(RAMP).save(tmp_path / "in.jpg", exif=exif, dpi=(204, 98))
    for ending in ("png", "tif", "jpg"):
        files.write(files.read(tmp_path / "in.jpg"), tmp_path / f"out.{ending}")
        found = Image.open(tmp_path / f"out.{ending}").info["dpi"]
        assert found == pytest.approx((98, 204), abs=0.1)


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_resolution_is_kept_in_every_format(tmp_path: Path, ending: str) -> None:
    Image.fromarray(RAMP).save(tmp_path / "in.jpg", dpi=(300, 300))
    files.write(files.read(tmp_path / "in.jpg"), tmp_path / f"out.{ending}")
    found = Image.open(tmp_path / f"out.{ending}")
    dpi = found.info.get("dpi") or (found.getexif()[0x011A], found.getexif()[0x011B])
    assert dpi == pytest.approx((300, 300), abs=0.1)


def test_what_a_tiff_page_loses_is_named(tmp_path: Path) -> None:
    tags = [(37724, 7, 4, b"abcd", True), (50000, 2, 3, b"ab\0", True), (274, 3, 1, 6, True),
            (33550, 12, 3, (0.25, 0.25, 0.0), True), (42113, 2, 2, b"0\0", True)]  # fmt: skip
    tifffile.imwrite(tmp_path / "in.tif", RAMP, extratags=tags, metadata=None)
    assert files.read(tmp_path / "in.tif").remarks == (
        "left out: layers of Photoshop, tag 50000, its place on the map, which holds for its "
        "original orientation (GeoTIFF)",
    )
    tifffile.imwrite(tmp_path / "in.tif", RAMP, extratags=tags[3:], metadata=None)
    assert files.read(tmp_path / "in.tif").remarks == ()


def test_modules_that_make_it_grey_are_switched_off() -> None:
    history = """<rdf:Description rdf:about="" xmlns:d="http://darktable.sf.net/"><d:history>
    <rdf:Seq><rdf:li d:operation="monochrome" d:enabled="1"/>
    <rdf:li d:operation="exposure" d:enabled="1"/></rdf:Seq></d:history></rdf:Description>"""
    found = xmp.of_new_pixels(packet(history))
    assert found.count(b'enabled="0"') == found.count(b'enabled="1"') == 1


def test_thumbnails_beside_exact_lightness_are_stored_like_the_picture(tmp_path: Path) -> None:
    pytest.importorskip("jpeglib")
    photo = files.read(source(tmp_path / "plain.jpg", 6))
    said = files.Metadata(exif=photo.metadata.exif, thumbnail=True)
    options = said.options("JPEG", lambda: Image.fromarray(RAMP), 6)
    path = tmp_path / "in.jpg"
    Image.fromarray(RAMP).save(path, **options)
    retint.open(path, "mean", lightness="exact").save(tmp_path / "out.jpg")
    small = Image.open(tmp_path / "out.jpg").getexif().get_ifd(IFD.IFD1)
    start = (whole := (tmp_path / "out.jpg").read_bytes()).index(b"Exif\0\0") + 6 + small[0x0201]
    (tmp_path / "small.jpg").write_bytes(whole[start : start + small[0x0202]])
    assert Image.open(tmp_path / "small.jpg").size == (WIDTH, HEIGHT)


def test_an_avif_file_turned_by_its_boxes_keeps_its_text(tmp_path: Path) -> None:
    text, place = "Großmutter in Köln".encode(), b"a text of this length"
    path = tmp_path / "in.avif"
    exif = Image.Exif()
    exif[0x010E] = place.decode()
    exif[0x0112] = 6
    Image.fromarray(RAMP).save(path, exif=exif)  # Pillow writes a box instead of the orientation
    path.write_bytes(path.read_bytes().replace(place, text.ljust(len(place))))
    photo = files.read(path)
    files.write(photo, tmp_path / "out.jpg")
    assert photo.size == (WIDTH, HEIGHT)
    assert read(tmp_path / "out.jpg")["IFD0:ImageDescription"].strip() == text.decode()
