"""Where pictures are coloured: a few at a time, each within its time, by shared networks."""

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
from retint.server.problems import Problem
from retint.server.settings import Settings
from retint.steps import checked_by, checkpoint

T = TypeVar("T")


MOST_LEFT = 4
"""Threads that still work for callers who have gone, each until its next step."""


class Workshop:
    """Runs what takes time away from the loop that answers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._limiter = anyio.CapacityLimiter(settings.workers)
        self._behind = anyio.CapacityLimiter(1)
        self._films = anyio.CapacityLimiter(1)
        self._errands = Errands()
        self._load = functools.lru_cache(maxsize=16)(self._loaded)

    async def run(self, function: Callable[[], T], request: Request | None = None) -> T:
        """Call a function in a worker's thread.

        Parameters
        ----------
        request
            Whose body has been read: the work ends, at its next step, when that caller has gone.

        Raises
        ------
        Problem
            For errors of ours, and 503 where it takes too long, nobody waits for it any more, or
            too much goes on for callers who have gone.
        """
        with self._errands.one(patient=False) as errand:
            return await self._attended(function, errand, self._limiter, request)

    async def run_behind(self, request: Request, function: Callable[[], T]) -> T:
        """The same when nobody waits for anything else: it begins then, and rests between its steps
        while somebody does.
        """
        with self._errands.one(patient=True) as errand:
            return await self._attended(function, errand, self._behind, request)

    async def run_film(self, function: Callable[[], T], request: Request) -> T:
        """The same for a look at a whole film: one at a time, beside the pictures, and for as long
        as a film may take to arrive.
        """
        look = functools.partial(self._run, function, self._films, self._settings.film_seconds)
        return await _while_there(request, look)

    def give_way(self, ended: Callable[[], bool] = lambda: False) -> None:
        """Wait, in any thread, while somebody waits for something else: not forever, and not when
        it has ended.
        """
        self._errands.let_pass(self._settings.work_seconds, ended)

    async def _attended(
        self,
        function: Callable[[], T],
        errand: Errand,
        limiter: anyio.CapacityLimiter,
        request: Request | None,
    ) -> T:
        """Run it as long as its caller is there."""
        if self._errands.left >= MOST_LEFT:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "too much to do; come back soon")

        def work() -> T:
            with self._errands.worked_on(errand), checked_by(lambda: self._errands.rest(errand)):
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
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "that took too long") from None
        except (RetintError, MemoryError) as error:
            raise problems.of(error) from error

    def pipeline(self, method: str, options: dict[str, Any] | None = None) -> Pipeline:
        """A method, ready to colour; the same one for all who ask for it with such options.

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
    """What it answers, cancelled when the caller has gone."""

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
    raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "nobody waits for this any more")
