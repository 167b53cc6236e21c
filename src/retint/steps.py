"""How far a long answer is, told to whoever waits for it; they may also call it off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
Listener = Callable[[int, int], None]
"""Takes how many steps are done and of how many; what it raises ends the work."""

Check = Callable[[], None]
"""What it raises ends the work."""

_listener: ContextVar[Listener | None] = ContextVar("steps", default=None)
_check: ContextVar[Check | None] = ContextVar("check", default=None)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Within it, in this thread, the steps of what is computed are told to the listener."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


@contextmanager
def checked_by(check: Check) -> Iterator[None]:
    """Within it, in this thread, what is computed calls the check now and then."""
    token = _check.set(check)
    try:
        yield
    finally:
        _check.reset(token)


def checkpoint() -> None:
    """Whether the work is still wanted: to be called in loops whose steps nobody counts."""
    check = _check.get()
    if check is not None:
        check()


def walked(steps: Sequence[T]) -> Iterator[T]:
    """Each step, told before it is taken, and once more after the last."""
    listener = _listener.get() or _nobody
    for done, step in enumerate(steps):
        checkpoint()
        listener(done, len(steps))
        yield step
    listener(len(steps), len(steps))


def _nobody(_done: int, _of: int) -> None:
    pass
