"""Limits the number of concurrent requests about pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from retint.server.gate.bodies import FILM_PATH
from retint.server.problems import BUSY, Problem
from retint.server.settings import Settings

PREFIX = "/v1/"
"""Prefix of routes that use time and memory."""


class _Places:
    """A number of slots, in total and per client address."""

    def __init__(self, most: int, per_client: int) -> None:
        self._most, self._per_client = most, per_client
        self._clients: Counter[str] = Counter()

    @property
    def count(self) -> int:
        return self._clients.total()

    @contextmanager
    def one(self, client: str) -> Iterator[None]:
        """Hold a slot; raises Problem if there is none."""
        if self.count >= self._most:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, BUSY)
        if self._clients[client] >= self._per_client:
            raise Problem(
                HTTPStatus.TOO_MANY_REQUESTS, "too many concurrent requests from your address"
            )
        self._clients[client] += 1
        try:
            yield
        finally:
            self._clients -= Counter([client])


class Admission:
    """Refuses requests beyond the limits before their bodies are read.

    Films, which take long to arrive, have their own slots, so they do not block pictures.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._pictures = _Places(settings.queue, settings.per_client)
        self._films = _Places(settings.film_uploads, settings.film_uploads_per_client)

    @property
    def under_way(self) -> int:
        """Number of requests without a response."""
        return self._pictures.count + self._films.count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        client = (scope.get("client") or ("",))[0]
        places = self._films if scope["path"] == FILM_PATH else self._pictures
        with ExitStack() as stack:
            app: ASGIApp = self._app
            try:
                stack.enter_context(places.one(client))
            except Problem as problem:
                app = problem.response()
            await app(scope, receive, send)
