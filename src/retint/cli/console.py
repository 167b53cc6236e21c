"""Messages and progress bars of all commands."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from tqdm import tqdm

from retint.cli.flags import flag
from retint.steps import report_steps_to

ALL_DONE, SOME_FAILED, WRONG_CALL = 0, 1, 2
"""Exit statuses."""
PARAMETER = re.compile(r"`([a-z_]+)`")


def with_flags(message: str) -> str:
    """Replace parameter names in backticks by the names of command-line options."""
    return PARAMETER.sub(lambda found: flag(found[1]), message)


def printable(text: str) -> str:
    """Convert a text to one line that any terminal can display, without control characters."""
    shown = "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
    encoding = sys.stdout.encoding or "utf-8"
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def complain(message: str) -> None:
    """Print one line to standard error."""
    print(printable(f"retint: {with_flags(message)}"), file=sys.stderr)


@contextmanager
def show_log(source: str, *, wanted: bool) -> Iterator[None]:
    """Print what the library's module `source` logs, if wanted."""
    handler = _LogPrinter(logging.INFO)
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


class _LogPrinter(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        complain(record.getMessage())


def progress(total: int, *, quiet: bool) -> tqdm[Any]:
    """A progress bar over pictures."""
    # Not shown for a single picture, or if the output is not a terminal.
    return tqdm(total=total, unit="picture", disable=True if quiet or total < 2 else None)


@contextmanager
def references_seen(*, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar while the pictures of a folder of references are looked at."""
    with ExitStack() as stack:
        bar = None

        def seen(done: int, count: int) -> None:
            nonlocal bar
            if bar is None:
                bar = stack.enter_context(progress(count, quiet=quiet))
                bar.set_description("references", refresh=False)
            bar.update(done - bar.n)

        yield seen


@contextmanager
def steps(*, quiet: bool) -> Iterator[None]:
    """Show a progress bar for the steps of one picture."""
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

    with report_steps_to(show):
        try:
            yield
        finally:
            close()


@contextmanager
def frames(total: int, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A progress bar over the frames of a film that names the current shot."""
    bar = tqdm(total=total, unit="frame", leave=False, disable=True if quiet else None)

    def show(done: int, shot: int) -> None:
        bar.set_description(f"shot {shot + 1}", refresh=False)
        bar.update(done - bar.n)

    try:
        yield show
    finally:
        bar.close()
