"""A server process under attack still serves others, and its memory stays bounded."""

from __future__ import annotations

import io
import re
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from .conftest import encoded

pytestmark = pytest.mark.alone

HALF_HEADS = 3000
MORE_MEGABYTES = 150
"""What attackers may make the server take above what it takes when idle."""


class Server:
    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "retint", "serve", "--port", "0", "--threads", "1"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                break
        else:
            raise AssertionError("the server did not say where it is")
        self.url = f"http://127.0.0.1:{self.port}"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(httpx.HTTPError):
                httpx.post(f"{self.url}/v1/colorize?method=mean", content=encoded(), timeout=30)
                break
            time.sleep(0.1)

    def megabytes(self) -> int:
        """What it takes now, seen from outside."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) // 1024
        raise AssertionError("no memory is told")

    def connected(self, begin: bytes) -> socket.socket:
        found = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        with suppress(OSError):
            found.sendall(begin)
        return found

    def answers(self) -> bool:
        picture = httpx.post(f"{self.url}/v1/colorize?method=mean", content=encoded(), timeout=10)
        return picture.status_code == 200

    def answers_soon(self) -> bool:
        """An address that holds many connections may have to wait until they have gone."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.answers():
                return True
            time.sleep(0.5)
        return False


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if not Path("/proc/self/status").exists():
        pytest.skip("memory is read from /proc")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # The server is this process's child and has its limits.
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(HALF_HEADS + 500, hard), hard))
    server = Server()
    yield server
    server.process.terminate()
    server.process.communicate(timeout=20)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


HEAD = b"POST /v1/colorize?method=mean HTTP/1.1\r\nHost: localhost\r\n"


def test_thousands_of_incomplete_requests_need_little_memory(server: Server) -> None:
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < HALF_HEADS + 500:
        pytest.skip("too few files may be open here")
    idle = server.megabytes()
    with ExitStack() as stack:
        for _ in range(HALF_HEADS):
            stack.enter_context(server.connected(b"GET /healthz HTTP/1.1\r\nHost: loc"))
        assert server.answers()
        print("half", idle, server.megabytes())
        assert server.megabytes() < idle + MORE_MEGABYTES


def test_wrong_slow_and_huge_bodies_need_little_memory(server: Server) -> None:
    idle = server.megabytes()
    content = encoded()
    most = idle
    with ExitStack() as stack:
        for _ in range(3):  # each address has few places
            for begin in (
                HEAD + b"Content-Length: 400000000\r\n\r\n" + content,
                HEAD + b"Content-Length: 9\r\n\r\n" + content,
                HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffff\r\n" + b" " * 1_000_000,
                b"POST /v1/sessions/x/colorize HTTP/1.1\r\nHost: a\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n" + b"100000\r\n" + b" " * 0x100000,
            ):
                stack.enter_context(server.connected(begin))
                most = max(most, server.megabytes())
    print("bodies", idle, most)
    assert most < idle + MORE_MEGABYTES
    assert server.answers_soon()


def test_unread_answers_need_little_memory(server: Server) -> None:
    levels = np.random.default_rng(0).integers(0, 256, (1200, 1600)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, "BMP")
    content = buffer.getvalue()
    head = HEAD.replace(b"=mean", b"=mean&format=tiff")
    head += b"Content-Length: %d\r\n\r\n" % len(content)
    idle = server.megabytes()
    most = idle
    with ExitStack() as stack:
        for _ in range(40):
            deaf = stack.enter_context(socket.socket())
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.settimeout(10)
            deaf.connect(("127.0.0.1", server.port))
            with suppress(OSError):
                deaf.sendall(head + content)
            most = max(most, server.megabytes())
        print("unread", idle, most)
        assert httpx.get(f"{server.url}/healthz", timeout=10).status_code == 200
    # Forty answers are 230 MB.
    assert most < idle + MORE_MEGABYTES
    assert server.answers_soon()
