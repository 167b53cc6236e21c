"""Work that callers wait for: which goes first, and which nobody wants any more.

A patient errand rests between its steps while somebody waits for an urgent one. Two errands may
need the same thing, which one of them makes: that one is as urgent, and as much wanted, as the one
that waits for it (priority inheritance), or both would wait for each other.
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
"""Seconds after which what is no errand is asked whether it has ended."""

T = TypeVar("T")

_current: ContextVar[Errand | None] = ContextVar("errand", default=None)


class GoneError(Exception):
    """Nobody waits for what was being made."""


class Errand:
    """A piece of work for one caller.

    Parameters
    ----------
    changed
        Guards all errands of a workshop; told whenever one of them changes.
    patient
        Whether others go first.
    """

    def __init__(self, changed: threading.Condition, *, patient: bool) -> None:
        self._changed = changed
        self._patient = patient
        self._caller_waits = True
        self._waiting: set[Errand] = set()
        """Other errands that need what this one makes."""

    @property
    def is_wanted(self) -> bool:
        """Whether its own caller or another errand waits for it."""
        return self._caller_waits or any(each.is_wanted for each in self._waiting)

    @property
    def is_urgent(self) -> bool:
        """Whether someone waits for it who is not patient."""
        own = self._caller_waits and not self._patient
        return own or any(each.is_urgent for each in self._waiting)

    def leave(self) -> None:
        """Its caller waits no more."""
        with self._changed:
            self._caller_waits = False
            self._changed.notify_all()

    def result_of(self, future: Future[T], owner: Errand) -> T:
        """What another errand makes, in the thread of this one; raises GoneError when this one is
        not wanted any more.
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
    """The errand that this thread works on."""
    return _current.get()


class Errands:
    """All errands of a workshop; may be used from several threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waited_for: set[Errand] = set()
        self._worked_on: set[Errand] = set()

    @property
    def left(self) -> int:
        """How many are still worked on although nobody wants them."""
        with self._changed:
            return sum(not each.is_wanted for each in self._worked_on)

    @contextmanager
    def one(self, *, patient: bool) -> Iterator[Errand]:
        """An errand whose caller waits within it."""
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
        """Within it this thread works on the errand."""
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
        """Wait while others go first; raises GoneError where the errand is not wanted any more."""
        with self._changed:
            self._changed.wait_for(
                lambda: not errand.is_wanted or errand.is_urgent or not self._is_hurried()
            )
            if not errand.is_wanted:
                raise GoneError

    def let_pass(self, seconds: float, ended: Callable[[], bool]) -> None:
        """Wait, for what is no errand, while any is urgent; no longer than so many seconds, or
        until it has ended.
        """
        deadline = time.monotonic() + seconds
        with self._changed:
            while self._is_hurried() and not ended() and time.monotonic() < deadline:
                self._changed.wait(LOOKED_EVERY)

    def _is_hurried(self) -> bool:
        return any(each.is_urgent for each in self._waited_for)
