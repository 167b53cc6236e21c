from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from retint.server.api.app import create_app
from retint.server.settings import Settings

from .conftest import encoded

Clients = Callable[..., TestClient]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200), ("localhost:8017", 200), ("127.0.0.1:99", 200), ("[::1]:8017", 200),
        ("LOCALHOST", 200), ("evil.example", 403), ("localhost.evil.example", 403), ("", 403),
        ("192.168.0.7:8017", 403),
    ],
)  # fmt: skip
def test_only_our_own_names_are_answered(client: TestClient, host: str, status: int) -> None:
    assert client.get("/v1/methods", headers={"Host": host}).status_code == status


def test_further_names_can_be_allowed(client_of: Clients) -> None:
    client = client_of(hosts=("Photos.example",))
    assert client.get("/healthz", headers={"Host": "photos.example:80"}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://localhost:9999"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_other_pages_can_post_nothing(
    client: TestClient, headers: dict[str, str], status: int
) -> None:
    answer = client.post(
        "/v1/colorize", params={"method": "mean"}, content=encoded(), headers=headers
    )
    assert answer.status_code == status


def test_a_token_is_asked_for(client_of: Clients) -> None:
    client = client_of(token="secret")
    assert client.get("/healthz").status_code == 200
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": "retint=secret"}):
        for path in ("/", "/v1/methods", "/metrics"):
            answer = client.get(path, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
    right = {"Authorization": "Bearer secret"}
    assert client.get("/v1/methods", headers=right).status_code == 200


def test_the_link_opens_one_browser_once() -> None:
    app, guard = create_app(Settings(token="secret"))
    client = TestClient(app, base_url="http://localhost")
    stranger = TestClient(app, base_url="http://localhost")
    link = f"/?key={guard.key}"
    assert client.get("/?key=wrong").status_code == 401
    assert client.get(link).status_code == 200  # sent on to the page, with a cookie
    assert client.get("/v1/methods").status_code == 200
    assert stranger.get(link).status_code == 401
    assert "secret" not in str(client.cookies)


def test_without_a_token_there_is_no_key() -> None:
    _, guard = create_app(Settings())
    assert guard.key == ""


def test_every_answer_keeps_a_browser_in_bounds(client_of: Clients) -> None:
    client = client_of()
    for answer in (
        client.get("/"),
        client.get("/nothing"),
        client.get("/", headers={"Host": "evil.example"}),
        client.post("/v1/colorize", content=b"hello"),
    ):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/../app.py", "/%2e%2e/app.py", "/..%2fapp.py", "//etc/passwd"])
def test_no_path_leads_out(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (400, 404)
