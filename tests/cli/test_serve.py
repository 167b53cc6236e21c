from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import urllib.request

import pytest

from .test_main import run


def test_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert run("serve") == 2
    assert "pip install 'retint[serve]'" in capsys.readouterr().err


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
