"""Progress of long computations, and their cancellation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
Listener = Callable[[int, int], None]
"""Called with the number of finished steps and their total; an exception aborts the work."""

Check = Callable[[], None]
"""An exception raised by it aborts the work."""

_listener: ContextVar[Listener | None] = ContextVar("steps", default=None)
_check: ContextVar[Check | None] = ContextVar("check", default=None)


@contextmanager
def report_steps_to(listener: Listener) -> Iterator[None]:
    """Report the steps of computations in this thread to the listener."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


@contextmanager
def cancellable_by(check: Check) -> Iterator[None]:
    """Let computations in this thread call the check regularly."""
    token = _check.set(check)
    try:
        yield
    finally:
        _check.reset(token)


def checkpoint() -> None:
    """Raise if the work was cancelled; for loops that report no steps."""
    check = _check.get()
    if check is not None:
        check()


def with_progress(steps: Sequence[T]) -> Iterator[T]:
    """Yield each step, reporting progress before each one and after the last."""
    listener = _listener.get() or _nobody
    for done, step in enumerate(steps):
        checkpoint()
        listener(done, len(steps))
        yield step
    listener(len(steps), len(steps))


def _nobody(_done: int, _of: int) -> None:
    pass
