"""Pictures and films that a server signs with its own certificate."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

pytest.importorskip("c2pa")

from retint import credentials
from retint.cli import signing
from retint.errors import UsageError
from tests.credentials.test_credentials import ARCHIVE

from ..film.clips import moving, write
from .conftest import encoded
from .test_app import is_problem
from .test_films import done, opened

Clients = Callable[..., TestClient]
SIGNED: dict[str, str | bool] = {"method": "mean", "sign": True}


@pytest.fixture
def client(client_of: Clients, tmp_path: Path) -> TestClient:
    return client_of(signing=signing.offered(*ARCHIVE.write(tmp_path)))


def found(content: bytes) -> credentials.Credentials | None:
    return credentials.read(io.BytesIO(content), "image/png")


def test_files_are_signed_if_one_asks_for_it(client: TestClient) -> None:
    direct = client.post("/v1/colorize", params=SIGNED, content=encoded())
    assert direct.status_code == 200, direct.text
    id = client.post("/v1/sessions", content=encoded()).json()["id"]
    path = f"/v1/sessions/{id}/colorize"
    kept = client.post(path, json=SIGNED | {"size": "file", "label": "Colorized"})
    for answer in (direct, kept):
        said = found(answer.content)
        assert said is not None
        assert said.is_valid
        assert said.signer == "City archive"
        assert said.originals == ("original",)
    plain = client.post(path, json={"method": "mean", "size": "file"})
    assert found(plain.content) is None
    assert client.get("/openapi.json").json()["x-signs"]
    is_problem(client.post(f"/v1/sessions/{id}/pair", json=SIGNED), 422, "not signed")


def test_a_server_without_a_certificate_says_so(client_of: Clients) -> None:
    client = client_of()
    answer = client.post("/v1/colorize", params=SIGNED, content=encoded())
    is_problem(answer, 422, "no certificate")
    assert not client.get("/openapi.json").json()["x-signs"]


def test_the_certificate_of_a_server_comes_with_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = ARCHIVE.write(tmp_path)
    assert signing.offered(None, None) is None
    with pytest.raises(UsageError, match="requires --sign-key FILE"):
        signing.offered(certificate, None)
    monkeypatch.setenv(signing.CERTIFICATE, str(certificate))
    assert signing.offered(None, key) is not None


def test_films_are_signed_if_one_asks_for_it(client: TestClient, tmp_path: Path) -> None:
    clip = write(tmp_path / "clip.mp4", moving(8))
    id = opened(client, clip)["id"]
    path = f"/v1/films/{id}/"
    is_problem(client.post(path + "colorize", json=SIGNED | {"format": "mkv"}), 422, "cannot sign")
    for wish, is_signed in ((SIGNED, True), (SIGNED | {"sign": False}, False)):
        assert client.post(path + "colorize", json=wish).status_code == 202
        job = done(client, id)
        assert job["state"] == "done", job["error"]
        assert job["lost"] == []
        content = client.get(path + "file").content
        said = credentials.read(io.BytesIO(content), "video/mp4")
        assert (said is not None) == is_signed
        if said is None:
            continue
        assert said.is_valid
        assert said.signer == "City archive"
        assert said.originals == ("original",)
        changed = bytearray(content)
        changed[content.index(b"mdat") + 100] ^= 1
        broken = credentials.read(io.BytesIO(changed), "video/mp4")
        assert broken is not None
        assert not broken.is_valid


def test_a_film_that_cannot_be_signed_is_not_begun(client_of: Clients, tmp_path: Path) -> None:
    client = client_of()
    id = opened(client, write(tmp_path / "clip.mp4", moving(4)))["id"]
    answer = client.post(f"/v1/films/{id}/colorize", json=SIGNED)
    is_problem(answer, 422, "no certificate")
    assert client.get(f"/v1/films/{id}").json()["job"] is None
