"""Runs stages (reading, colouring, encoding) on their own threads.

Each stage is an iterator that the next stage draws from. Errors propagate to the consumer, a
consumer that stops ends all stages, and a stage that hangs is abandoned.
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
"""Seconds without progress after which a stage is abandoned."""
COLOR_PATIENCE = 3600.0
"""The same while a method looks at one frame."""
TICK = 0.1
"""Seconds between checks while waiting."""
GRACE = 5.0
"""Seconds that a stage gets to end once its consumer has stopped."""

T = TypeVar("T")


class Aside(Iterator[T], Generic[T]):
    """The items of an iterable, produced ahead of time by another thread.

    Closing it, as leaving its `with` block does, ends that thread at its next item or `pulse`.

    Parameters
    ----------
    doing
        Name of the work, for the error message if it hangs.
    weigh
        Returns the bytes of an item.
    most
        Maximum bytes of waiting items; one item may always wait.
    patience
        Seconds without progress after which the stage is abandoned.
    waiting
        Called regularly while there is no item; an exception ends the waiting.

    Raises
    ------
    PhotoError
        From `next`, if the stage hangs; and all exceptions of the iterable.
    """

    def __init__(
        self, items: Iterable[T], doing: str, *, weigh: Callable[[T], int] | None = None,
        most: int = 0, patience: float | None = None, waiting: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        self._waiting = waiting
        self._stage: _Stage[T] = _Stage(doing, weigh, most, patience or PATIENCE)
        # A daemon thread: if it hangs in foreign code, the program can still end.
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
        with suppress(AttributeError):  # it was never started
            self._stage.stop()

    def close(self) -> None:
        """End the stage, and wait for it for a limited time."""
        self._stage.stop()
        deadline = time.monotonic() + GRACE
        while self._thread.is_alive() and time.monotonic() < deadline:
            self._thread.join(TICK)


def pulse() -> None:
    """Report that a stage is alive; no effect outside a stage.

    Raises an internal exception if the consumer has stopped.
    """
    if (stage := _current.get()) is not None:
        stage.pulse()


def check_wanted() -> None:
    """Like `pulse`, but without reporting that the stage is alive."""
    if (stage := _current.get()) is not None and stage.stopped:
        raise _LeftError


class _LeftError(Exception):
    """The consumer of this stage has stopped."""


class _Stage(Generic[T]):
    """State shared by both threads."""

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
        """Iterate over the items, in the stage's thread."""
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
        """Return the next item, in the consumer's thread."""
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
            pulse()  # a stage that waits for another does not hang
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
