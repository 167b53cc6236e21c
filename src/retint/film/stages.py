"""Work of several stages (reading, colouring, encoding), each on a thread of its own.

Each stage is an iterator that the next one draws from. An error in any of them reaches whoever
draws, a caller who leaves ends them all, and one that stands still is given up.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from contextvars import ContextVar, copy_context
from typing import Any, Generic, TypeVar

from retint.errors import PhotoError

PATIENCE = 120.0
"""Seconds without any progress after which a stage is given up."""
TICK = 0.1
"""Seconds after which one who waits looks up."""
GRACE = 5.0
"""Seconds that a stage gets to end in, once nobody draws from it."""

T = TypeVar("T")


class Aside(Iterator[T], Generic[T]):
    """The items of an iterable, which another thread walks over ahead of time.

    Closing it, as leaving its `with` does, ends that thread at its next item or `pulse`.

    Parameters
    ----------
    doing
        What that thread does, for the error of one that stands still.
    weigh
        Bytes of an item.
    most
        Bytes that may wait; one item always may.
    patience
        Seconds without progress after which it is given up.
    waiting
        Called now and then while there is nothing to draw; what it raises ends the waiting.

    Raises
    ------
    PhotoError
        From `next`, where the stage stands still; and whatever the iterable raises.
    """

    def __init__(
        self, items: Iterable[T], doing: str, *, weigh: Callable[[T], int] | None = None,
        most: int = 0, patience: float | None = None, waiting: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        self._waiting = waiting
        self._stage: _Stage[T] = _Stage(doing, weigh, most, patience or PATIENCE)
        # A daemon: one that stands still in foreign code keeps no program from ending.
        self._thread = threading.Thread(
            target=copy_context().run, args=(self._stage.run, items), name=doing, daemon=True
        )
        self._thread.start()

    def __next__(self) -> T:
        return self._stage.take(self._waiting)

    def __enter__(self) -> Aside[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        with suppress(AttributeError):  # it was never begun
            self._stage.stop()

    def close(self) -> None:
        """End the stage, and wait until it has ended, within reason."""
        self._stage.stop()
        deadline = time.monotonic() + GRACE
        while self._thread.is_alive() and time.monotonic() < deadline:
            self._thread.join(TICK)


def pulse() -> None:
    """Say, within a stage, that it goes on; outside of one nothing happens.

    Raises an error that no one is to catch where nobody draws from the stage any more.
    """
    if (stage := _current.get()) is not None:
        stage.pulse()


def check_wanted() -> None:
    """As `pulse`, but that the stage goes on is not said by it."""
    if (stage := _current.get()) is not None and stage.stopped:
        raise _LeftError


class _LeftError(Exception):
    """Nobody draws from this stage any more."""


class _Stage(Generic[T]):
    """What both threads share."""

    def __init__(
        self, doing: str, weigh: Callable[[T], int] | None, most: int, patience: float
    ) -> None:
        self._doing, self._weigh, self._most, self._patience = doing, weigh, most, patience
        self._changed = threading.Condition()
        self._ready: deque[tuple[T, int]] = deque()
        self._held = 0
        self._ended = False
        self._error: BaseException | None = None
        self._sign = time.monotonic()
        self.stopped = False

    def run(self, items: Iterable[T]) -> None:
        """Walk over the items, in the thread of the stage."""
        _current.set(self)
        try:
            try:
                for item in items:
                    self._put(item)
            finally:
                if close := getattr(items, "close", None):
                    close()
        except _LeftError:
            pass
        except BaseException as error:
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _put(self, item: T) -> None:
        weight = self._weigh(item) if self._weigh is not None else 1
        with self._changed:
            while self._ready and self._held + weight > self._most and not self.stopped:
                self._changed.wait()
            if self.stopped:
                raise _LeftError
            self._ready.append((item, weight))
            self._held += weight
            self._sign = time.monotonic()
            self._changed.notify_all()

    def take(self, waiting: Callable[[], None] | None) -> T:
        """The next item, in the thread of whoever draws."""
        while True:
            with self._changed:
                if not self._ready and not self._ended:
                    self._changed.wait(TICK)
                if self._ready:
                    item, weight = self._ready.popleft()
                    self._held -= weight
                    self._sign = time.monotonic()
                    self._changed.notify_all()
                    return item
                if self._ended:
                    if self._error is not None:
                        raise self._error
                    raise StopIteration
                still = time.monotonic() - self._sign
            if still > self._patience:
                raise PhotoError(f"{self._doing} made no progress for {self._patience:g} s")
            pulse()  # who waits for a stage is not the one that stands still
            if waiting is not None:
                waiting()

    def pulse(self) -> None:
        if self.stopped:
            raise _LeftError
        self._sign = time.monotonic()

    def stop(self) -> None:
        with self._changed:
            self.stopped = True
            self._ready.clear()
            self._changed.notify_all()


_current: ContextVar[_Stage[Any] | None] = ContextVar("stage", default=None)
