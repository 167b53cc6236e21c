"""What the command line says about a picture that it repaired, recolored or cannot restore."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from retint.agent.roots import Roots
from retint.agent.tools import Tools
from retint.errors import PhotoError
from retint.files import xmp
from retint.picture.restore import restore

from .test_main import run

CALL = ("--method", "mean", "--threads", 1, "--quiet")
REPLACED = "it is already in color; its colors are replaced"
BEFORE = "retint colored it before; its colors are replaced"


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs retint on a picture; returns what it says about it."""

    def say(source: Path, *further: object) -> str:
        assert run(source, "-o", source.with_name("result.png"), "--force", *CALL, *further) == 0
        return capsys.readouterr().err.removeprefix(f"retint: {source}: ").strip()

    return say


@pytest.fixture
def colorful(tmp_path: Path, coffee: NDArray[np.uint8]) -> Path:
    path = tmp_path / "colorful.png"
    Image.fromarray(coffee[::3, ::3]).save(path)
    return path


@pytest.fixture
def scratched(tmp_path: Path, grey: NDArray[np.uint8]) -> Path:
    path = tmp_path / "scratched.png"
    picture = np.asarray(cv2.GaussianBlur(grey, (0, 0), 4), np.uint8)
    for k in range(12):
        cv2.circle(picture, (30 + 37 * k, 25 + 39 * k), 2, 255, -1, cv2.LINE_AA)
    cv2.line(picture, (200, -1), (204, 512), 255, 1, cv2.LINE_AA)
    Image.fromarray(picture).save(path)
    return path


def test_a_repair_says_how_much_of_the_picture_it_changed(
    said: Callable[..., str], scratched: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = said(scratched, "--repair", 1)
    assert found.startswith("repaired ")
    assert found.endswith(" % of the picture")
    assert 0.1 < float(found.split()[1]) < 10
    assert not said(scratched)
    other = scratched.with_name("other.png")
    assert run(scratched, "-o", other, "--repair", 1, "--json", *CALL) == 0
    assert json.loads(capsys.readouterr().out)["remarks"] == [found]


def test_a_repair_of_a_sound_picture_says_that_it_found_nothing(
    said: Callable[..., str], tmp_path: Path
) -> None:
    path = tmp_path / "sound.png"
    Image.fromarray(np.full((128, 128), 110, np.uint8)).save(path)
    assert said(path, "--repair", 0.5) == "found no damage to repair"


def test_a_picture_in_color_is_said_to_lose_its_colors(
    said: Callable[..., str], colorful: Path
) -> None:
    assert said(colorful) == REPLACED
    for further in (["--recolor"], ["--negative"], ["--keep-color"]):
        assert not said(colorful, *further)


def test_a_result_is_said_to_lose_its_colors_and_hints(
    said: Callable[..., str], tmp_path: Path
) -> None:
    source, known = tmp_path / "a.png", tmp_path / "known.png"
    Image.fromarray(np.add.outer(np.arange(96), np.arange(128)).astype(np.uint8)).save(source)
    assert run(source, "-o", known, *CALL) == 0
    assert said(known) == BEFORE
    hint = ("--hint", "10,10,navy", "--method", "chroma-diffusion")
    assert run(source, "-o", known, *CALL, *hint, "--force") == 0
    assert said(known) == f"{BEFORE} and its hints are not used again"
    assert not said(source)


def test_an_agent_is_told_that_colors_are_replaced(colorful: Path) -> None:
    tools = Tools(Roots.of([colorful.parent]), 1_000_000)
    assert tools.colorize(colorful.name, method="mean")["remarks"] == [REPLACED]


@pytest.mark.parametrize(
    ("further", "why"),
    [
        (["--repair", 0.5], "repaired"),
        (["--fading", 0.5, "--straighten", 2], "corrected for fading and straightened"),
        (
            ["--negative", "--label", "1923", "--longest", 50],
            "inverted, reduced and labelled",
        ),
    ],
)
def test_why_a_picture_cannot_be_restored_is_named(
    further: list[object], why: str, scratched: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = scratched.with_name("b.png")
    assert run(scratched, "-o", result, *CALL, *further) == 0
    capsys.readouterr()
    assert run("restore", result) == 1
    assert capsys.readouterr().err == (
        f"retint: {result}: it was {why}; the original cannot be restored\n"
    )


def test_all_reasons_are_named_where_the_record_states_none(
    tmp_path: Path, coffee: NDArray[np.uint8]
) -> None:
    path = tmp_path / "a.jpg"
    packet = xmp.with_provenance(b"", {"Software": "retint", "Lightness": "repaired"})
    Image.fromarray(coffee).save(path, xmp=packet)
    with pytest.raises(PhotoError, match="straightened, reduced or labelled; the original"):
        restore(path)
