"""What the server says that it can read."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from retint.extras import install

Clients = Callable[..., TestClient]


def document(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


@pytest.mark.parametrize(
    ("module", "ending", "name", "extra"),
    [
        ("pillow_heif", ".heic", "HEIC", "heif"),
        ("rawpy", ".nef", "RAW", "raw"),
        ("av", ".mp4", "films", "film"),
        ("scenedetect", ".mov", "films", "film"),
    ],
)
def test_what_an_extra_reads_is_not_promised_without_it(
    client_of: Clients,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    ending: str,
    name: str,
    extra: str,
) -> None:
    for each in ("pillow_heif", "rawpy"):
        pytest.importorskip(each)  # the test takes one of all extras away
    everything = document(client_of())
    assert ending in everything["x-readable"] + everything["x-films"]
    assert everything["x-lacking"] == []
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == module else real(name)
    )
    said = document(client_of())
    assert ending not in said["x-readable"] + said["x-films"]
    assert ".jpg" in said["x-readable"]
    (lacking,) = said["x-lacking"]
    assert lacking["name"] == name
    assert ending in lacking["endings"]
    assert lacking["install"] == install(extra)
    assert name not in said["x-names"]


def test_limits_are_those_of_the_settings(client_of: Clients) -> None:
    said = document(client_of(max_bytes=5_000_000, film_bytes=7_000_000))
    assert said["x-limits"] == {"picture": 5_000_000, "film": 7_000_000}
