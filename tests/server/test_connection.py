"""Clients that send incomplete or contradictory requests, or do not read responses."""

from __future__ import annotations

import io
import select
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
import uvicorn
from PIL import Image

from retint.server.api.app import create_app
from retint.server.gate import connection
from retint.server.gate.connection import configured
from retint.server.settings import MEGA, Settings

from .conftest import encoded

pytestmark = pytest.mark.alone


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 1.0)
    monkeypatch.setattr(connection, "UNREAD_SECONDS", 0.5)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(512)
    app, _ = create_app(Settings(threads=1, json_seconds=1))
    server = uvicorn.Server(configured(app))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield listening.getsockname()
    server.should_exit = True
    thread.join()


def connected(address: tuple[str, int], begin: bytes) -> socket.socket:
    found = socket.create_connection(address, timeout=10)
    found.sendall(begin)
    return found


def is_closed(connection: socket.socket) -> bool:
    """Whether the other side has closed it, now or within seconds."""
    try:
        while connection.recv(1 << 16):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


def is_cut_off(connection: socket.socket, chunk: bytes, times: int) -> bool:
    """Whether the other side stops reading chunks and says so, or hangs up."""
    try:
        for _ in range(times):
            connection.sendall(chunk)
            if select.select([connection], [], [], 0)[0]:
                return b" 413 " in connection.recv(100)
    except OSError:
        return True
    return False


def healthy(address: tuple[str, int]) -> bool:
    url = f"http://127.0.0.1:{address[1]}/healthz"
    return httpx.get(url, timeout=5).status_code == 200


def test_incomplete_requests_are_closed_without_blocking_others(address: tuple[str, int]) -> None:
    half = [connected(address, b"GET /healthz HTTP/1.1\r\nHost: loc") for _ in range(400)]
    assert healthy(address)
    began = time.monotonic()
    assert all(is_closed(each) for each in half)
    assert time.monotonic() - began < 9


def test_a_second_half_head_is_closed_too(address: tuple[str, int]) -> None:
    found = connected(address, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /he")
    assert is_closed(found)


def test_a_complete_request_may_take_its_full_time(address: tuple[str, int]) -> None:
    content = encoded()
    head = b"POST /v1/colorize?method=mean HTTP/1.1\r\nHost: localhost\r\n"
    head += b"Content-Length: %d\r\n\r\n" % len(content)
    slow = connected(address, head + content[:10])
    time.sleep(1.5)  # longer than a head may take
    slow.sendall(content[10:])
    assert slow.recv(20).startswith(b"HTTP/1.1 200")


def test_bodies_without_pictures_have_tight_limits(address: tuple[str, int]) -> None:
    head = b"POST /v1/sessions/x/colorize HTTP/1.1\r\nHost: localhost\r\n"
    endless = connected(address, head + b"Transfer-Encoding: chunked\r\n\r\n")
    assert is_cut_off(endless, b"%x\r\n" % MEGA + b" " * MEGA + b"\r\n", times=60)
    lying = connected(address, head + b"Content-Length: 500000000\r\n\r\n")
    assert b" 413 " in lying.recv(100)
    unfinished = connected(address, head + b"Content-Length: 50\r\n\r\n{")
    assert b" 408 " in unfinished.recv(100)


def test_answers_that_nobody_reads_are_dropped(address: tuple[str, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1600, 2400)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "BMP")
    content = buffer.getvalue()
    head = (
        "POST /v1/colorize?method=mean&format=tiff HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(address)
    deaf.settimeout(20)
    deaf.sendall(head.encode() + content)
    assert select.select([deaf], [], [], 60)[0]  # the answer is ready, and is not read
    time.sleep(4)
    taken = 0
    try:
        while got := deaf.recv(1 << 16):
            taken += len(got)
    except ConnectionError:
        pass
    assert taken < 3_000_000  # of eight


def test_responses_to_invalid_http_have_all_headers(address: tuple[str, int]) -> None:
    answer = connected(address, b"\x16\x03\x01 no http\r\n\r\n").recv(4096)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"content-security-policy" in answer.lower()


def test_invalid_origins_are_refused(address: tuple[str, int]) -> None:
    url = f"http://127.0.0.1:{address[1]}/v1/sessions"
    assert httpx.post(url, headers={"Origin": "http://["}, content=b"x").status_code == 403


def test_a_picture_too_long_for_jpeg_is_shown_smaller(address: tuple[str, int]) -> None:
    url = f"http://127.0.0.1:{address[1]}/v1/sessions"
    id = httpx.post(url, content=encoded("PNG", (70_000, 50))).json()["id"]
    answer = httpx.get(f"{url}/{id}/original?size=pixels")
    assert answer.status_code == 200


def test_deeply_nested_hints_are_refused(address: tuple[str, int]) -> None:
    url = f"http://127.0.0.1:{address[1]}/v1/colorize"
    answer = httpx.post(url, files={"file": encoded()}, data={"hints": "[" * 100_000})
    assert answer.status_code == 422


def test_a_server_that_stops_during_an_upload_says_so_in_one_line(
    capfd: pytest.CaptureFixture[str],
) -> None:
    app, _ = create_app(Settings(threads=1))
    config = configured(app)
    config.timeout_graceful_shutdown = 0
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    head = b"POST /v1/films?name=a.mp4 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n\r\n"
    client = connected(listening.getsockname(), head + bytes(100))
    while not server.server_state.tasks:
        time.sleep(0.01)
    server.should_exit = True
    thread.join()
    client.close()
    said = capfd.readouterr().err
    assert "Traceback" not in said
    assert said.count("\n") == 1
