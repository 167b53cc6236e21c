"""Optional dependencies, and the error if one is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from retint.errors import UsageError


def install(extra: str) -> str:
    """The command that installs an extra."""
    return f"pip install 'retint[{extra}]'"


@contextmanager
def required(extra: str, what: str = "this", error: type[Exception] = UsageError) -> Iterator[None]:
    """Report a failed import in one line that names the extra to install.

    Parameters
    ----------
    what
        The feature that needs the extra.
    error
        The exception to raise: `PhotoError` if other pictures do not need the extra.
    """
    try:
        yield
    except ModuleNotFoundError as missing:
        raise error(f"{what} requires {missing.name}: {install(extra)}") from missing
