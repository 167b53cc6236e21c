"""The page in headless Chromium."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn
from numpy.typing import NDArray
from PIL import Image

from retint.server.api.app import create_app
from retint.server.gate.connection import configured
from retint.server.settings import Settings

from .driver import Page


class Served:
    """A server that can be stopped and started again at the same address."""

    def __init__(self, port: int = 0, **settings: Any) -> None:
        self.port = port
        self._settings = Settings(**{"threads": 1, "per_client": 16} | settings)
        self.start()

    def start(self) -> None:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self.port))
        self.port = listening.getsockname()[1]
        app, _ = create_app(self._settings)
        self._server = uvicorn.Server(configured(app))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]})
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    served = Served()
    yield served
    served.stop()


@pytest.fixture(scope="session")
def address(served: Served) -> str:
    return served.address


@pytest.fixture
def page_of(browser: Any, address: str) -> Iterator[Callable[..., Page]]:
    """A page in a browser of some kind; nothing it does may be an error of the page."""
    contexts, faults = [], []

    def build(**options: Any) -> Page:
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: foreign(request.url))
        page.goto(address)
        return page

    def foreign(url: str) -> None:
        if not url.startswith((address, f"blob:{address}", "data:")):
            faults.append(f"asked for {url}")

    yield build
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture
def page(page_of: Callable[..., Page]) -> Page:
    return page_of(viewport={"width": 1440, "height": 900})


@pytest.fixture
def portrait(tmp_path: Path, grey: NDArray[np.uint8]) -> Path:
    path = tmp_path / "grandmother.jpg"
    Image.fromarray(grey).save(path, quality=95, dpi=(300, 300))
    return path


@pytest.fixture
def scans(tmp_path: Path, grey: NDArray[np.uint8]) -> list[Path]:
    """Three small photographs."""
    paths = [tmp_path / f"scan{k}.png" for k in range(3)]
    for k, path in enumerate(paths):
        Image.fromarray(np.roll(grey[::4, ::4], 9 * k, axis=1)).save(path)
    return paths
