"""Packages that an extra of retint installs, and what is said where one is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from retint.errors import UsageError


def install(extra: str) -> str:
    """The command that installs an extra."""
    return f"pip install 'retint[{extra}]'"


@contextmanager
def required(extra: str, what: str = "this", error: type[Exception] = UsageError) -> Iterator[None]:
    """Say in one line which extra is missing where an import fails.

    Parameters
    ----------
    what
        Whatever needs it.
    error
        What is raised: `PhotoError` where other pictures can do without it.
    """
    try:
        yield
    except ModuleNotFoundError as missing:
        raise error(f"{what} needs {missing.name}: {install(extra)}") from missing
