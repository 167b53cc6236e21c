"""Standard streams that are always open, and standard error without the messages of C libraries,
such as libtiff and libpng.

They print to the file descriptor, whatever Python does. What is wrong with a file is said in one
line by retint itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

DESCRIPTOR = 2
"""Standard error of a process."""


def open_missing() -> None:
    """Open the standard streams that are closed, as in `retint ... >&-`, to nothing.

    Otherwise the next file that is opened gets the number of the stream, and what libraries print.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= DESCRIPTOR:
        pass
    os.close(descriptor)
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


@contextmanager
def only_own() -> Iterator[None]:
    """Print to standard error only what is written to `sys.stderr`."""
    stream = sys.stderr
    if not _is_own(stream):
        yield
        return
    stream.flush()
    kept = os.dup(DESCRIPTOR)
    with open(os.devnull, "wb") as nothing:  # noqa: PTH123 - a descriptor is needed
        os.dup2(nothing.fileno(), DESCRIPTOR)
    sys.stderr = open(  # noqa: PTH123, SIM115 - closed below
        os.dup(kept), "w", buffering=1, encoding=stream.encoding, errors=stream.errors
    )
    try:
        yield
    finally:
        if not sys.stderr.closed:  # closed if its reader has gone
            sys.stderr.close()
        sys.stderr = stream
        os.dup2(kept, DESCRIPTOR)
        os.close(kept)


def _is_own(stream: object) -> bool:
    """Whether a stream writes to standard error of the process; tests and programs replace it."""
    fileno = getattr(stream, "fileno", None)
    try:
        return fileno is not None and fileno() == DESCRIPTOR
    except (OSError, ValueError):
        return False
