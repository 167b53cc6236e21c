"""`--turn`, `--straighten` and `--crop` change the file, after it is coloured."""

from __future__ import annotations

import json
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image

import retint
from retint import files
from retint.files import xmp
from tests.programs import program

from ..files.test_new_pixels import ATTRIBUTES, ELEMENTS
from ..picture.jpegs import luma
from .test_main import run

ORIENTATION = 0x0112
EXACT = find_spec("jpeglib") is not None
"""Whether JPEG can keep its coefficients, whatever retint says."""
UNET = ("--method", "unet", "--threads", 1)
QUARTERS = {90: -1, 180: 2, 270: 1}
"""Arguments of `np.rot90`, by degrees clockwise."""
AFTERWARDS = {1: 6, 2: 7, 3: 8, 4: 5, 5: 2, 6: 3, 7: 4, 8: 1}
"""EXIF orientations after a further quarter turn clockwise."""
PACKET = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{}</rdf:RDF></x:xmpmeta>'


def saved(path: Path, pixels: NDArray[Any], orientation: int = 1, xmp: str = "") -> Path:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    more: dict[str, Any] = {"xmp": PACKET.format(xmp).encode()} if xmp else {}
    Image.fromarray(pixels).save(path, exif=exif, **more)
    return path


@pytest.fixture
def grey_photo(coffee: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(coffee[:144, :208, 1])


def as_seen(path: Path) -> NDArray[np.uint8]:
    """The pixels as Pillow shows them, with the orientation."""
    with Image.open(path) as picture:
        from PIL import ImageOps

        return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exact_jpeg_turns_by_its_orientation(
    tmp_path: Path, grey_photo: NDArray[np.uint8], orientation: int
) -> None:
    pytest.importorskip("jpeglib")
    source = saved(tmp_path / "a.jpg", grey_photo, orientation)
    assert run(source, "-o", tmp_path / "plain.jpg", "--upright", 90, *UNET) == 0
    assert run(source, "-o", tmp_path / "out.jpg", "--turn", 90, *UNET) == 0
    np.testing.assert_array_equal(luma(tmp_path / "out.jpg"), luma(source))
    with Image.open(tmp_path / "out.jpg") as turned:
        assert turned.size == (208, 144)
        assert turned.getexif().get(ORIENTATION, 1) == AFTERWARDS[orientation]
    np.testing.assert_array_equal(
        as_seen(tmp_path / "out.jpg"), np.rot90(as_seen(tmp_path / "plain.jpg"), -1)
    )
    assert run("restore", tmp_path / "out.jpg", "-o", tmp_path / "back.jpg", "--quiet") == 0
    np.testing.assert_array_equal(as_seen(tmp_path / "back.jpg"), as_seen(source))


@pytest.mark.parametrize("degrees", QUARTERS)
@pytest.mark.parametrize("ending", ["png", "tif"])
def test_pixels_of_other_formats_turn(
    tmp_path: Path, grey_photo: NDArray[np.uint8], degrees: int, ending: str
) -> None:
    source = saved(tmp_path / f"a.{ending}", grey_photo, 8)
    outs = [tmp_path / f"{name}.png" for name in ("plain", "out", "back")]
    assert run(source, "-o", outs[0], "--upright", degrees, *UNET) == 0
    assert run(source, "-o", outs[1], "--turn", degrees, *UNET) == 0
    np.testing.assert_array_equal(
        np.asarray(Image.open(outs[1])),
        np.rot90(np.asarray(Image.open(outs[0])), QUARTERS[degrees]),
    )
    assert run("restore", outs[1], "-o", outs[2], "--quiet") == 0
    before, after = files.read(source).pixels.astype(int), files.read(outs[2]).pixels.astype(int)
    assert np.abs(before - after).max() <= 1


def test_deep_pages_turn_with_their_resolution(tmp_path: Path) -> None:
    import tifffile

    rng = np.random.default_rng(0)
    pages = [rng.integers(0, 65535, size, np.uint16) for size in ((40, 60), (50, 30))]
    source = tmp_path / "pages.tif"
    with tifffile.TiffWriter(source) as writer:
        for page in pages:
            writer.write(page, resolution=(300, 600), resolutionunit="INCH")
    assert run(source, "--turn", 270, "-o", tmp_path / "out.tif", *UNET) == 0
    with tifffile.TiffFile(tmp_path / "out.tif") as found:
        assert [page.shape for page in found.pages] == [(60, 40, 3), (30, 50, 3)]
        assert found.pages[0].dtype == np.uint16
        assert found.pages[0].get_resolution() == (600, 300)


@pytest.mark.parametrize("packet", [ATTRIBUTES, ELEMENTS])
@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_face_regions_turn(
    tmp_path: Path, grey_photo: NDArray[np.uint8], packet: str, ending: str
) -> None:
    """Checked by ExifTool."""
    exiftool = program("exiftool")
    source = tmp_path / "a.jpg"
    saved(source, grey_photo[:48, :64], 1, packet.format(orientation=1))
    target = tmp_path / f"out.{ending}"
    assert run(source, "--turn", 90, "-o", target, *UNET) == 0
    said = json.loads(
        subprocess.run([exiftool, "-j", "-struct", "-n", "-XMP:all", "-EXIF:Orientation", target],
                       check=True, capture_output=True).stdout
    )[0]  # fmt: skip
    (region,) = said["RegionInfo"]["RegionList"]
    area = tuple(round(float(region["Area"][name]), 6) for name in "XY")
    if ending == "jpg" and EXACT:  # as it is stored
        assert area == (0.3, 0.2)
        assert said["Orientation"] == 6
    else:
        assert area == (0.8, 0.3)
        assert "Orientation" not in said


def test_the_line_json_and_the_record_say_so(
    tmp_path: Path, grey_photo: NDArray[np.uint8], capsys: pytest.CaptureFixture[str]
) -> None:
    source = saved(tmp_path / "a.png", grey_photo)
    target = tmp_path / "a.retint.png"
    assert run(source, "--turn", 90, *UNET) == 0
    assert capsys.readouterr() == (f"{target}\n", f"retint: {source}: turned by 90 degrees\n")
    assert run(source, "--turn", 180, "--upright", 90, "--force", *UNET) == 0
    assert capsys.readouterr().err.splitlines() == [
        f"retint: {source}: turned by 180 degrees",
        f"retint: {source}: shown to the network turned by 90 degrees",
    ]  # fmt: skip
    said = xmp.provenance(files.read(target).metadata.xmp)
    assert said is not None
    assert (said["Turned"], said["OutputTurned"]) == (90, 180)
    assert said["Options"] == {"upright": 90, "turn": "180"}
    assert run(source, "--turn", 270, "--json", "--force", *UNET) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["turned"], line["output_turned"]) == ([270], [270])


def test_auto_turns_what_surely_lies(tmp_path: Path) -> None:
    portrait: NDArray[np.uint8] = skimage.data.astronaut()[..., 1]  # type: ignore[no-untyped-call]
    sides = {"up": portrait, "side": np.rot90(portrait)}
    for name, pixels in sides.items():
        saved(tmp_path / f"{name}.png", np.ascontiguousarray(pixels))
    files_ = [tmp_path / f"{name}.png" for name in sides]
    assert run(*files_, "--turn", "auto", "--upright", "off", "-o", f"{tmp_path}/out/", *UNET) == 0
    up, side = (np.asarray(Image.open(tmp_path / "out" / each.name)).astype(int) for each in files_)
    assert side.shape == up.shape
    assert np.abs(up - side).mean() < 20
    assert np.abs(up - np.rot90(side, 2)).mean() > 40


def test_a_sidecar_turns_with_the_pixels(tmp_path: Path, grey_photo: NDArray[np.uint8]) -> None:
    for ending in ("jpg", "png"):
        source = saved(tmp_path / f"{ending}.{ending}", grey_photo[:48, :64], 6)
        sidecar = tmp_path / f"{ending}.xmp"
        sidecar.write_text(PACKET.format(ATTRIBUTES.format(orientation=6)))
        assert run(source, "--turn", 180, *UNET) == 0
        found = (tmp_path / f"{ending}.retint.xmp").read_text()
        if ending == "jpg" and EXACT:
            assert 'Orientation="8"' in found
            assert 'x="0.3"' in found
        else:
            assert "Orientation" not in found
            assert 'x="0.2"' in found  # a quarter turn counter-clockwise in all
            assert 'y="0.7"' in found


def test_python_turns_arrays_and_pictures(tmp_path: Path, grey_photo: NDArray[np.uint8]) -> None:
    plain = retint.colorize(grey_photo, "unet", upright=90, threads=1)
    turned = retint.colorize(grey_photo, "unet", turn=90, threads=1)
    np.testing.assert_array_equal(turned, np.rot90(plain, -1))
    source = saved(tmp_path / "a.png", grey_photo)
    picture = retint.colorize(source, "unet", turn=90, threads=1)
    np.testing.assert_array_equal(np.asarray(picture), turned)
    assert b"OutputTurned" in picture.info["xmp"]


def test_hints_refer_to_the_source(tmp_path: Path) -> None:
    flat = np.full((60, 100), 128, np.uint8)
    source = saved(tmp_path / "a.png", flat)
    assert run(source, "--turn", 90, "--hint", "10%,50%,red@0", "-o", tmp_path / "out.png",
               "--threads", 1, "--no-semantics") == 0  # fmt: skip
    found = np.asarray(Image.open(tmp_path / "out.png")).astype(int)
    reddest = np.unravel_index((found[..., 0] - found[..., 1]).argmax(), found.shape[:2])
    assert abs(reddest[0] - 10) < 8
    assert abs(reddest[1] - 30) < 8


def test_results_are_straightened_and_cropped(
    tmp_path: Path, grey_photo: NDArray[np.uint8], capsys: pytest.CaptureFixture[str]
) -> None:
    source = saved(tmp_path / "a.jpg", grey_photo, 1, ATTRIBUTES.format(orientation=1))
    target = tmp_path / "a.retint.jpg"
    assert run(source, "--crop", "25%,0,50%,100", *UNET) == 0
    assert Image.open(target).size == (104, 100)
    said = capsys.readouterr().err
    if EXACT:
        assert "lightness was recompressed: --crop cuts off a part of it" in said
    assert "left out, since the picture was moved: regions of faces and the like" in said
    assert b"RegionList" not in target.read_bytes()
    assert run("restore", target) == 0
    assert "cropped" in capsys.readouterr().err
    assert run(source, "--straighten", 3, "--force", *UNET) == 0
    width, height = Image.open(target).size
    assert width < 208
    assert height < 144
    assert width / height == pytest.approx(208 / 144, abs=0.02)
    assert run("restore", target, "--quiet", "--force") == 1
    assert run(source, "--crop", "25%,0,50%,100", "--lightness", "exact", "--force", *UNET) == 1


@pytest.mark.parametrize("crop", ["1,2,3", "a,b,c,d", "0,0,0,10%", "-1,0,5,5", "0,0,50%,0%"])
def test_an_invalid_crop_is_refused(
    tmp_path: Path, grey_photo: NDArray[np.uint8], crop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = saved(tmp_path / "a.png", grey_photo)
    assert run(source, f"--crop={crop}", *UNET) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert run(source, "--crop", "150,0,100,10", *UNET) == 1
    assert "is not inside the picture of 208 x 144" in capsys.readouterr().err
    assert not (tmp_path / "a.retint.png").exists()
