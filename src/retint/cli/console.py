"""What all commands say and answer in the same way."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

from retint.cli.flags import flag
from retint.steps import heard_by

ALL_DONE, SOME_FAILED, WRONG_CALL = 0, 1, 2
"""Exit statuses."""
PARAMETER = re.compile(r"`([a-z_]+)`")


def own_words(message: str) -> str:
    """A message of the library, whose parameters in backticks are options here."""
    return PARAMETER.sub(lambda found: flag(found[1]), message)


def printable(text: str) -> str:
    """A text in one line, as any terminal can show it and none takes it for an order."""
    shown = "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
    encoding = sys.stdout.encoding or "utf-8"
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def complain(message: str) -> None:
    """One line on standard error."""
    print(printable(f"retint: {own_words(message)}"), file=sys.stderr)


@contextmanager
def telling(source: str, *, wanted: bool) -> Iterator[None]:
    """Within it, what the library's module `source` logs is said, if it is wanted."""
    handler = _Saying(logging.INFO)
    log = logging.getLogger(source)
    level = log.level
    if wanted:
        log.addHandler(handler)
        log.setLevel(min(level or logging.INFO, logging.INFO))
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


class _Saying(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        complain(record.getMessage())


def progress(total: int, *, quiet: bool) -> tqdm[Any]:
    """A bar over pictures: how many, how fast, how long yet."""
    # One picture needs no bar, and nothing but a terminal can show one.
    return tqdm(total=total, unit="picture", disable=True if quiet or total < 2 else None)


@contextmanager
def steps(*, quiet: bool) -> Iterator[None]:
    """Within it, one picture that takes many steps shows them as a bar."""
    bar: tqdm[Any] | None = None

    def show(done: int, of: int) -> None:
        nonlocal bar
        if bar is None or done == 0:
            close()
            bar = tqdm(total=of, unit="step", leave=False, disable=True if quiet else None)
        bar.update(done - bar.n)

    def close() -> None:
        if bar is not None:
            bar.close()

    with heard_by(show):
        try:
            yield
        finally:
            close()


@contextmanager
def frames(total: int, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar over the frames of a film: how fast, how long yet, and which shot."""
    bar = tqdm(total=total, unit="frame", leave=False, disable=True if quiet else None)

    def show(done: int, shot: int) -> None:
        bar.set_description(f"shot {shot + 1}", refresh=False)
        bar.update(done - bar.n)

    try:
        yield show
    finally:
        bar.close()
