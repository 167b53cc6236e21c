"""Connections with bounds on what uvicorn leaves open: half requests, and answers nobody reads."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from typing import Any, ClassVar

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from retint.server.gate.guard import HEADERS

HEAD_SECONDS = 10.0
"""How long the head of a request may take to arrive."""
UNREAD_SECONDS = 20.0
"""How long a caller may read nothing of an answer that is ready."""
MOST_HALF = 100
"""Connections of one address whose request has not arrived; beyond it the oldest is closed."""
MOST_CONNECTIONS = 2000
"""Of all addresses: the last bound."""


def configured(app: ASGIApp) -> uvicorn.Config:
    """How uvicorn serves the app."""
    return uvicorn.Config(
        app, http=Connection, ws="none", log_level="warning", access_log=False, server_header=False,
        lifespan="off", proxy_headers=False, timeout_graceful_shutdown=5,
        limit_concurrency=MOST_CONNECTIONS, headers=list(HEADERS.items()),
    )  # fmt: skip


class Connection(H11Protocol):
    """One caller's connection."""

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
        self._arrived()
        if self._unread is not None:
            self._unread.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """As uvicorn's, with the headers that all answers have."""
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
        """Give a request that has not begun or not arrived its time; let the others be."""
        if self.conn.their_state is not h11.IDLE:
            self._arrived()
        elif self._late is None and not self.transport.is_closing():
            self._late = self.loop.call_later(HEAD_SECONDS, self.transport.abort)
            waiting = self._half[self._address]
            waiting[self] = None
            if len(waiting) > MOST_HALF:
                oldest = next(iter(waiting))
                oldest._arrived()
                oldest.transport.abort()

    def _arrived(self) -> None:
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
