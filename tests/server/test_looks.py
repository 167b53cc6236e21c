"""Looks over HTTP: a list, small pictures of one picture in all of them, plausible variants."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from retint.color.lab import Float32
from retint.picture.looks import LOOKS
from retint.picture.plausible import is_plausible
from retint.server.api import look_routes

from .conftest import SIZE, encoded
from .test_app import NAVY, is_problem, opened

SKIN, BLUE, STRONG = (12.0, 16.0), (2.0, -20.0), (70.0, 20.0)


def small(content: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(content)))


def chroma(color: tuple[float, float], part: float = 1.0, rest: Any = SKIN) -> Float32:
    """a*, b* of a picture whose lower part has a colour."""
    found = np.empty((100, 80, 2), np.float32)
    found[:] = rest
    if part:
        found[round(100 * (1 - part)) :] = color
    return found


def test_looks_are_listed(client: TestClient) -> None:
    found = client.get("/v1/looks").json()
    assert [each["name"] for each in found] == list(LOOKS)
    assert [each["name"] for each in found if each["default"]] == ["natural"]
    assert all(each["title"] and each["summary"] for each in found)


def test_one_request_shows_all_looks_of_a_picture(client: TestClient) -> None:
    id = opened(client, encoded(size=(1200, 900)))
    path = f"/v1/sessions/{id}/looks"
    found = {each["name"]: each["picture"] for each in client.post(path, json={}).json()}
    assert list(found) == list(LOOKS)
    assert len(set(found.values())) == len(LOOKS)
    for each in found.values():
        width, height = small(each).size
        assert width * height <= look_routes.THUMBNAIL_PIXELS
        assert abs(width / height - 4 / 3) < 0.05
    hinted = {
        each["name"]: each["picture"]
        for each in client.post(path, json={"hints": NAVY | {"size": [1200, 900]}}).json()
    }
    assert all(hinted[name] != found[name] for name in LOOKS)
    is_problem(client.post("/v1/sessions/none/looks", json={}), 404, "send it again")


@pytest.mark.parametrize("name", ["vivid", "hand-tinted"])
def test_a_picture_has_the_look_that_is_asked_for(client: TestClient, name: str) -> None:
    id = opened(client)
    path = f"/v1/sessions/{id}/colorize"
    assert client.post(path, json={"look": name}).content != client.post(path, json={}).content
    answer = client.post("/v1/colorize", params={"look": name}, content=encoded())
    assert answer.status_code == 200
    is_problem(client.post("/v1/colorize", params={"look": "vivd"}, content=encoded()), 422, "look")


def test_a_variant_says_whether_it_is_plausible(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = opened(client)
    path = f"/v1/sessions/{id}/variant"
    assert client.post(path, json={"method": "guided-unet"}).json()["plausible"]
    monkeypatch.setattr(look_routes, "is_plausible", lambda *_: False)
    found = client.post(path, json={"method": "unet"}).json()
    assert not found["plausible"]
    assert (
        abs(small(found["picture"]).width / small(found["picture"]).height - SIZE[0] / SIZE[1])
        < 0.1
    )


@pytest.mark.parametrize(
    ("sample", "plausible"),
    [
        (chroma(SKIN), True),
        (chroma((4.0, 6.0)), True),
        (chroma((30.0, 30.0), 0.5), True),
        (chroma(BLUE, 0.2), False),
        (chroma(BLUE, 0.005), True),
        (chroma(STRONG, 0.1), False),
        (chroma((60.0, -60.0), 0.05), False),
    ],
    ids=["equal", "paler", "stronger", "blue arm", "a dot", "red suit", "magenta knee"],
)  # fmt: skip
def test_samples_that_contradict_the_prediction_are_implausible(
    sample: Float32, plausible: bool
) -> None:
    assert is_plausible(sample, chroma(SKIN)) is plausible


def test_a_sample_may_give_gray_any_hue() -> None:
    assert is_plausible(chroma(BLUE, 0.5, (1.0, 1.0)), chroma((1.0, 1.0)))
