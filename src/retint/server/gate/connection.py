"""Connections with limits that uvicorn lacks: for incomplete requests and unread responses."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, defaultdict
from typing import Any, ClassVar

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from retint.server.gate.guard import HEADERS

HEAD_SECONDS = 10.0
"""Maximum time for the head of a request to arrive."""
UNREAD_SECONDS = 20.0
"""Maximum time in which a client reads nothing of a response."""
MOST_HALF = 100
"""Maximum connections with incomplete requests per address; beyond it the oldest is closed."""
MOST_CONNECTIONS = 2000
"""Maximum connections in total."""


def configured(app: ASGIApp) -> uvicorn.Config:
    """The uvicorn configuration for the app."""
    found = uvicorn.Config(
        app, http=Connection, ws="none", log_level="warning", access_log=False, server_header=False,
        lifespan="off", proxy_headers=False, timeout_graceful_shutdown=5,
        limit_concurrency=MOST_CONNECTIONS, headers=list(HEADERS.items()),
    )  # fmt: skip
    logging.getLogger("uvicorn.error").addFilter(_is_no_cancellation)
    return found


def _is_no_cancellation(record: logging.LogRecord) -> bool:
    """Whether a record is about something else than requests that a stopping server cancels: it
    says so in a line of its own, so their tracebacks say nothing.
    """
    return record.exc_info is None or record.exc_info[0] is not asyncio.CancelledError


class Connection(H11Protocol):
    """The connection of one client."""

    _half: ClassVar[defaultdict[str, OrderedDict[Connection, None]]] = defaultdict(OrderedDict)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._late: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()
        if self._unread is None and self.transport.get_write_buffer_size():
            self._expect_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._on_request()
        if self._unread is not None:
            self._unread.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Like uvicorn's, with the headers of all other responses."""
        said = {**HEADERS, "Content-Type": "text/plain; charset=utf-8", "Connection": "close"}
        headers = [(name.encode(), value.encode()) for name, value in said.items()]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=msg.encode("ascii")),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _watch(self) -> None:
        """Start the timeout for incomplete requests; leave others alone."""
        if self.conn.their_state is not h11.IDLE:
            self._on_request()
        elif self._late is None and not self.transport.is_closing():
            self._late = self.loop.call_later(HEAD_SECONDS, self.transport.abort)
            waiting = self._half[self._address]
            waiting[self] = None
            if len(waiting) > MOST_HALF:
                oldest = next(iter(waiting))
                oldest._on_request()
                oldest.transport.abort()

    def _on_request(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
            self._half[self._address].pop(self, None)
            if not self._half[self._address]:
                del self._half[self._address]

    def _expect_reading(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._unread = self.loop.call_later(UNREAD_SECONDS, self._look_again, left)

    def _look_again(self, left: int) -> None:
        self._unread = None
        now = self.transport.get_write_buffer_size()
        if now >= left > 0:
            self.transport.abort()
        elif now:
            self._expect_reading()

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""
