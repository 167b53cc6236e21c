"""Pairs of the original and the coloured picture, and the size and quality of what is saved."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from retint import files
from retint.files import xmp

from .conftest import SIZE, encoded
from .test_app import FLAT, is_problem, opened, spread


def picture(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(
    ("wish", "type", "size"),
    [
        ({}, "image/jpeg", (2 * 96 + 2, 64)),
        ({"format": "png"}, "image/png", (2 * 96 + 2, 64)),
        ({"layout": "fade"}, "image/webp", SIZE),
        ({"layout": "fade", "longest": 48}, "image/webp", (48, 32)),
        ({"turn": "90"}, "image/jpeg", (2 * 64 + 2, 96)),
        ({"crop": "50%,0%,50%,100%"}, "image/jpeg", (2 * 48 + 2, 64)),
        ({"lightness": "exact"}, "image/jpeg", (2 * 96 + 2, 64)),
    ],
)  # fmt: skip
def test_a_pair_is_made_as_asked(
    client: TestClient, wish: dict[str, Any], type: str, size: tuple[int, int]
) -> None:
    id = opened(client, encoded("JPEG", exif=b""))
    answer = client.post(f"/v1/sessions/{id}/pair", json=FLAT | wish)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == type
    assert picture(answer.content).size == size


def test_a_slider_has_its_title(client: TestClient) -> None:
    wish = {"layout": "slider", "title": "Anna & Otto"}
    answer = client.post(f"/v1/sessions/{opened(client)}/pair", json=FLAT | wish)
    assert answer.headers["content-type"].startswith("text/html")
    assert "<title>Anna &amp; Otto</title>" in answer.text


def test_only_the_first_page_is_shown(client: TestClient) -> None:
    pages = [Image.new("L", SIZE, 60 * k) for k in range(3)]
    content = encoded("TIFF", save_all=True, append_images=pages)
    answer = client.post(f"/v1/sessions/{opened(client, content)}/pair", json=FLAT)
    assert picture(answer.content).size == (2 * 96 + 2, 64)


def test_unknown_layouts_are_refused(client: TestClient) -> None:
    answer = client.post(f"/v1/sessions/{opened(client)}/pair", json={"layout": "cube"})
    is_problem(answer, 422, "layout")


def test_files_are_as_small_as_asked(client: TestClient) -> None:
    id = opened(client, encoded("JPEG", (300, 200), dpi=(300, 300)))

    def saved(**wish: Any) -> bytes:
        answer = client.post(f"/v1/sessions/{id}/colorize", json=FLAT | {"size": "file"} | wish)
        assert answer.status_code == 200, answer.text
        return answer.content

    plain, small, rough = saved(), saved(longest=150), saved(quality=30)
    assert picture(plain).size == picture(rough).size == (300, 200)
    assert picture(small).size == (150, 100)
    assert picture(small).info["dpi"] == (150, 150)
    assert spread(small) > 2
    assert len(rough) < len(plain)
    said = xmp.provenance(files.read(io.BytesIO(small)).metadata.xmp)
    assert said is not None
    assert said["Lightness"] == "repaired"  # so that restore refuses it
    assert picture(saved(longest=5000)).size == (300, 200)


def test_deep_pictures_with_opacity_are_reduced(client: TestClient) -> None:
    deep = np.full((40, 60), 30000, np.uint16)
    buffer = io.BytesIO()
    Image.fromarray(deep).save(buffer, "PNG")
    wish = {"size": "file", "longest": 30}
    for content in (buffer.getvalue(), _with_opacity()):
        answer = client.post(f"/v1/sessions/{opened(client, content)}/colorize", json=FLAT | wish)
        result = files.read(io.BytesIO(answer.content))
        assert result.size == (20, 30)
        assert (result.alpha is None) == (content == buffer.getvalue())


def _with_opacity() -> bytes:
    buffer = io.BytesIO()
    Image.new("LA", (60, 40), (90, 120)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(("name", "value"), [("longest", -1), ("quality", 101), ("quality", -1)])
def test_impossible_sizes_and_qualities_are_refused(
    client: TestClient, name: str, value: int
) -> None:
    answer = client.post("/v1/colorize", params=FLAT | {name: value}, content=encoded())
    is_problem(answer, 422, name)
