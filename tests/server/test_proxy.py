"""The page and the API behind a real nginx, configured as in docs/serve.md."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from tests.programs import program

from .conftest import encoded
from .serving import Served

CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_max_body_size 100m;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    {lines}
  }}
}}
"""

Proxied = Callable[..., str]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.fixture
def proxied(served_of: Callable[..., Served], tmp_path: Path) -> Iterator[Proxied]:
    """Servers with some settings behind an nginx with some lines; returns the proxy's origin."""
    nginx = program("nginx")
    running: list[subprocess.Popen[bytes]] = []

    def build(lines: str, **settings: Any) -> str:
        port = free_port()
        origin = f"http://127.0.0.1:{port}"
        served = served_of(**{"origins": (origin,), **settings})
        file = tmp_path / "nginx.conf"
        lines = lines.replace("http://127.0.0.1:8017", served.url)
        file.write_text(CONFIGURATION.format(folder=tmp_path, port=port, lines=lines))
        running.append(
            subprocess.Popen([nginx, "-p", tmp_path, "-c", file, "-e", tmp_path / "error.log"])
        )
        deadline = time.monotonic() + 30
        while True:
            try:
                httpx.get(origin)
                return origin
            except httpx.TransportError:
                assert time.monotonic() < deadline, (tmp_path / "error.log").read_text()
                time.sleep(0.02)

    yield build
    for each in running:
        each.terminate()
        each.wait()


AT_ROOT = "location / { proxy_pass http://127.0.0.1:8017; }"
WITH_HOST = "location / { proxy_pass http://127.0.0.1:8017; proxy_set_header Host $http_host; }"
STRIPPED = "location /retint/ { proxy_pass http://127.0.0.1:8017/; }"
WHOLE = "location /retint/ { proxy_pass http://127.0.0.1:8017; }"
PLACES = [(AT_ROOT, ""), (WITH_HOST, ""), (STRIPPED, "/retint"), (WHOLE, "/retint")]


def test_the_lines_are_those_of_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "serve.md").read_text("utf-8")
    assert f"| nginx | `{AT_ROOT}` | `{STRIPPED}` |" in page


@pytest.mark.parametrize(("lines", "path"), PLACES)
def test_only_pages_of_the_origin_may_post(proxied: Proxied, lines: str, path: str) -> None:
    origin = proxied(lines, root_path=path)
    colorize = f"{origin}{path}/v1/colorize?method=mean"
    for given, status in ((origin, 200), (None, 200), ("http://evil.example", 403), ("null", 403)):
        headers = {"X-Forwarded-Host": "evil.example"} | ({"Origin": given} if given else {})
        answer = httpx.post(colorize, content=encoded(), headers=headers)
        assert answer.status_code == status


def test_without_an_origin_the_message_names_the_option(proxied: Proxied) -> None:
    origin = proxied(AT_ROOT, origins=())
    answer = httpx.post(f"{origin}/v1/colorize", headers={"Origin": origin}, content=encoded())
    assert answer.status_code == 403
    assert "--origin" in answer.json()["detail"]


def test_another_name_that_leads_here_is_refused_if_the_proxy_passes_it(proxied: Proxied) -> None:
    origin = proxied(WITH_HOST)
    assert httpx.get(origin).status_code == 200
    assert httpx.get(origin, headers={"Host": "evil.example"}).status_code == 403


@pytest.mark.parametrize(("lines", "path"), [(STRIPPED, "/retint"), (WHOLE, "/retint")])
def test_all_addresses_lead_below_the_root_path(proxied: Proxied, lines: str, path: str) -> None:
    origin = proxied(lines, root_path=path)
    waiting = [f"{origin}{path}/"]
    seen = set(waiting)
    while waiting:
        address = waiting.pop()
        answer = httpx.get(address)
        assert answer.status_code == 200, address
        if not re.match(r"text/|application/javascript", answer.headers["content-type"]):
            continue
        named = re.findall(
            r'(?:href|src|data-sample|from|fetch\(|import|url\()\s*=?\s*["\'](?!http)([\w./-]+)["\']',
            answer.text,
        )
        for each in {urljoin(address, name) for name in named} - seen:
            assert each.startswith(f"{origin}{path}/"), (address, each)
            seen.add(each)
            waiting.append(each)
    for name in ("api.js", "docs", "docs.js", "openapi.json", "samples/migrant.jpg", "metrics"):
        assert f"{origin}{path}/{name}" in seen


def test_a_token_is_asked_for(proxied: Proxied) -> None:
    origin = proxied(STRIPPED, root_path="/retint", token="secret")
    assert httpx.get(f"{origin}/retint/v1/methods").status_code == 401
    headers = {"Authorization": "Bearer secret"}
    assert httpx.get(f"{origin}/retint/v1/methods", headers=headers).status_code == 200


@pytest.mark.parametrize(("lines", "path"), PLACES[1:3])
def test_the_page_colorizes(
    proxied: Proxied, browser: Any, tmp_path: Path, lines: str, path: str
) -> None:
    origin = proxied(lines, root_path=path, per_client=16)
    photo = tmp_path / "photo.png"
    photo.write_bytes(encoded(size=(320, 240)))
    context = browser.new_context()
    page = context.new_page()
    refused: list[str] = []
    page.on("response", lambda each: refused.append(each.url) if each.status >= 400 else None)
    page.goto(f"{origin}{path}/")
    with page.expect_response(lambda each: each.url.endswith("/colorize")) as colored:
        page.set_input_files("#files", photo)
    assert colored.value.status == 200
    context.close()
    assert not refused
