"""`--upright` turns what the network sees, and nothing in the file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import retint
from retint import files
from retint.files import xmp
from retint.files.jpeg import coefficients

from ..picture.jpegs import luma
from .test_main import run

ORIENTATION = 0x0112
UNET = ("--method", "unet", "--threads", 1)


@pytest.fixture
def sideways(tmp_path: Path, coffee: NDArray[np.uint8]) -> Path:
    """A photograph that needs a quarter turn clockwise, saved as JPEG with an orientation tag."""
    path = tmp_path / "side.jpg"
    exif = Image.Exif()
    exif[ORIENTATION] = 3
    stored = np.rot90(np.rot90(coffee[:384:2, :576:2, 1]), 2)
    Image.fromarray(np.ascontiguousarray(stored)).save(path, quality=90, exif=exif)
    return path


def test_the_file_keeps_its_pixels_size_and_orientation(
    sideways: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("jpeglib")
    assert run(sideways, "--upright", 90, *UNET) == 0
    target = sideways.with_name("side.retint.jpg")
    assert capsys.readouterr() == (
        f"{target}\n", f"retint: {sideways}: shown to the network turned by 90 degrees\n"
    )  # fmt: skip
    with Image.open(sideways) as before, Image.open(target) as after:
        assert after.size == before.size
        assert after.getexif()[ORIENTATION] == 3
    if coefficients.is_there():
        np.testing.assert_array_equal(luma(target), luma(sideways))
    said = xmp.provenance(files.read(target).metadata.xmp)
    assert said is not None
    assert said["Turned"] == 90
    assert said["Options"] == {"upright": 90}


def test_a_picture_on_its_side_gets_the_colours_of_the_upright_one(sideways: Path) -> None:
    upright = sideways.with_name("upright.png")
    Image.fromarray(np.rot90(files.read(sideways).pixels, -1)).save(upright)
    for path, degrees in ((upright, "off"), (sideways, 90)):
        assert run(path, "--upright", degrees, "-o", path.with_name(f"{path.stem}.out.png"),
                   *UNET) == 0  # fmt: skip
    wanted, found = (
        np.asarray(Image.open(sideways.with_name(f"{name}.out.png")), int)
        for name in ("upright", "side")
    )
    assert np.abs(np.rot90(found, -1) - wanted).max() <= 2


def test_quiet_says_nothing_and_json_says_it(
    sideways: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(sideways, "--upright", 270, "--quiet", *UNET) == 0
    assert capsys.readouterr() == ("", "")
    assert run(sideways, "--upright", 270, "--json", "--force", *UNET) == 0
    assert json.loads(capsys.readouterr().out)["turned"] == [270]


def test_each_turned_page_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pages = [Image.new("L", (40, 30), 99), Image.new("L", (30, 40), 150)]
    source = tmp_path / "pages.tif"
    pages[0].save(source, save_all=True, append_images=pages[1:])
    assert run(source, "--upright", 180, *UNET) == 0
    said = capsys.readouterr().err.splitlines()
    assert said == [
        f"retint: {source}: page {n}: shown to the network turned by 180 degrees" for n in (1, 2)
    ]


@pytest.mark.parametrize("value", ["45", "360", "-90", "yes", ""])
def test_other_angles_are_refused(
    sideways: Path, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(sideways, "--upright", value) == 2
    assert "--upright" in capsys.readouterr().err
    assert not sideways.with_name("side.retint.jpg").exists()


def test_python_takes_numbers_and_saves_the_same(sideways: Path) -> None:
    session = retint.open(sideways, "unet", upright=90, threads=1)
    session.save(sideways.with_name("python.jpg"))
    assert run(sideways, "--upright", 90, *UNET) == 0
    assert sideways.with_name("python.jpg").read_bytes() == (
        sideways.with_name("side.retint.jpg").read_bytes()
    )
