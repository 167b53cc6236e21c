"""What can go wrong, as one clear line each.

Where a message names a parameter it does so in backticks, as Python has it; the command line says
the option of that name instead (`retint.cli.console`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LONGEST = 100
"""Characters of a wrong name that are said again."""


class RetintError(Exception):
    """Base of all errors that retint raises on purpose; the message is one line for a person."""


class PhotoError(RetintError):
    """One picture cannot be read, coloured or written; others still can."""


class ExistsError(PhotoError):
    """A file stands where one was to be written."""

    @classmethod
    def of(cls, target: object) -> ExistsError:
        """The error of a path that is taken."""
        return cls(f"{target} exists already (allow it with `overwrite`)")


class TooLargeError(PhotoError):
    """A picture that has more pixels than it may."""

    @classmethod
    def of(cls, width: int, height: int, most: int) -> TooLargeError:
        """The error of a picture of that size where `most` pixels are allowed."""
        return cls(
            f"{width} x {height} pixels are more than {most / 1e6:g} million "
            "(raise the limit with `max_pixels`)"
        )


class UsageError(RetintError, ValueError):
    """An option, a method or a combination of them that does not exist."""


class WeightsError(RetintError):
    """A file of weights that is missing, broken or made for something else."""


def unknown(kind: str, name: str, known: Iterable[str]) -> UsageError:
    """An error that names the nearest right choices, or all of them where none is near."""
    choices = sorted(known)
    if len(name) > LONGEST:
        name = f"{name[:LONGEST]}..."
    found = near(name, choices)
    hint = f"did you mean {' or '.join(found)}?" if found else f"known: {', '.join(choices)}"
    return UsageError(f"unknown {kind} {name!r}; {hint}")


def near(name: str, known: Iterable[str]) -> list[str]:
    """Up to three right names that are nearly that one."""
    return difflib.get_close_matches(name, list(known))


def mistake(error: Exception) -> str:
    """What to say of an error that nobody foresaw."""
    return f"this is a mistake of retint ({type(error).__name__}: {error})"


def reason(error: OSError) -> str:
    """Why the system refused something, in its words."""
    return error.strerror or str(error) or type(error).__name__


def in_a_line(error: Exception) -> str:
    """What to say of whatever a picture has caused: the others are still to be done."""
    if isinstance(error, RetintError):
        return str(error)
    if isinstance(error, MemoryError):
        return "not enough memory for a picture of this size"
    return reason(error) if isinstance(error, OSError) else mistake(error)
