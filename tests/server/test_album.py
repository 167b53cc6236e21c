"""What the owner of a server lends to all pictures: references, and remembered colours."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray
from PIL import Image

from retint import files
from retint.errors import UsageError
from retint.files import xmp
from retint.picture.exemplar import sha256_of
from retint.server.keep.album import Album
from retint.server.keep.workshop import Workshop
from retint.server.settings import Settings

from ..picture.test_memory import mirrored
from .test_app import is_problem, opened

Clients = Callable[..., TestClient]
SHOWN = {"upright": "off"}
A_BERRY: dict[str, Any] = {"x": 45, "y": 45, "color": "#a02060"}
"""On the cup of `cup`."""
BERRY: dict[str, Any] = {"version": 1, "size": [100, 100], "points": [A_BERRY]}
MANY = 8
"""Requests at a time."""


def png(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def cup(coffee: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(coffee[::2, ::2]).convert("L"))


@pytest.fixture(scope="module")
def other(cup: NDArray[np.uint8]) -> bytes:
    """The same things in another picture."""
    return png(mirrored(cup))


def record(content: bytes) -> dict[str, Any]:
    return xmp.provenance(files.read(io.BytesIO(content)).metadata.xmp) or {}


@pytest.fixture
def family(coffee: NDArray[np.uint8], tmp_path: Path) -> Path:
    """A folder of references."""
    folder = tmp_path / "family"
    folder.mkdir()
    small = coffee[::2, ::2]
    Image.fromarray(small[10:190, 20:280]).save(folder / "kitchen.png")
    Image.fromarray(np.roll(small, 1, -1)[::-1]).save(folder / "another.png")
    return folder


@pytest.fixture
def lender(client_of: Clients, family: Path) -> TestClient:
    return client_of(references=family)


def test_references_of_the_server_are_used_if_a_request_asks(
    lender: TestClient, family: Path, cup: NDArray[np.uint8]
) -> None:
    assert lender.get("/v1/references").json() == {"pictures": 2}
    wish = SHOWN | {"references": "true"}
    told = lender.post("/v1/colorize", params=wish, content=png(cup))
    assert told.status_code == 200, told.text
    assert "kitchen.png" in told.headers["Retint-Remarks"]
    assert sha256_of(files.read(family / "kitchen.png")) in str(record(told.content))
    path = f"/v1/sessions/{opened(lender, png(cup))}/"
    shown = lender.post(path + "colorize", json=SHOWN)
    followed = lender.post(path + "colorize", json=SHOWN | {"references": True})
    assert shown.content != followed.content
    places = lender.post(path + "followed", json=SHOWN | {"references": True}).json()
    (most,) = (each for each in places if each["name"] == "kitchen.png")
    assert most["reference"] == ""
    assert len(most["places"]) > 20


def test_references_of_the_request_come_first(
    lender: TestClient, coffee: NDArray[np.uint8], cup: NDArray[np.uint8]
) -> None:
    id, own = opened(lender, png(cup)), opened(lender, png(coffee[::2, ::2]))
    wish = SHOWN | {"references": True, "reference": [own]}
    found = lender.post(f"/v1/sessions/{id}/followed", json=wish).json()
    assert [found[0][name] for name in ("reference", "name")] == [own, ""]
    assert "kitchen.png" in [each["name"] for each in found[1:]]


def test_a_record_states_only_what_its_own_request_used(
    lender: TestClient, cup: NDArray[np.uint8]
) -> None:
    path = f"/v1/sessions/{opened(lender, png(cup))}/colorize"
    wish = SHOWN | {"size": "file"}
    assert "Reference" in record(lender.post(path, json=wish | {"references": True}).content)
    plain = lender.post(path, json=wish)
    assert "Reference" not in record(plain.content)
    assert "Retint-Remarks" not in plain.headers


@pytest.mark.usefixtures("lender")
def test_the_index_is_made_once(family: Path) -> None:
    assert (family / ".retint-references.json").is_file()
    seen: list[tuple[int, int]] = []
    settings = Settings(threads=1, references=family)
    Album(settings, Workshop(settings), lambda *each: seen.append(each))
    assert not seen


def test_a_folder_that_is_none_is_refused_at_the_start(client_of: Clients, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="must be a folder"):
        client_of(references=tmp_path / "none")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of remembered hints."""
    return tmp_path / "colours.json"


@pytest.fixture
def client(client_of: Clients, path: Path) -> TestClient:
    return client_of(remember=path)


def remember(client: TestClient, pixels: NDArray[np.uint8], **more: Any) -> Any:
    id = opened(client, png(pixels))
    wish = {"hints": BERRY, "name": "a.png"} | SHOWN | more
    return client.post(f"/v1/sessions/{id}/remember", json=wish)


def test_the_same_thing_gets_its_color_in_another_picture(
    client: TestClient, path: Path, cup: NDArray[np.uint8], other: bytes
) -> None:
    assert client.get("/v1/remembered").json() == []
    answer = remember(client, cup, name="C:\\album\\a.png")
    assert answer.status_code == 200, answer.text
    (entry,) = answer.json()
    assert (entry["picture"], entry["color"]) == ("a.png", "#a02060")
    assert json.loads(path.read_text())["remembered"][0]["picture"] == "a.png"
    own = f"/v1/sessions/{opened(client, other)}/"
    (place,) = client.post(own + "remembered", json=SHOWN).json()
    assert place["id"] == entry["id"]
    assert np.hypot(place["x"] - 0.55, place["y"] - 0.45) < 0.12
    used = SHOWN | {"remember": True}
    plain = client.post(own + "colorize", json=SHOWN).content
    assert client.post(own + "colorize", json=used).content != plain
    saved = client.post(own + "colorize", json=used | {"size": "file"})
    assert "#a02060" in str(record(saved.content)["Remembered"])
    assert "#a02060" in saved.headers["Retint-Remarks"]
    unasked = client.post(own + "colorize", json=SHOWN | {"size": "file"})
    assert "Remembered" not in record(unasked.content)
    direct = client.post("/v1/colorize", params=SHOWN | {"remember": "true"}, content=other)
    assert "#a02060" in str(record(direct.content)["Remembered"])
    assert client.delete(f"/v1/remembered/{entry['id']}").status_code == 204
    assert client.post(own + "colorize", json=used).content == plain
    is_problem(client.delete(f"/v1/remembered/{entry['id']}"), 404, "not remembered")


def test_hints_of_the_picture_override_what_is_remembered(
    client: TestClient, cup: NDArray[np.uint8]
) -> None:
    remember(client, cup)
    own = f"/v1/sessions/{opened(client, png(cup))}/"
    assert len(client.post(own + "remembered", json=SHOWN).json()) == 1
    teal = SHOWN | {"hints": BERRY | {"points": [A_BERRY | {"y": 46, "color": "teal"}]}}
    plain = client.post(own + "colorize", json=teal).content
    assert client.post(own + "colorize", json=teal | {"remember": True}).content == plain
    assert client.post(own + "remembered", json=teal).json() == []


def test_only_what_can_be_remembered_is(
    client: TestClient, path: Path, cup: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    is_problem(remember(client, cup, hints=None), 422, "only dots")
    is_problem(remember(client, cup, method="mean"), 422, "takes no hints")
    is_problem(remember(client, cup, name="a" * 256), 422, "name")
    is_problem(remember(client, cup, remember="/etc/passwd"), 422, "remember")
    assert not path.exists()
    monkeypatch.setattr("retint.server.keep.album.MOST", 2)
    two = BERRY | {"points": [A_BERRY, {"x": 9, "y": 9, "color": "teal"}]}
    assert len(remember(client, cup, hints=two).json()) == 2
    assert len(remember(client, cup, hints=two).json()) == 2, "in place of its own"
    is_problem(remember(client, cup, name="b.png"), 422, "at most 2 colors are remembered")
    assert len(client.get("/v1/remembered").json()) == 2


def test_clients_that_remember_at_the_same_time_lose_nothing(
    served_of: Callable[..., Any], path: Path, cup: NDArray[np.uint8]
) -> None:
    server = served_of(remember=path, workers=4, queue=2 * MANY, per_client=2 * MANY)
    with httpx.Client(base_url=server.url, timeout=120) as client:
        id = client.post("/v1/sessions", content=png(cup)).json()["id"]

        def ask(number: int) -> int:
            wish = {"hints": BERRY, "name": f"{number}.png"} | SHOWN
            return client.post(f"/v1/sessions/{id}/remember", json=wish).status_code

        with ThreadPoolExecutor(MANY) as pool:
            assert set(pool.map(ask, range(MANY))) == {200}
    assert len(json.loads(path.read_text())["remembered"]) == MANY


def test_what_its_owner_changes_counts_at_once(
    client: TestClient, path: Path, cup: NDArray[np.uint8]
) -> None:
    remember(client, cup)
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"remembered": []}))
    assert client.get("/v1/remembered").json() == []
    path.write_text("{}")
    is_problem(client.get("/v1/remembered"), 422, "version must be 1")


def test_another_file_is_refused_at_the_start(client_of: Clients, path: Path) -> None:
    path.write_text("My diary")
    with pytest.raises(UsageError, match="is not JSON"):
        client_of(remember=path)
    assert path.read_text() == "My diary"


def test_a_server_without_them_says_so(client_of: Clients, cup: NDArray[np.uint8]) -> None:
    client = client_of()
    path = f"/v1/sessions/{opened(client, png(cup))}/colorize"
    is_problem(client.post(path, json={"references": True}), 422, "no folder of references")
    is_problem(client.post(path, json={"remember": True}), 422, "remembers no colors")
    offered = client.get("/openapi.json").json()["paths"]
    for each in ("/v1/references", "/v1/remembered", "/v1/sessions/{id}/remember"):
        assert each not in offered
    assert client.get("/v1/remembered").status_code == 404
