"""Outcomes of pictures, singly and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from retint.batch.listing import SUBFOLDERS_LEFT_OUT
from retint.batch.naming import Job
from retint.batch.unit import COLORED, FAILED


@dataclass(frozen=True)
class Outcome:
    """The outcome of a job."""

    job: Job
    size: tuple[int, int] | None
    """Height and width in pixels, if the picture was coloured."""
    seconds: float
    error: str
    """One line; empty on success."""
    skipped: str = ""
    """Why nothing had to be done, if so."""
    remarks: tuple[str, ...] = ()
    """Remarks, one line each."""
    turns: tuple[int, ...] = ()
    """Degrees clockwise by which each page was shown to the method turned."""
    turned: tuple[int, ...] = ()
    """Degrees clockwise by which each page of the result is turned."""
    damaged: bool = False
    """Whether parts could not be read, and the rest was processed."""


@dataclass(frozen=True)
class Colored:
    """Facts about a coloured picture."""

    size: tuple[int, int] | None
    """Height and width in pixels; None if it failed."""
    remarks: tuple[str, ...] = ()
    damaged: bool = False
    """Whether some of the remarks are about losses."""
    turns: tuple[int, ...] = ()
    """Degrees clockwise by which each page was shown to the method turned."""
    turned: tuple[int, ...] = ()
    """Degrees clockwise by which each page of the result is turned."""
    parts: int = 0
    """Number of photographs if it was split."""
    record: Mapping[str, Any] | None = None
    """The provenance record of a film; None if there is none."""


@dataclass
class Tally:
    """Counts of outcomes."""

    ignored: int = 0
    """Number of files of other types in the folders."""
    subfolders: bool = False
    """Whether subfolders with pictures are left out because `recursive` is off."""

    coloured: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    failures: list[Outcome] = field(default_factory=list)
    damaged: int = 0

    def add(self, outcome: Outcome) -> None:
        if outcome.error:
            self.failures.append(outcome)
        elif outcome.skipped:
            self.skipped[outcome.skipped] += 1
        else:
            self.coloured += 1
            self.damaged += outcome.damaged

    @property
    def left_out(self) -> list[str]:
        """What is not colored, for the summary."""
        return left_out_texts(self.ignored, subfolders=self.subfolders)

    def __str__(self) -> str:
        counts = {COLORED: self.coloured, **self.skipped, FAILED: len(self.failures)}
        said = [f"{count} {what}" for what, count in counts.items() if count]
        counted = ", ".join(said) or "nothing to do"
        return "; ".join([counted, *self.left_out])


def left_out_texts(ignored: int, *, subfolders: bool) -> list[str]:
    """The parts of a summary about what is not colored."""
    said = [ignored_text(ignored)] if ignored else []
    return [*said, SUBFOLDERS_LEFT_OUT] if subfolders else said


def ignored_text(count: int) -> str:
    """The part of a summary about files of other types."""
    if count == 1:
        return "1 file of another type was ignored"
    return f"{count} files of other types were ignored"
