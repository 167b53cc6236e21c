"""Metrics for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from retint.server.gate.admission import Admission
from retint.server.keep.sessions import Sessions

MEDIA_TYPE = CONTENT_TYPE_LATEST
BUCKETS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)
"""Seconds."""


class Measures:
    """Counts and times responses by route."""

    def __init__(self, sessions: Sessions) -> None:
        self._registry = CollectorRegistry()
        self._answers = Counter(
            "retint_answers", "Answers", ["route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "retint_answer_seconds", "Time to response", ["route"],
            buckets=BUCKETS, registry=self._registry,
        )  # fmt: skip
        self._gauge("retint_sessions", "Pictures in memory", lambda: len(sessions))
        self._gauge("retint_session_bytes", "Memory of these pictures", lambda: sessions.bytes)

    def watch(self, admission: Admission) -> None:
        """Add the number of current requests to the metrics."""
        self._gauge(
            "retint_under_way", "Current requests about pictures", lambda: admission.under_way
        )

    def text(self) -> bytes:
        """All metrics in the text format."""
        return generate_latest(self._registry)

    def around(self, app: ASGIApp) -> ASGIApp:
        """Wrap the app to measure it."""

        async def measured(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            began = time.perf_counter()
            status = 500

            async def sending(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                await send(message)

            try:
                await app(scope, receive, sending)
            finally:
                # The route and not the path of the request, since each new path would use memory.
                route = getattr(scope.get("route"), "path", "none")
                self._answers.labels(route, status).inc()
                self._seconds.labels(route).observe(time.perf_counter() - began)

        return measured

    def _gauge(self, name: str, said: str, value: Callable[[], float]) -> None:
        Gauge(name, said, registry=self._registry).set_function(value)
