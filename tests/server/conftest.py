"""A server that uses one flat colour, since these tests do not test the networks."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from retint.server.api.app import create_app
from retint.server.settings import Settings

from .serving import Served

SIZE = (96, 64)


def encoded(format: str = "PNG", size: tuple[int, int] = SIZE, **options: Any) -> bytes:
    """A grey ramp as a file."""
    ramp = np.add.outer(np.arange(size[1]), np.arange(size[0])) % 256
    buffer = io.BytesIO()
    Image.fromarray(ramp.astype(np.uint8)).save(buffer, format, **options)
    return buffer.getvalue()


@pytest.fixture
def client_of() -> Callable[..., TestClient]:
    """A client of a server with some settings."""

    def build(**settings: Any) -> TestClient:
        app, _ = create_app(replace(Settings(threads=1), **settings))
        return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)

    return build


@pytest.fixture
def client(client_of: Callable[..., TestClient]) -> TestClient:
    return client_of()


@pytest.fixture
def served_of() -> Iterator[Callable[..., Served]]:
    """Servers with some settings, each in a thread of its own."""
    servers: list[Served] = []

    def build(**settings: Any) -> Served:
        servers.append(Served(replace(Settings(threads=1), **settings)))
        return servers[-1]

    yield build
    for each in servers:
        each.stop()
