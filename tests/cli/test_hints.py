"""Hints, references, layers and maps on the command line, with the shipped network."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from retint.color import lab

from .test_main import is_coloured, run

GUIDED = ("--method", "guided-unet", "--quiet")


def chroma(path: Path) -> NDArray[np.float32]:
    """a*, b* [H, W, 2]."""
    return lab.rgb_to_lab(np.asarray(Image.open(path).convert("RGB")))[..., 1:]


def test_hints_in_pixels_percent_and_a_file_agree(photo: Path) -> None:
    """photo is 256 x 128."""
    hints = photo.with_name("hints.json")
    # Of a picture twice as large.
    point = {"x": 32, "y": 64, "color": "#b03a2e", "thing": True}
    hints.write_text(json.dumps({"version": 1, "size": [512, 256], "points": [point]}))
    ways = (("--hint", "16,32,#b03a2e"), ("--hint", "6.25%,25%,#b03a2e"), ("--hints", hints))
    found = []
    for k, way in enumerate(ways):
        target = photo.with_name(f"{k}.png")
        assert run(photo, "-o", target, *GUIDED, *way) == 0
        found.append(np.asarray(Image.open(target)))
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])
    assert chroma(photo.with_name("0.png"))[32, 16, 0] > 8


def test_a_hint_changes_its_place_most(photo: Path) -> None:
    assert run(photo, "-o", photo.with_name("plain.png"), *GUIDED) == 0
    assert run(photo, "-o", photo.with_name("red.png"), *GUIDED, "--hint", "10%,20%,red") == 0
    change = np.abs(chroma(photo.with_name("red.png")) - chroma(photo.with_name("plain.png")))
    assert change[20:32, 20:32].mean() > 15
    assert change[96:, 160:].mean() < 0.3 * change[20:32, 20:32].mean()


def test_a_reach_on_the_command_line_is_that_of_a_file(photo: Path) -> None:
    hints = photo.with_name("hints.json")
    point = {"x": 16, "y": 32, "color": "#b03a2e", "reach": 0.4}
    hints.write_text(json.dumps({"version": 1, "size": [256, 128], "points": [point]}))
    found = []
    for k, way in enumerate((("--hint", "16,32,#b03a2e@0.4"), ("--hints", hints))):
        assert run(photo, "-o", photo.with_name(f"{k}.png"), *GUIDED, *way) == 0
        found.append(np.asarray(Image.open(photo.with_name(f"{k}.png"))))
    np.testing.assert_array_equal(found[0], found[1])


def test_reference_carries_its_colours_over(photo: Path, coffee: NDArray[np.uint8]) -> None:
    """The grey of a picture, with the picture itself as reference, comes out nearer to it."""
    reference, grey = photo.with_name("coffee.png"), photo.with_name("grey.png")
    Image.fromarray(coffee).save(reference)
    Image.fromarray(coffee).convert("L").save(grey)
    assert run(grey, "-o", photo.with_name("alone.png"), *GUIDED) == 0
    assert run(grey, "-o", photo.with_name("told.png"), *GUIDED, "--reference", reference) == 0
    truth = chroma(reference)
    alone, told = (
        float(np.abs(chroma(photo.with_name(n)) - truth).mean()) for n in ("alone.png", "told.png")
    )
    assert told < 0.8 * alone


def test_references_are_repeated_or_a_folder(photo: Path, coffee: NDArray[np.uint8]) -> None:
    folder, grey = photo.with_name("references"), photo.with_name("grey.png")
    folder.mkdir()
    left, right = folder / "left.png", folder / "right.png"
    small = coffee[::2, ::2]
    Image.fromarray(small[:, :180]).save(left)
    Image.fromarray(small[:, 120:]).save(right)
    Image.fromarray(small).convert("L").save(grey)
    found = []
    ways = (("--reference", left), ("--reference", left, "--reference", right),
            ("--reference", folder))  # fmt: skip
    for k, way in enumerate(ways):
        assert run(grey, "-o", photo.with_name(f"{k}.png"), *GUIDED, *way) == 0
        found.append(np.asarray(Image.open(photo.with_name(f"{k}.png"))))
    np.testing.assert_array_equal(found[1], found[2])
    assert (found[0] != found[1]).any()


def test_a_layer_and_a_map_are_written(photo: Path) -> None:
    sure = photo.with_name("sure.png")
    assert run(photo, *GUIDED, "--chroma-only", "--confidence", sure) == 0
    layer = Image.open(photo.with_name("photo.retint.png"))
    assert (layer.mode, layer.size) == ("RGBA", (256, 128))
    assert run(photo, "-o", photo.with_name("whole.png"), *GUIDED) == 0
    over = Image.alpha_composite(Image.open(photo).convert("RGBA"), layer).convert("RGB")
    whole = np.asarray(Image.open(photo.with_name("whole.png"))).astype(int)
    assert np.abs(np.asarray(over).astype(int) - whole).max() <= 2
    levels = np.asarray(Image.open(sure))
    assert levels.shape == (128, 256)
    assert np.ptp(levels) > 10


def test_a_hint_makes_the_network_surer(photo: Path) -> None:
    means = []
    for k, hint in enumerate(((), ("--hint", "50%,50%,seagreen"))):
        sure = photo.with_name(f"sure{k}.png")
        assert (
            run(photo, "-o", photo.with_name(f"{k}.png"), *GUIDED, "--confidence", sure, *hint) == 0
        )
        means.append(np.asarray(Image.open(sure))[54:74, 118:138].mean())
    assert means[1] > means[0]


@pytest.mark.parametrize(
    ("args", "status", "message"),
    [
        (["--hint", "10,20"], 2, "a hint must be x,y,color"),
        (["--hint", "10,20,nevy"], 2, "unknown color 'nevy'"),
        (["--hint", "300,20,navy"], 1, "photo.jpg: the hint at 300,20 is outside the picture"),
        (["--hints", "missing.json"], 2, "missing.json: No such file"),
        (["--hint", "1,1,navy", "--method", "unet"], 2, "unet takes no hints"),
        (["--reference", "missing.jpg"], 2, "missing.jpg: No such file"),
        (["--reference", "photo.jpg"], 2, "photo.jpg: the reference picture has no colors"),
        (["--reference", "film.mp4"], 2, "film.mp4 is a film; save frames of it"),
        (["--reference", "empty"], 2, "empty contains no pictures"),
        (["--confidence", "map.png", "--method", "unet"], 2, "unet has no measure of confidence"),
        (["second.jpg", "--confidence", "map.png"], 2, "--confidence requires a single picture"),
        (["--chroma-only", "-o", "layer.jpg"], 1, "JPEG"),
    ],
)
def test_wrong_calls_are_one_line_and_write_nothing(
    photo: Path,
    args: list[str],
    status: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(photo.parent)
    Path("film.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(100))
    Path("empty").mkdir()
    before = sorted(photo.parent.iterdir())
    method = [] if "--method" in args else ["--method", "guided-unet"]
    assert run(photo, *method, *args) == status
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
    assert sorted(photo.parent.iterdir()) == before


def test_hints_go_where_the_upright_picture_has_them(photo: Path) -> None:
    """EXIF says that the camera was turned: right of the file is the bottom of the picture."""
    turned = photo.with_name("turned.jpg")
    exif = Image.Exif()
    exif[274] = 6
    Image.open(photo).save(turned, exif=exif)
    target = photo.with_name("turned.png")
    assert run(turned, "-o", target, *GUIDED, "--hint", "50%,90%,red") == 0
    upright = chroma(target)
    assert upright.shape[:2] == (256, 128)
    assert upright[226:234, 60:68, 0].mean() > 15
    assert is_coloured(target)
