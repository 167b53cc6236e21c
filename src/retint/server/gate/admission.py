"""How many requests about a picture are under way, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from retint.server.gate.bodies import FILM_PATH
from retint.server.problems import Problem
from retint.server.settings import Settings

PREFIX = "/v1/"
"""Of what costs time and memory."""


class _Places:
    """So many requests, and so many of one address."""

    def __init__(self, most: int, per_client: int) -> None:
        self._most, self._per_client = most, per_client
        self._clients: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        return self._clients.total()

    @contextmanager
    def one(self, client: str) -> Iterator[None]:
        """A place within it; raises Problem where there is none."""
        if self.taken >= self._most:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "too much to do; come back soon")
        if self._clients[client] >= self._per_client:
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "too many requests of yours at a time")
        self._clients[client] += 1
        try:
            yield
        finally:
            self._clients -= Counter([client])


class Admission:
    """Turns away what would only wait, before its body is read.

    Films, which take long to arrive, have places of their own: they hold up nobody else.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._pictures = _Places(settings.queue, settings.per_client)
        self._films = _Places(settings.film_uploads, settings.film_uploads_per_client)

    @property
    def under_way(self) -> int:
        """Requests that have not been answered."""
        return self._pictures.taken + self._films.taken

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
