from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import urllib.request

import pytest

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
    assert f"cannot listen on 127.0.0.1, port {port}: " in capsys.readouterr().err


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
