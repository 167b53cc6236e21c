"""Pictures that set the colours of a frame of a film."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from retint.files import Photo


@dataclass(frozen=True)
class At:
    """A frame of a film: its number, or its time in seconds; both begin at 0."""

    frame: int | None = None
    second: float | None = None

    def __str__(self) -> str:
        return f"frame {self.frame}" if self.frame is not None else f"{self.second:g} s"


@dataclass(frozen=True, eq=False)
class Still:
    """One frame in colour."""

    name: str
    """As messages call it."""
    at: At
    read: Callable[[], Photo]
    """Returns the picture; films may have thousands of them, so they are not kept in memory."""
    sha256: str
    """Of its pixels."""
