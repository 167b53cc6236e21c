"""Priority and cancellation of work that clients wait for.

A patient errand pauses between its steps while an urgent one runs. If two errands need the same
intermediate result, the one that computes it inherits the priority of the one that waits for it,
and continues as long as either is wanted (priority inheritance). Otherwise they could block each
other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

LOOKED_EVERY = 0.2
"""Seconds between checks whether other work has ended."""

T = TypeVar("T")

_current: ContextVar[Errand | None] = ContextVar("errand", default=None)


class GoneError(Exception):
    """Raised when nobody waits for the result any more."""


class Errand:
    """A piece of work for one client.

    Parameters
    ----------
    changed
        Condition for all errands of a workshop, notified whenever one of them changes.
    patient
        Whether others go first.
    """

    def __init__(self, changed: threading.Condition, *, patient: bool) -> None:
        self._changed = changed
        self._patient = patient
        self._caller_waits = True
        self._waiting: set[Errand] = set()
        """Other errands that wait for a result of this one."""

    @property
    def is_wanted(self) -> bool:
        """Whether its own client or another errand waits for it."""
        return self._caller_waits or any(each.is_wanted for each in self._waiting)

    @property
    def is_urgent(self) -> bool:
        """Whether anything urgent waits for it."""
        own = self._caller_waits and not self._patient
        return own or any(each.is_urgent for each in self._waiting)

    def leave(self) -> None:
        """The client has stopped waiting."""
        with self._changed:
            self._caller_waits = False
            self._changed.notify_all()

    def result_of(self, future: Future[T], owner: Errand) -> T:
        """Wait in this errand for the result of another one; raises GoneError if this one is
        cancelled.
        """
        with self._changed:
            owner._waiting.add(self)
            self._changed.notify_all()
        future.add_done_callback(self._tell)
        try:
            with self._changed:
                self._changed.wait_for(lambda: future.done() or not self.is_wanted)
            if not future.done():
                raise GoneError
            return future.result()
        finally:
            with self._changed:
                owner._waiting.discard(self)
                self._changed.notify_all()

    def _tell(self, _: object) -> None:
        with self._changed:
            self._changed.notify_all()


def current() -> Errand | None:
    """The errand of this thread."""
    return _current.get()


class Errands:
    """All errands of a workshop; thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waited_for: set[Errand] = set()
        self._worked_on: set[Errand] = set()

    @property
    def left(self) -> int:
        """Number of errands that still run although nobody waits for them."""
        with self._changed:
            return sum(not each.is_wanted for each in self._worked_on)

    @contextmanager
    def one(self, *, patient: bool) -> Iterator[Errand]:
        """Create an errand; its client waits within the context."""
        errand = Errand(self._changed, patient=patient)
        with self._changed:
            self._waited_for.add(errand)
        try:
            yield errand
        finally:
            with self._changed:
                self._waited_for.discard(errand)
            errand.leave()

    @contextmanager
    def worked_on(self, errand: Errand) -> Iterator[None]:
        """Assign the errand to this thread within the context."""
        token = _current.set(errand)
        with self._changed:
            self._worked_on.add(errand)
        try:
            yield
        finally:
            with self._changed:
                self._worked_on.discard(errand)
            _current.reset(token)

    def rest(self, errand: Errand) -> None:
        """Wait while others go first; raises GoneError if the errand is cancelled."""
        with self._changed:
            self._changed.wait_for(
                lambda: not errand.is_wanted or errand.is_urgent or not self._is_hurried()
            )
            if not errand.is_wanted:
                raise GoneError

    def let_pass(self, seconds: float, ended: Callable[[], bool]) -> None:
        """Let urgent errands go first, for work that is not an errand; at most that many seconds,
        or until it has ended.
        """
        deadline = time.monotonic() + seconds
        with self._changed:
            while self._is_hurried() and not ended() and time.monotonic() < deadline:
                self._changed.wait(LOOKED_EVERY)

    def _is_hurried(self) -> bool:
        return any(each.is_urgent for each in self._waited_for)
