"""What the container and its proxy rely on, without Docker."""

from __future__ import annotations

import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.film.clips import moving, write
from tests.programs import program

from .conftest import encoded
from .serving import Served
from .test_proxy import free_port

ROOT = Path(__file__).parents[2]
GLOBAL = """{
	admin off
	skip_install_trust
	http_port %d
	storage file_system %s
}
"""
"""What keeps Caddy's test away from the machine; its authority signs for localhost."""
READ_ONLY = """set -e
mount --make-rprivate /
mount -t tmpfs work "$TMPDIR"
mount -o remount,bind,ro /
exec "$@"
"""


def read_only(work: Path, *call: str) -> subprocess.Popen[Any]:
    """Run a command where the root is read-only, with a folder for temporary files."""
    whole = ["unshare", "--mount", "sh", "-c", READ_ONLY, "sh", *call]
    return subprocess.Popen(
        whole, env={**os.environ, "TMPDIR": str(work)}, stderr=subprocess.DEVNULL
    )


def answer(ask: Callable[[], httpx.Response], running: subprocess.Popen[Any]) -> httpx.Response:
    """The first answer of a server that starts."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return ask()
        except httpx.TransportError:
            assert running.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture
def secure(served_of: Callable[..., Served], tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of the page behind Caddy, by HTTPS."""
    caddy, port = program("caddy"), free_port()
    origin = f"https://localhost:{port}"
    served = served_of(origins=(origin,), token="known")
    text = (ROOT / "examples" / "container" / "Caddyfile").read_text("utf-8")
    assert "retint:8017" in text
    file = tmp_path / "Caddyfile"
    file.write_text(
        GLOBAL % (free_port(), tmp_path) + text.replace("retint:8017", f"127.0.0.1:{served.port}")
    )
    call = [caddy, "run", "--adapter", "caddyfile", "--config", str(file)]
    environment = {**os.environ, "DOMAIN": f"localhost:{port}", "HOME": str(tmp_path)}
    environment |= {"XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    authority = tmp_path / "pki" / "authorities" / "local" / "root.crt"
    with subprocess.Popen(call, env=environment, stderr=subprocess.DEVNULL) as running:
        try:
            deadline = time.monotonic() + 30
            while not authority.exists():
                assert running.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
            trusted = ssl.create_default_context(cafile=str(authority))
            with httpx.Client(base_url=origin, verify=trusted, timeout=30) as client:
                answer(lambda: client.get("/healthz"), running)
                yield client
        finally:
            running.terminate()


def test_the_page_works_behind_caddy_with_tls(secure: httpx.Client) -> None:
    assert secure.get("/healthz").status_code == 200
    assert secure.get("/v1/methods").status_code == 401
    token = {"Authorization": "Bearer known"}
    colorize = "/v1/colorize?method=mean"
    for origin, status in ((str(secure.base_url), 200), ("https://evil.example", 403)):
        headers = {**token, "Origin": origin}
        assert secure.post(colorize, content=encoded(), headers=headers).status_code == status
    other = secure.get("/v1/methods", headers={**token, "Host": "evil.example"})
    assert other.content == b""  # Caddy answers only for its domain


def test_the_health_check_passes_at_another_origin(served_of: Callable[..., Served]) -> None:
    served = served_of(origins=("https://photos.example",), token="known")
    text = re.sub(r"\\\n", "", (ROOT / "Dockerfile").read_text("utf-8"))
    (check,) = re.findall(r"^HEALTHCHECK .*?CMD (.*)$", text, re.MULTILINE)
    _, *rest = json.loads(check.replace("8017", str(served.port)))
    subprocess.run([sys.executable, *rest], check=True)


@pytest.mark.skipif(shutil.which("unshare") is None, reason="unshare is not installed")
def test_nothing_but_the_volume_is_written_to(tmp_path: Path) -> None:
    work, port = tmp_path / "work", free_port()
    work.mkdir()
    with read_only(work, "true") as tried:
        if tried.wait():
            pytest.skip("this user may not mount a root that is read-only")
    with read_only(work, "touch", str(tmp_path / "written")) as tried:
        assert tried.wait() != 0
    write(tmp_path / "walk.mp4", moving(9, (48, 96)))
    serve = (sys.executable, "-m", "retint", "serve", "--port", str(port), "--threads", "1")
    with read_only(work, *serve) as running:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                answer(lambda: client.get("/healthz"), running)
                picture = client.post("/v1/colorize?method=mean", content=encoded())
                assert picture.status_code == 200
                film = (tmp_path / "walk.mp4").read_bytes()
                kept = client.post("/v1/films?name=walk.mp4", content=film)
                assert kept.is_success, kept.text
        finally:
            running.terminate()
