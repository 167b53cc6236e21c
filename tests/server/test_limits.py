from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

from retint.api import load_pipeline
from retint.files import Photo
from retint.picture.pipeline import Pipeline
from retint.server.keep import workshop
from retint.server.keep.sessions import WORKING_BYTES

from .conftest import encoded

pytestmark = pytest.mark.alone

Clients = Callable[..., TestClient]
FLAT = {"method": "mean"}


def test_a_body_is_limited_whatever_it_says_of_itself(client_of: Clients) -> None:
    client = client_of(max_bytes=1000)

    def chunks() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 100

    for content in (b"x" * 2000, chunks()):
        answer = client.post("/v1/colorize", content=content)
        assert answer.status_code == 413
        assert answer.json()["status"] == 413


def test_pixels_are_limited_before_they_are_decoded(client_of: Clients) -> None:
    answer = client_of(max_pixels=5000).post("/v1/colorize", content=encoded())
    assert answer.status_code == 413
    assert "96 x 64 pixels" in answer.json()["detail"]


def test_uploads_never_touch_the_disk(client_of: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a file was opened")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)  # what a spooled file rolls over to
    content = encoded("BMP", (2000, 1100))
    assert len(content) > 2_000_000
    files = {"file": ("a.bmp", content)}
    assert client_of().post("/v1/colorize", files=files, data=FLAT).status_code == 200


def slow(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Pictures wait for this event."""
    free = threading.Event()
    original = Pipeline.open

    def waiting(self: Pipeline, photo: Photo) -> Any:
        free.wait(20)
        return original(self, photo)

    monkeypatch.setattr(Pipeline, "open", waiting)
    return free


@pytest.mark.parametrize(
    ("limits", "status"), [({"queue": 1}, 503), ({"queue": 9, "per_client": 1}, 429)]
)
def test_busy_servers_send_retry_after(
    client_of: Clients, monkeypatch: pytest.MonkeyPatch, limits: dict[str, int], status: int
) -> None:
    free = slow(monkeypatch)
    client = client_of(**limits)

    def ask() -> Any:
        return client.post("/v1/colorize", params=FLAT, content=encoded())

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask)
        for _ in range(200):
            if "retint_under_way 1.0" in client.get("/metrics").text:
                break
            time.sleep(0.02)
        second = ask()
        look = client.get("/v1/sessions/any/colors", params={"x": 0, "y": 0})
        free.set()
        assert first.result().status_code == 200
    assert second.status_code == look.status_code == status
    assert int(second.headers["retry-after"]) > 0
    assert ask().status_code == 200


def test_slow_requests_are_abandoned(client_of: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    free = slow(monkeypatch)
    answer = client_of(work_seconds=0.3).post("/v1/colorize", params=FLAT, content=encoded())
    free.set()
    assert answer.status_code == 503
    assert "too long" in answer.json()["detail"]


def test_kept_pictures_make_room_for_others(client_of: Clients) -> None:
    client = client_of(session_bytes=2 * WORKING_BYTES + 100_000)
    ids = [client.post("/v1/sessions", content=encoded()).json()["id"] for _ in range(3)]
    found = [client.get(f"/v1/sessions/{id}/original").status_code for id in ids]
    assert found == [404, 200, 200]
    assert "retint_sessions 2.0" in client.get("/metrics").text
    full = client_of(session_bytes=1000)
    assert full.post("/v1/sessions", content=encoded()).status_code == 413


def test_kept_pictures_expire(client_of: Clients) -> None:
    client = client_of(session_seconds=0.2)
    id = client.post("/v1/sessions", content=encoded()).json()["id"]
    time.sleep(0.3)
    assert client.get(f"/v1/sessions/{id}/original").status_code == 404


def test_all_share_one_network(client_of: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = []

    def counting(method: str, **options: Any) -> Pipeline:
        loaded.append(method)
        return load_pipeline(method, **options)

    monkeypatch.setattr(workshop, "load_pipeline", counting)
    client = client_of()
    for _ in range(3):
        client.post("/v1/colorize", params=FLAT, content=encoded())
    assert loaded == ["mean"]
