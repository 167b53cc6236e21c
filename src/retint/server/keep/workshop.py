"""Worker threads that colour pictures with shared networks, with a time limit."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, TypeVar

import anyio
from anyio import to_thread
from starlette.requests import Request

from retint.api import load_pipeline
from retint.errors import RetintError
from retint.picture.pipeline import Pipeline
from retint.server import problems
from retint.server.keep.errands import Errand, Errands
from retint.server.problems import BUSY, CANCELLED, Problem
from retint.server.settings import Settings
from retint.steps import cancellable_by, checkpoint

T = TypeVar("T")


MOST_LEFT = 4
"""Maximum number of threads that still work for disconnected clients, each until its next step."""


class Workshop:
    """Runs long work outside the event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._limiter = anyio.CapacityLimiter(settings.workers)
        self._behind = anyio.CapacityLimiter(1)
        self._films = anyio.CapacityLimiter(1)
        self._errands = Errands()
        self._load = functools.lru_cache(maxsize=16)(self._loaded)

    async def run(self, function: Callable[[], T], request: Request | None = None) -> T:
        """Call a function in a worker thread.

        Parameters
        ----------
        request
            The request, whose body has been read: the work ends at its next step if that client
            disconnects.

        Raises
        ------
        Problem
            For errors of retint, and 503 if it takes too long, was cancelled, or too much work
            still runs for disconnected clients.
        """
        with self._errands.one(patient=False) as errand:
            return await self._run_for_client(function, errand, self._limiter, request)

    async def run_behind(self, request: Request, function: Callable[[], T]) -> T:
        """Like `run`, with low priority: it starts when nothing urgent runs, and pauses for urgent
        work.
        """
        with self._errands.one(patient=True) as errand:
            return await self._run_for_client(function, errand, self._behind, request)

    async def run_film(self, function: Callable[[], T], request: Request) -> T:
        """Like `run`, for the scan of a film: one at a time, beside the pictures, with the time
        limit of film uploads.
        """
        look = functools.partial(self._run, function, self._films, self._settings.film_seconds)
        return await _while_there(request, look)

    def give_way(self, ended: Callable[[], bool] = lambda: False) -> None:
        """Let urgent work go first, in any thread: for a limited time, or until `ended` returns
        True.
        """
        self._errands.let_pass(self._settings.work_seconds, ended)

    async def _run_for_client(
        self,
        function: Callable[[], T],
        errand: Errand,
        limiter: anyio.CapacityLimiter,
        request: Request | None,
    ) -> T:
        """Run it as long as its client is connected."""
        if self._errands.left >= MOST_LEFT:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, BUSY)

        def work() -> T:
            with (
                self._errands.worked_on(errand),
                cancellable_by(lambda: self._errands.rest(errand)),
            ):
                checkpoint()
                return function()

        if request is None:
            return await self._run(work, limiter)
        return await _while_there(request, lambda: self._run(work, limiter))

    async def _run(
        self, call: Callable[[], T], limiter: anyio.CapacityLimiter, seconds: float | None = None
    ) -> T:
        try:
            with anyio.fail_after(seconds or self._settings.work_seconds):
                return await to_thread.run_sync(call, limiter=limiter, abandon_on_cancel=True)
        except TimeoutError:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "the request took too long") from None
        except (RetintError, MemoryError) as error:
            raise problems.of(error) from error

    def pipeline(self, method: str, options: dict[str, Any] | None = None) -> Pipeline:
        """A loaded method, shared by all requests with the same options.

        Raises
        ------
        UsageError, WeightsError
            As `load_colorizer`.
        """
        return self._load(method, tuple(sorted((options or {}).items())))

    def _loaded(self, method: str, options: tuple[tuple[str, Any], ...]) -> Pipeline:
        own = dict(self._settings.method_weights)
        weights = {"weights": own[method]} if method in own else {}
        return load_pipeline(method, threads=self._settings.threads, **weights, **dict(options))


async def _while_there(request: Request, run: Callable[[], Awaitable[T]]) -> T:
    """Await the result; cancelled when the client disconnects."""

    async def watch(scope: anyio.CancelScope) -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        scope.cancel()

    try:
        async with anyio.create_task_group() as group:
            group.start_soon(watch, group.cancel_scope)
            made = await run()
            group.cancel_scope.cancel()
            return made
    except* Problem as problems_:
        raise problems_.exceptions[0] from None
    raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, CANCELLED)
