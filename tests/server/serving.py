"""A server in a thread, for tests that need real connections."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import httpx
import uvicorn

from retint.server.api.app import create_app
from retint.server.gate.connection import configured
from retint.server.settings import Settings


class Caller(closing[socket.socket]):
    """A connection of somebody who may hang up."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        super().__init__(self.socket)

    def __enter__(self) -> Caller:  # type: ignore[override]
        return self

    def ask(self, method: str, url: str, content: Any) -> None:
        """Send a request with JSON and do not wait for its answer."""
        body = json.dumps(content).encode()
        head = (
            f"{method} {urlsplit(url).path} HTTP/1.1\r\nHost: localhost\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.socket.sendall(head.encode() + body)


class Served:
    """A server that listens on a free port of this computer."""

    def __init__(self, settings: Settings) -> None:
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        listening.listen(512)
        self.port: int = listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        app, _ = create_app(settings)
        self._server = uvicorn.Server(configured(app))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]})
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()

    def connected(self) -> Caller:
        return Caller(self.port)

    def under_way(self) -> int:
        """Requests about a picture that have not been answered."""
        text = httpx.get(f"{self.url}/metrics").text
        found = re.search(r"^retint_under_way (\d+)", text, re.MULTILINE)
        assert found is not None
        return int(found[1])

    def wait_until_under_way(self, count: int) -> None:
        deadline = time.monotonic() + 10
        while self.under_way() != count:
            assert time.monotonic() < deadline
            time.sleep(0.02)
