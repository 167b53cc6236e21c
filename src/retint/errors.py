"""Exceptions; each message is one line.

Messages name parameters in backticks, as in Python; the command line replaces them with the names
of its options (`retint.cli.console`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LONGEST = 100
"""Maximum length in characters of a wrong name that a message repeats."""


class RetintError(Exception):
    """Base class of all errors that retint raises deliberately; the message is one line."""


class PhotoError(RetintError):
    """A picture cannot be read, coloured or written; other pictures are unaffected."""


class ExistsError(PhotoError):
    """The output file exists already."""

    @classmethod
    def of(cls, target: object) -> ExistsError:
        """Create the error for an existing path."""
        return cls(f"{target} already exists (use `overwrite` to replace it)")


class TooLargeError(PhotoError):
    """A picture has more pixels than allowed."""

    @classmethod
    def of(cls, width: int, height: int, most: int) -> TooLargeError:
        """Create the error for a picture of that size if `most` pixels are allowed."""
        return cls(
            f"{width} x {height} pixels exceed the limit of {most / 1e6:g} million (raise "
            "it with `max_pixels`)"
        )


class UsageError(RetintError, ValueError):
    """An option, a method or a combination of them is not valid."""


class WeightsError(RetintError):
    """A weights file is missing, broken or made for something else."""


def unknown(kind: str, name: str, known: Iterable[str], *, complete: bool = False) -> UsageError:
    """Create an error that suggests similar names, or lists all names if none is similar.

    Parameters
    ----------
    complete
        List all names in any case.
    """
    choices = sorted(known)
    if len(name) > LONGEST:
        name = f"{name[:LONGEST]}..."
    found = near(name, choices)
    everything = f"known: {', '.join(choices)}"
    hint = f"did you mean {' or '.join(found)}?" if found else everything
    if found and complete:
        hint = f"{hint} ({everything})"
    return UsageError(f"unknown {kind} {name!r}; {hint}")


def near(name: str, known: Iterable[str]) -> list[str]:
    """Up to three known names that are similar."""
    return difflib.get_close_matches(name, list(known))


def unexpected(error: Exception) -> str:
    """The message for an unexpected error."""
    return f"internal error in retint ({type(error).__name__}: {error})"


def reason(error: OSError) -> str:
    """The operating system's description of an error."""
    return error.strerror or str(error) or type(error).__name__


def cannot_write(target: object, error: OSError) -> PhotoError:
    """Create the error for a file that the operating system refuses to write."""
    return PhotoError(f"cannot write {target}: {reason(error)}")


def message_of(error: Exception) -> str:
    """The message for any exception that a picture causes."""
    if isinstance(error, RetintError):
        return str(error)
    if isinstance(error, MemoryError):
        return "not enough memory for a picture of this size"
    return reason(error) if isinstance(error, OSError) else unexpected(error)
