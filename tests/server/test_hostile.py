"""Malicious requests are refused with one line, and reveal nothing about other clients."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from retint.server import problems
from retint.server.api.app import create_app
from retint.server.settings import Settings
from tests.film.clips import moving, write

from .conftest import encoded
from .serving import Served

JSON = {"Content-Type": "application/json"}
WRITTEN = ("inf", "nan", "-inf", "1e300", "1" + "0" * 400, "1" + "0" * 5000, "", "١٢", "-1", "\0")
"""What a query may have in place of a number; none is a seed, a share or a second of a film."""
SIGNED = {"straighten"}
"""Numbers that may be negative."""
PLACES = ("colors", "thing")
"""Ends of paths that take a place."""


class Server:
    """A server with a kept picture and a kept film."""

    def __init__(self, folder: Path) -> None:
        app, _ = create_app(Settings(threads=1))
        self.client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
        self.picture = self.client.post("/v1/sessions", content=encoded()).json()["id"]
        clip = write(folder / "clip.mp4", moving(3))
        answer = self.client.post("/v1/films?name=a.mp4", content=clip.read_bytes())
        self.film = answer.json()["id"]

    def path(self, path: str) -> str:
        return path.replace("{id}", self.film if "films" in path else self.picture)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    return Server(tmp_path_factory.mktemp("film"))


def document() -> dict[str, Any]:
    app, _ = create_app(Settings())
    client = TestClient(app, base_url="http://localhost")
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


DOCUMENT = document()
NUMBERS = ("number", "integer")


def queries() -> Iterator[tuple[str, str, str]]:
    """Every parameter that is a number, with its method and path."""
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            for each in operation.get("parameters", []):
                if each["in"] == "query" and each["schema"].get("type") in NUMBERS:
                    yield method, path, each["name"]


def fields() -> Iterator[tuple[str, str]]:
    """Every field of JSON that is a number, with its path."""
    schemas = DOCUMENT["components"]["schemas"]
    for path, operations in DOCUMENT["paths"].items():
        body = operations.get("post", {}).get("requestBody", {}).get("content", {})
        if "application/json" not in body:
            continue
        wish = schemas[body["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]]
        for name, schema in wish["properties"].items():
            kinds = [schema, *schema.get("anyOf", []), schema.get("items", {})]
            if any(each.get("type") in NUMBERS for each in kinds):
                yield path, name


def is_refused(answer: Any, *statuses: int) -> None:
    assert answer.status_code in (statuses or (400, 422)), answer.text[:300]
    detail = answer.json()["detail"]
    assert "\n" not in detail
    assert len(detail) <= problems.LONGEST + 3
    assert "internal error" not in detail


@pytest.mark.parametrize(("method", "path", "name"), list(queries()))
def test_invalid_numbers_in_a_query_are_refused(
    server: Server, method: str, path: str, name: str
) -> None:
    for written in WRITTEN:
        if written == "-1" and name in SIGNED:
            continue
        query = {"x": "0.5", "y": "0.5"} if path.endswith(PLACES) else {}
        content = encoded() if method == "post" else None
        asked = query | {name: written}
        is_refused(server.client.request(method, server.path(path), params=asked, content=content))


@pytest.mark.parametrize(("path", "name"), list(fields()))
def test_invalid_numbers_in_json_are_refused(server: Server, path: str, name: str) -> None:
    words = ["Infinity", "-Infinity", "NaN", "1e999", *WRITTEN[3:6], '"١٢"', '""', "{}"]
    words += [] if name in SIGNED else ["-1"]
    for written in words:
        value = f"[{written}]" if name == "at" else written
        rest = ', "at": [0]' if path.endswith("stills") and name != "at" else ""
        content = f'{{"{name}": {value}{rest}}}'
        is_refused(server.client.post(server.path(path), content=content, headers=JSON))


@pytest.mark.parametrize("shapes", ["points", "strokes", "polygons", "rectangles"])
@pytest.mark.parametrize("value", ["1", "{}", "null", '"x"', "[1]", "[null]", "[[1]]"])
def test_invalid_shapes_are_refused(server: Server, shapes: str, value: str) -> None:
    hints = f'{{"version": 1, "size": [96, 64], "{shapes}": {value}}}'
    for path, rest in (
        ("/v1/sessions/{id}/colorize", ""),
        ("/v1/films/{id}/stills", ', "at": [0]'),
        ("/v1/films/{id}/colorize", ""),
    ):
        content = f'{{"hints": {hints}{rest}}}'
        is_refused(server.client.post(server.path(path), content=content, headers=JSON))


def test_a_time_beyond_the_end_is_refused(server: Server) -> None:
    for second in (1e8, 999_999_999, 5):
        answer = server.client.get(server.path("/v1/films/{id}/frame"), params={"time": second})
        is_refused(answer, 422)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 300_000,
        b'{"hints":' * 100_000,
        b'{"hints":{"version":1,"size":[9,9],"points":' + b"[" * 900 + b"]" * 900 + b"}}",
        b'{"hints":{"version":1,"size":[9,9],"points":[' + b"1," * 500_000 + b"1]}}",
        b'{"' + b"a" * 1_000_000 + b'": 1}',
        b'{"method": "' + b"a\\n" * 100_000 + b'"}',
        b'{"hints":{"version":1,"size":[9,9],"points":[{"x":1,"y":1,"color":"'
        + b"rgb(" * 300_000 + b'"}]}}',
        b'{"method": "\\ud800"}', b'{"reference": "\\ud800"}', b'{"\\ud800": 1}',
        b"\xff\xfe\x00", gzip.compress(b'{"method": "mean"}', mtime=0),
    ],
    ids=lambda content: repr(content[:20]),
)  # fmt: skip
def test_deep_long_and_undecodable_json_is_refused(server: Server, content: bytes) -> None:
    path = server.path("/v1/sessions/{id}/colorize")
    is_refused(server.client.post(path, content=content, headers=JSON))


def test_the_last_of_duplicate_keys_in_json_counts(server: Server) -> None:
    path = server.path("/v1/sessions/{id}/colorize")
    content = '{"method": "nobody", "method": "mean"}'
    assert server.client.post(path, content=content, headers=JSON).status_code == 200


def test_too_many_hints_are_counted_before_any_is_built(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def built(*_: Any) -> Any:
        raise AssertionError("one was built")

    monkeypatch.setattr("retint.hints.file._Reader._point", built)
    point = {"x": 1, "y": 1, "color": "red"}
    hints = {"version": 1, "size": [96, 64], "points": [point] * 40_000}
    answer = server.client.post(server.path("/v1/sessions/{id}/colorize"), json={"hints": hints})
    is_refused(answer, 422)
    assert "too many" in answer.json()["detail"]


@pytest.mark.parametrize(
    "content",
    [
        b"".join(b'--x\r\nContent-Disposition: form-data; name="%d"\r\n\r\n1\r\n' % k
                 for k in range(5000)) + b"--x--\r\n",
        b"--x\r\n" + b"".join(b"H%d: v\r\n" % k for k in range(50_000)) + b"\r\n1\r\n--x--\r\n",
        b"\r\n--" * 1_000_000,
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\r\nb"\r\n\r\n1\r\n--x--',
    ],
    ids=["parts", "headers", "dashes", "name"],
)  # fmt: skip
def test_endless_forms_are_refused(server: Server, content: bytes) -> None:
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    is_refused(server.client.post("/v1/colorize", content=content, headers=kind))


@pytest.mark.parametrize(
    "name", ['a"b.png', "a\r\nSet-Cookie: x=1.png", "../../a.png", "<img src=x>.png", "a;b.png"]
)
def test_a_callers_own_name_is_in_no_header(server: Server, name: str) -> None:
    for path in ("/v1/colorize?method=mean", "/v1/colorize?method=mean&format=webp"):
        answer = server.client.post(path, files={"file": (name, encoded())})
        if answer.status_code != 200:
            is_refused(answer)
            continue
        assert answer.headers["content-disposition"].startswith('inline; filename="photo.retint.')
        assert "set-cookie" not in answer.headers


def test_sessions_of_others_are_not_listed(server: Server) -> None:
    for path in ("/v1/sessions", "/v1/sessions/", "/v1/films", "/v1/films/", "/metrics"):
        text = server.client.get(path).text
        assert server.picture not in text
        assert server.film not in text
    for id in (server.picture, server.film):
        assert len(id) >= 22  # 128 bits
        for near in (id[:-1], id + "x", id.swapcase(), f"{id}%00", "..", "%2e%2e", "*"):
            assert server.client.delete(f"/v1/sessions/{near}").status_code in (204, 404, 405)
            assert server.client.delete(f"/v1/films/{near}").status_code in (204, 404, 405)
    original = server.client.get(server.path("/v1/sessions/{id}/original"))
    assert original.status_code == 200
    assert server.client.get(server.path("/v1/films/{id}")).status_code == 200


@pytest.mark.parametrize("token", ["s\u00e9cret", "\u79d8\u5bc6", "pl-ain", "\udcff\udcfe"])
def test_a_token_may_be_of_any_characters(served_of: Callable[..., Served], token: str) -> None:
    served = served_of(token=token)

    def status(header: bytes) -> int:
        with served.connected() as caller:
            caller.socket.sendall(GET + header + b"\r\n\r\n")
            return int(caller.socket.recv(100).split()[1])

    assert status(b"Authorization: Bearer " + token.encode("utf-8", "surrogateescape")) == 200
    for wrong in (b"", b"??", b"\xff", b"s\xc3\xa9cre", b"s", "\u0661".encode(), b"x" * 10_000):
        assert status(b"Authorization: Bearer " + wrong) == 401
    for cookie in (b"retint=\xff", b"retint=", b'retint="\\377', b"=;;=", b"retint"):
        assert status(b"Cookie: " + cookie) == 401


HOST = b"Host: localhost\r\n"
POST = b"POST /v1/colorize?method=mean HTTP/1.1\r\n" + HOST
GET = b"GET /v1/methods HTTP/1.1\r\n" + HOST
STATIC = b"GET /style.css HTTP/1.1\r\n" + HOST
UPGRADE = b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MTIzNA==\r\n"
RAW: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "two lengths": (POST + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd", (400,)),
    "length and chunks": (
        POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GET + b"\r\n",
        (400,),
    ),
    "length below 0": (POST + b"Content-Length: -4\r\n\r\nabcd", (400,)),
    "length with a sign": (POST + b"Content-Length: +4\r\n\r\nabcd", (400,)),
    "endless length": (POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", (400, 413)),
    "unknown coding": (POST + b"Transfer-Encoding: xchunked\r\n\r\nabcd", (400, 501)),
    "space before a colon": (GET + b"Content-Length : 4\r\n\r\nabcd", (400,)),
    "two hosts": (GET + b"Host: evil.example\r\n\r\n", (400,)),
    "no host": (b"GET /healthz HTTP/1.1\r\n\r\n", (400,)),
    "another host": (b"GET /healthz HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n", (403,)),
    "null in a path": (b"GET /%00 HTTP/1.1\r\n" + HOST + b"\r\n", (400, 404)),
    "long path": (b"GET /" + b"%61" * 3000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", (404, 414)),
    "no text in a path": (b"GET /%ED%A0%80 HTTP/1.1\r\n" + HOST + b"\r\n", (400, 404)),
    "trace": (b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n", (404, 405)),
    "connect": (b"CONNECT a:80 HTTP/1.1\r\n" + HOST + b"\r\n", (400, 404, 405)),
    "options of all": (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", (400, 404, 405)),
    "head": (b"HEAD / HTTP/1.1\r\n" + HOST + b"\r\n", (200,)),
    "web socket": (GET + b"Upgrade: websocket\r\n" + UPGRADE + b"\r\n", (200, 400, 426)),
    "endless range": (STATIC + b"Range: bytes=0-" + b"9" * 5000 + b"\r\n\r\n", (206, 400, 416)),
    "a thousand ranges": (
        STATIC + b"Range: bytes=" + b",".join(b"0-%d" % k for k in range(1000)) + b"\r\n\r\n",
        (200, 206, 400, 416),
    ),
    "range from behind": (STATIC + b"Range: bytes=-" + b"9" * 300 + b"\r\n\r\n", (206, 400, 416)),
}  # fmt: skip


@pytest.fixture(scope="module")
def listening() -> Iterator[Served]:
    served = Served(Settings(threads=1))
    yield served
    served.stop()


@pytest.mark.parametrize("request_", RAW.values(), ids=RAW)
def test_malformed_requests_are_refused_with_all_headers(
    listening: Served, request_: tuple[bytes, tuple[int, ...]]
) -> None:
    content, statuses = request_
    with listening.connected() as caller:
        caller.socket.sendall(content)
        answer = caller.socket.recv(1 << 16)
    head = answer.split(b"\r\n\r\n")[0].lower()
    assert int(answer.split()[1]) in statuses
    assert b"x-content-type-options: nosniff" in head
    assert b"content-security-policy: default-src 'none'" in head


def test_after_a_request_of_two_lengths_nothing_is_answered(listening: Served) -> None:
    content, _ = RAW["length and chunks"]
    with listening.connected() as caller:
        caller.socket.sendall(content)
        answer = b""
        while got := caller.socket.recv(1 << 16):
            answer += got
    assert answer.count(b"HTTP/1.1") == 1


def test_details_are_one_line_of_limited_length() -> None:
    problem = problems.Problem(HTTPStatus.BAD_REQUEST, "a\nb\r\n" + "c" * 10_000)
    assert problem.detail.startswith("a b c")
    assert len(problem.detail) == problems.LONGEST + 3
    assert json.loads(bytes(problem.response().body))["detail"] == problem.detail
