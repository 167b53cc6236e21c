from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import urllib.request

import cv2
import numpy as np
import pytest

from retint.cli import invitation
from retint.extras import install

from .test_main import run


def test_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert run("serve") == 2
    assert install("serve") in capsys.readouterr().err


def test_a_used_port_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert run("serve", "--port", port) == 2
    said = capsys.readouterr().err
    assert f"cannot listen on 127.0.0.1, port {port}: it is in use" in said
    assert "--port" in said


@pytest.mark.parametrize(("host", "guarded"), [("127.0.0.1", False), ("0.0.0.0", True)])
def test_it_serves_and_asks_for_a_token_where_others_can_call(host: str, guarded: bool) -> None:
    command = [sys.executable, "-u", "-m", "retint", "serve", "--port", "0", "--host", host]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    alarm = threading.Timer(60, server.kill)
    alarm.start()
    try:
        assert server.stdout is not None
        said = server.stdout.readline()
        if guarded:
            assert "API token: " in said
            said = server.stdout.readline()
        assert ("?key=" in said) == guarded
        port = re.findall(r":(\d+)/", said)[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
            assert answer.status == 200
    finally:
        alarm.cancel()
        server.terminate()
        server.wait()


@pytest.mark.parametrize(
    ("options", "link"),
    [
        (["--origin", "https://photos.example"], r"https://photos\.example/\?key=\S+ \(this"),
        (["--origin", "https://photos.example", "--root-path", "/retint/"],
         r"https://photos\.example/retint/\?key="),
        (["--origin", "http://localhost:8080"], r"http://localhost:8080/;"),
        (["--root-path", "/retint"], r"http://127\.0\.0\.1:\d+/retint/;"),
    ],
)  # fmt: skip
def test_the_link_is_the_address_of_the_proxy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: list[str],
    link: str,
) -> None:  # fmt: skip
    uvicorn = pytest.importorskip("uvicorn")
    monkeypatch.setattr(uvicorn.Server, "run", lambda *_, **__: None)
    assert run("serve", "--port", "0", *options) == 0
    said = capsys.readouterr().out
    assert re.search(f"retint: {link}", said), said
    # Others can call where the address is not that of this computer.
    assert ("API token: " in said) == ("key=" in link)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--origin", "photos.example"], "invalid origin 'photos.example'"),
        (["--root-path", "retint"], "invalid root path 'retint'"),
    ],
)
def test_wrong_addresses_are_one_line(
    capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert run("serve", "--port", "0", *options) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def read_by_a_camera(drawn: str) -> str:
    """The text of a QR code in a terminal: each character is two modules, one above the other."""
    pairs = {"\u2588": (255, 255), "\u2580": (255, 0), "\u2584": (0, 255), " ": (0, 0)}
    plain = re.sub(r"\033\[[\d;]*m", "", drawn).splitlines()
    rows = np.array([[pairs[each] for each in line] for line in plain], np.uint8)
    picture = rows.transpose(0, 2, 1).reshape(-1, rows.shape[1])
    text, *_ = cv2.QRCodeDetector().detectAndDecode(np.kron(picture, np.ones((8, 8), np.uint8)))
    return str(text)


def test_the_code_in_the_terminal_is_the_link() -> None:
    pytest.importorskip("segno")
    link = "http://192.168.178.123:8017/?key=8cGzmqVhC1b7SxO2d_9-uA"
    drawn = invitation.code(link)
    assert read_by_a_camera(drawn) == link
    # Its colors do not depend on those of the terminal.
    assert all(each.startswith("\033[97;40m") for each in drawn.splitlines())


@pytest.mark.parametrize("terminal", [True, False])
def test_a_telephone_gets_a_link_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], terminal: bool
) -> None:
    uvicorn = pytest.importorskip("uvicorn")
    monkeypatch.setattr(uvicorn.Server, "run", lambda *_, **__: None)
    monkeypatch.setattr(invitation, "network_address", lambda: "192.168.178.123")
    monkeypatch.setattr(invitation, "code", lambda link: f"code of {link}\n")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    assert run("serve", "--port", "0", "--host", "0.0.0.0") == 0
    said = capsys.readouterr().out
    (link,) = re.findall(r"on a telephone in the same network: (\S+)", said)
    assert re.fullmatch(r"http://192\.168\.178\.123:\d+/\?key=\S+", link)
    keys = re.findall(r"key=(\S+)", said)
    assert keys[0] != keys[1]
    assert (f"code of {link}" in said) == terminal
    assert "signs in the one browser that opens it first" in said
    assert said.count("API token: ") == 1


@pytest.mark.parametrize(
    "options", [[], ["--token", "secret"], ["--host", "localhost"], ["--host", "::1"]]
)
def test_a_server_for_this_computer_alone_invites_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    uvicorn = pytest.importorskip("uvicorn")
    monkeypatch.setattr(uvicorn.Server, "run", lambda *_, **__: None)
    assert run("serve", "--port", "0", *options) == 0
    assert "telephone" not in capsys.readouterr().out


def test_without_segno_there_is_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "segno", None)
    assert invitation.code("http://192.168.178.123:8017/") == ""


def test_the_address_in_the_network_is_one_of_this_computer() -> None:
    found = invitation.network_address()
    if found:
        with socket.socket() as own:
            own.bind((found, 0))  # fails for addresses of others
        assert not found.startswith("127.")
