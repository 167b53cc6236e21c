"""How many requests about a picture are under way, and no more."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from retint.server.problems import Problem
from retint.server.settings import Settings

PREFIX = "/v1/"
"""Of what costs time and memory."""


class Admission:
    """Turns away what would only wait, before its body is read."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._clients: Counter[str] = Counter()

    @property
    def under_way(self) -> int:
        """Requests that have not been answered."""
        return self._clients.total()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        client = (scope.get("client") or ("",))[0]
        if self._clients.total() >= self._settings.queue:
            full = Problem(HTTPStatus.SERVICE_UNAVAILABLE, "too much to do; come back soon")
            await full.response()(scope, receive, send)
        elif self._clients[client] >= self._settings.per_client:
            many = Problem(HTTPStatus.TOO_MANY_REQUESTS, "too many requests of yours at a time")
            await many.response()(scope, receive, send)
        else:
            self._clients[client] += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._clients -= Counter([client])
