"""The address of a server behind a reverse proxy, as browsers see it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from retint.errors import UsageError

ROOT_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
PORTS = {"http": 80, "https": 443}


def origin(text: str) -> str:
    """An origin as browsers send it, such as `https://photos.example`; raises UsageError.

    The host is in lower case and in its ASCII form, and a default port is omitted.
    """
    wrong = UsageError(f"invalid origin {text[:100]!r}; an example: https://photos.example")
    try:
        parts = urlsplit(text.strip().rstrip("/"))
        host = (parts.hostname or "").encode("idna").decode("ascii").lower()
        port = parts.port
    except ValueError:
        raise wrong from None
    rest = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in PORTS or rest or not re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:.]+", host):
        raise wrong
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (
        f":{port}" if port not in (None, PORTS[parts.scheme]) else ""
    )


def root_path(text: str) -> str:
    """A path such as `/retint`, without a slash at the end; empty for `/`. Raises UsageError."""
    path = text.rstrip("/")
    if ROOT_PATH.fullmatch(path) is None:
        raise UsageError(f"invalid root path {text[:100]!r}; an example: /retint")
    return path


class Rooted:
    """Removes the root path from requests, whether or not the proxy has removed it already."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._root = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._root and scope["type"] == "http":
            path: str = scope["path"]
            if path == self._root or path.startswith(f"{self._root}/"):
                scope = {**scope, "path": path.removeprefix(self._root)}
        await self._app(scope, receive, send)
