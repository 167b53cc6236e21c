"""The page without a server colours as the installed program does."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import skimage.data
from fastapi.testclient import TestClient
from numpy.typing import NDArray
from PIL import Image, ImageColor

import retint
from retint import files
from retint.files import xmp
from retint.hints import hints_of
from retint.picture.looks import LOOKS
from retint.server.api.app import create_app
from tests.cli.test_main import run
from tests.programs import program

from .conftest import Page, asked

Pixels = NDArray[np.uint8]
NEAR, SHARE = 2, 0.99
"""Difference in levels of 8 bits that this share of the pixels keeps to."""
SHARE_OF_HINTED = 0.98
"""The same with hints: the recognizer, by which things are found, amplifies rounding."""


def waves() -> Pixels:
    """Soft shapes, wide and low."""
    rows, columns = np.indices((150, 500)) / 100
    plane = 128 + 60 * np.sin(6 * rows + 2 * columns) + 50 * np.cos(5 * columns)
    return np.asarray(plane.clip(0, 255), np.uint8)


PICTURES = {
    "camera": lambda: skimage.data.camera(),  # type: ignore[no-untyped-call]
    "coffee": lambda: skimage.data.coffee(),  # type: ignore[no-untyped-call]
    "portrait": lambda: skimage.data.astronaut()[..., 1],  # type: ignore[no-untyped-call]
    "small": lambda: skimage.data.rocket()[::5, ::5, 1],  # type: ignore[no-untyped-call]
    "waves": waves,
}
HINTS: dict[str, dict[str, Any]] = {
    "dot": {"points": [{"x": 300, "y": 420, "color": "#2f3e63"}]},
    "thing": {"points": [{"x": 200, "y": 150, "color": "#8c2f39", "thing": True}]},
    "things and what is not part of one": {
        "points": [
            {"x": 200, "y": 150, "color": "#8c2f39", "thing": True, "without": [[260, 330]]},
            {"x": 420, "y": 80, "color": "dusty rose", "thing": True},
        ]
    },
    "reach": {"points": [{"x": 300, "y": 420, "color": "#2f3e63", "reach": 0.4}]},
    "stroke": {"strokes": [{"points": [[60, 450], [200, 470]], "color": "#55703c", "radius": 14}]},
    "region": {"polygons": [{"points": [[150, 90], [260, 100], [200, 300]], "color": "navy"}]},
    "everything": {
        "rectangles": [{"x": 20, "y": 20, "width": 90, "height": 60, "color": "#87a9cf"}],
        "polygons": [{"points": [[150, 90], [260, 100], [200, 300]], "color": "navy"}],
        "points": [
            {"x": 300, "y": 420, "color": "#55703c", "reach": 0.3},
            {"x": 420, "y": 380, "color": "#8c2f39", "thing": True},
        ],
    },
}


def content_of(pixels: Pixels, format: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format, **options)
    return buffer.getvalue()


def share_near(content: bytes, expected: Pixels) -> float:
    found = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"), np.int16)
    assert found.shape == expected.shape
    return float((np.abs(found - expected).max(axis=-1) <= NEAR).mean())


@pytest.mark.parametrize("name", PICTURES)
def test_colors(ready: Page, name: str) -> None:
    pixels = PICTURES[name]()
    found = asked(ready, "colorize", content_of(pixels), {"size": "file", "format": "png"})
    assert share_near(found, retint.colorize(pixels)) >= SHARE


def test_jpeg(ready: Page) -> None:
    content = content_of(PICTURES["portrait"](), "JPEG", quality=90)
    found = asked(ready, "colorize", content, {"size": "file", "format": "png"})
    expected = np.asarray(retint.colorize(Image.open(io.BytesIO(content))))
    assert share_near(found, expected) >= SHARE


def test_a_picture_on_its_side_is_seen_upright(ready: Page) -> None:
    pixels = np.ascontiguousarray(np.rot90(PICTURES["portrait"]()))
    found = asked(ready, "colorize", content_of(pixels), {"size": "file", "format": "png"})
    assert share_near(found, retint.colorize(pixels)) >= SHARE
    assert xmp.provenance(packet_of(found))["Turned"] == 90  # type: ignore[index]


@pytest.mark.parametrize("name", HINTS)
def test_hints(ready: Page, name: str) -> None:
    pixels = np.ascontiguousarray(PICTURES["camera"]()[::2, ::2])
    hints = {"version": 1, "size": [512, 512], **HINTS[name]}
    wish = {"size": "file", "format": "png", "hints": hints}
    found = asked(ready, "colorize", content_of(pixels), wish)
    expected = retint.colorize(pixels, hints=hints_of(hints))
    assert share_near(found, expected) >= SHARE_OF_HINTED
    assert share_near(found, retint.colorize(pixels)) < SHARE


@pytest.mark.parametrize("look", LOOKS)
def test_looks(ready: Page, look: str) -> None:
    pixels = np.ascontiguousarray(PICTURES["coffee"]()[::2, ::2])
    hints = {"version": 1, "size": [600, 400], "points": [{"x": 90, "y": 90, "color": "#2f3e63"}]}
    options: dict[str, Any] = {"look": look, "warmth": 0.5, "vividness": 1.2}
    wish = {"size": "file", "format": "png", "hints": hints, **options}
    found = asked(ready, "colorize", content_of(pixels), wish)
    assert share_near(found, retint.colorize(pixels, hints=hints_of(hints), **options)) >= SHARE


def test_saturation(ready: Page) -> None:
    pixels = PICTURES["coffee"]()
    wish = {"size": "file", "format": "png", "saturation": 1.6}
    found = asked(ready, "colorize", content_of(pixels), wish)
    assert share_near(found, retint.colorize(pixels, saturation=1.6)) >= SHARE


def test_opacity_stays(ready: Page) -> None:
    pixels = PICTURES["coffee"]()
    alpha = np.full((*pixels.shape[:2], 1), 255, np.uint8)
    alpha[:50] = 0
    content = content_of(np.concatenate([pixels, alpha], axis=-1))
    found = asked(ready, "colorize", content, {"size": "file", "format": "png"})
    assert (np.asarray(Image.open(io.BytesIO(found)))[..., 3:] == alpha).all()


@pytest.mark.parametrize("format", ["jpeg", "png"])
def test_the_record(
    ready: Page, tmp_path: Path, capsys: pytest.CaptureFixture[str], format: str
) -> None:
    pixels = PICTURES["camera"]()
    hints = {"version": 1, "size": [512, 512], **HINTS["things and what is not part of one"]}
    wish = {"size": "file", "format": format, "hints": hints, "vividness": 1.5}
    path = tmp_path / f"photo.{format}"
    path.write_bytes(asked(ready, "colorize", content_of(pixels), wish))
    expected = retint.load(vividness=1.5)(Image.fromarray(pixels), hints_of(hints)).info["xmp"]
    known = xmp.provenance(expected)
    assert known is not None
    said = xmp.provenance(files.read(path).metadata.xmp)
    assert said is not None
    assert {name: said[name] for name in known if name != "Hints"} == {
        name: value for name, value in known.items() if name != "Hints"
    }
    assert hints_of(said["Hints"]) == hints_of(hints)
    assert run("inspect", path) == 0
    assert "colored by retint" in capsys.readouterr().out
    done = subprocess.run(
        [program("exiftool"), "-j", "-XMP:all", path], capture_output=True, check=True
    )
    (fields,) = json.loads(done.stdout)
    assert fields["AISystemUsed"] == "retint (guided-unet)"
    assert fields["AIPromptInformation"] == "colors at marked places: #8c2f39, dusty rose"
    assert "Warning" not in fields


def packet_of(content: bytes) -> bytes:
    found = Image.open(io.BytesIO(content)).info["XML:com.adobe.xmp"]
    return str(found).encode()


@pytest.fixture(scope="module")
def server() -> Iterator[TestClient]:
    app, _ = create_app()
    with TestClient(app, base_url="http://localhost") as client:
        yield client


def session_of(server: TestClient, content: bytes) -> str:
    said = server.post("/v1/sessions", content=content).json()
    return f"/v1/sessions/{said['id']}"


def test_suggested_colors_are_those_of_the_server(ready: Page, server: TestClient) -> None:
    content = content_of(PICTURES["camera"]())
    place = {"x": 0.3, "y": 0.8}
    expected = server.get(f"{session_of(server, content)}/colors", params=place).json()["colors"]
    found = asked(ready, "likely", content, place["x"], place["y"])
    assert len(found) == len(expected) > 1
    for one, other in zip(found, expected, strict=True):
        apart = np.subtract(ImageColor.getrgb(one), ImageColor.getrgb(other))
        assert np.abs(apart).max() <= NEAR


def test_outlines_are_those_of_the_server(ready: Page, server: TestClient) -> None:
    content = content_of(PICTURES["camera"]())
    place = {"x": 0.4, "y": 0.4}
    expected = server.get(f"{session_of(server, content)}/thing", params=place).json()["lines"]
    found = asked(ready, "thing", content, place["x"], place["y"])
    one, other = (drawn(lines) for lines in (found, expected))
    assert 0.05 < one.mean() < 0.95
    assert (one == other).mean() > 0.99


def drawn(lines: list[list[tuple[float, float]]]) -> Pixels:
    """What closed lines contain, by the even-odd rule."""
    plane = np.zeros((400, 400), np.uint8)
    cv2.fillPoly(plane, [np.array(np.array(line) * 400, np.int32) for line in lines], 1)
    return plane


def test_confidence(ready: Page) -> None:
    pixels = PICTURES["camera"]()
    found = asked(ready, "confidence", content_of(pixels), {})
    levels = np.asarray(Image.open(io.BytesIO(found)).convert("L"), np.int16)
    expected = retint.open(pixels).confidence() * 255
    assert np.abs(levels - expected).max() <= NEAR
