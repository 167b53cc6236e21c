"""Where pictures are coloured: a few at a time, each within its time, by shared networks."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ParamSpec, TypeVar

import anyio
from anyio import to_thread
from starlette.requests import Request

from retint.api import load_pipeline
from retint.errors import RetintError
from retint.pipeline import Pipeline
from retint.server import problems
from retint.server.problems import Problem
from retint.server.settings import Settings
from retint.steps import heard_by

P = ParamSpec("P")
T = TypeVar("T")


class GoneError(Exception):
    """Nobody waits for what was being made."""


class Precedence:
    """Who is waited for goes first: counts them, and holds the others up."""

    def __init__(self) -> None:
        self._waiting = 0
        self._changed = threading.Condition()

    def __enter__(self) -> None:
        with self._changed:
            self._waiting += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._waiting -= 1
            self._changed.notify_all()

    def let_pass(self, deadline: float) -> None:
        """Wait until nobody is waited for; raises TimeoutError after the deadline."""
        with self._changed:
            left = deadline - time.monotonic()
            if not self._changed.wait_for(lambda: self._waiting == 0, timeout=left):
                raise TimeoutError


class Workshop:
    """Runs what takes time away from the loop that answers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._limiter = anyio.CapacityLimiter(settings.workers)
        self._behind = anyio.CapacityLimiter(1)
        self._films = anyio.CapacityLimiter(1)
        self._precedence = Precedence()
        self._load = functools.lru_cache(maxsize=16)(self._loaded)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in a worker's thread.

        Raises
        ------
        Problem
            For errors of ours, and 503 where it takes too long; its worker is free again when it
            has ended.
        """
        with self._precedence:
            call = functools.partial(function, *args, **kwargs)
            return await self._run(call, self._limiter)

    async def run_behind(self, request: Request, function: Callable[[], T]) -> T:
        """The same when nobody waits for anything else: it begins then, and rests between its steps
        while somebody does. It ends when the caller has gone.
        """
        deadline = time.monotonic() + self._settings.work_seconds
        gone = threading.Event()

        def rest() -> None:
            self._precedence.let_pass(deadline)
            if gone.is_set():
                raise GoneError

        def patiently() -> T:
            with heard_by(lambda _done, _of: rest()):
                rest()
                return function()

        async def watch(scope: anyio.CancelScope) -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            scope.cancel()

        try:
            async with anyio.create_task_group() as group:
                group.start_soon(watch, group.cancel_scope)
                made = await self._run(patiently, self._behind)
                group.cancel_scope.cancel()
                return made
        except* Problem as problems_:
            raise problems_.exceptions[0] from None
        finally:
            gone.set()
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "nobody waits for this any more")

    async def run_film(self, function: Callable[[], T]) -> T:
        """The same for a look at a whole film: one at a time, beside the pictures, and for as long
        as a film may take to arrive.
        """
        return await self._run(function, self._films, self._settings.film_seconds)

    def give_way(self) -> None:
        """Wait, in any thread, while somebody waits for something else; not forever."""
        try:
            self._precedence.let_pass(time.monotonic() + self._settings.work_seconds)
        except TimeoutError:
            return

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
