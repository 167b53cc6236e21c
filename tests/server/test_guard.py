from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from retint.errors import UsageError
from retint.server.api.app import create_app
from retint.server.gate import address
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


FORWARDED = {
    "Forwarded": "for=127.0.0.1;host=evil.example;proto=http",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Prefix": "/retint",
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Server": "evil.example",
    "X-Original-Host": "evil.example",
    "X-Real-IP": "127.0.0.1",
}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://photos.example"}, 200),
        ({"Origin": "https://photos.example", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "https://photos.example", "Host": "photos.example"}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({}, 200),
        ({"Origin": "https://photos.example", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://photos.example", "Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://photos.example", "Host": "evil.example"}, 403),
        ({"Origin": "http://photos.example"}, 403),
        ({"Origin": "https://photos.example:444"}, 403),
        ({"Origin": "https://photos.example.evil.example"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "https://evil.example", "Host": "photos.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://evil.example", **FORWARDED}, 403),
        ({"Host": "evil.example", **FORWARDED}, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example", **FORWARDED}, 403),
    ],
)
def test_behind_a_proxy_only_the_given_origin_may_post(
    client_of: Clients, headers: dict[str, str], status: int
) -> None:
    client = client_of(origins=("https://Photos.example:443/",))
    answer = client.post(
        "/v1/colorize", params={"method": "mean"}, content=encoded(), headers=headers
    )
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://photos.example", "https://photos.example"),
        ("http://Photos.Example:80/", "http://photos.example"),
        ("http://192.168.0.7:8080", "http://192.168.0.7:8080"),
        ("http://[2001:DB8::7]", "http://[2001:db8::7]"),
        ("https://müller.example", "https://xn--mller-kva.example"),
        ("photos.example", None), ("null", None), ("", None), ("*", None), ("https://", None),
        ("https://*.example", None), ("https://photos.example/retint", None),
        ("https://photos.example?x", None), ("https://me@photos.example", None),
        ("ftp://photos.example", None), ("https://photos.example:99999", None),
        ("https://a b.example", None), ("https://[::1", None), ("https://photos.example:x", None),
    ],
)  # fmt: skip
def test_an_origin_is_what_browsers_send(given: str, origin: str | None) -> None:
    if origin is None:
        with pytest.raises(UsageError, match="invalid origin"):
            create_app(Settings(origins=(given,)))
    else:
        assert address.origin(given) == origin


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("", ""), ("/", ""), ("/retint", "/retint"), ("/a/b-c/", "/a/b-c"),
        ("retint", None), ("/..", None), ("/a/../b", None), ("//evil.example", None),
        ("/a?b", None), ("/a b", None), ("https://photos.example/retint", None), ("/a\n", None),
    ],
)  # fmt: skip
def test_a_root_path_is_a_plain_path(given: str, path: str | None) -> None:
    if path is None:
        with pytest.raises(UsageError, match="invalid root path"):
            create_app(Settings(root_path=given))
    else:
        assert address.root_path(given) == path


def test_a_root_path_is_removed_whether_or_not_the_proxy_has_done_so(client_of: Clients) -> None:
    client = client_of(root_path="/retint/")
    for path in ("/", "/retint/", "/retint"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.url.path in ("/", "/retint/")
        assert "<title>retint" in answer.text
    for path in ("/style.css", "/retint/style.css", "/v1/methods", "/retint/v1/methods"):
        assert client.get(path).status_code == 200
    assert client.get("/retint/openapi.json").json()["servers"] == [{"url": "/retint"}]
    for path in ("/retintx/style.css", "/retint/retint/style.css"):
        assert client.get(path).status_code == 404
    for path in ("/retint/v1/colorize", "/v1/colorize"):
        answer = client.post(path, params={"method": "mean"}, content=encoded())
        assert answer.status_code == 200


def test_limits_and_the_token_hold_below_a_root_path(client_of: Clients) -> None:
    client = client_of(root_path="/retint", token="secret", max_bytes=100)
    assert client.get("/retint/healthz").status_code == 200
    for path in ("/retint", "/retint/", "/retint/v1/methods", "/retint/metrics"):
        assert client.get(path, follow_redirects=False).status_code in (308, 401)
        assert client.get(path).status_code == 401
    answer = client.post(
        "/retint/v1/colorize", content=encoded(), headers={"Authorization": "Bearer secret"}
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/retint/", "/retint", "/"])
def test_the_link_opens_a_browser_below_a_root_path(path: str) -> None:
    app, guard = create_app(Settings(token="secret", root_path="/retint"))
    client = TestClient(app, base_url="http://localhost")
    answer = client.get(path, params={"key": guard.new_key()}, follow_redirects=False)
    assert answer.headers["location"] == "/retint/"
    assert "path=/retint/" in answer.headers["set-cookie"].lower()
    assert client.get("/retint/v1/methods").status_code == 200


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
    link = f"/?key={guard.new_key()}"
    assert client.get("/?key=wrong").status_code == 401
    assert client.get(link).status_code == 200  # sent on to the page, with a cookie
    assert client.get("/v1/methods").status_code == 200
    assert stranger.get(link).status_code == 401
    assert stranger.get(f"/?key={guard.new_key()}").status_code == 200  # each browser has its own
    assert "secret" not in str(client.cookies)


def test_without_a_token_there_is_no_key() -> None:
    _, guard = create_app(Settings())
    assert guard.new_key() == ""


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
def test_no_path_leaves_the_static_files(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (400, 404)
