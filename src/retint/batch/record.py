"""The manifest of an output folder, as used by one run."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from retint.batch.lines import Entry
from retint.batch.manifest import Manifest
from retint.batch.naming import Job
from retint.film.containers import is_film


@dataclass(frozen=True)
class Record:
    """The manifest of an output folder, as used by one run."""

    manifest: Manifest
    folder: Path
    how: dict[str, Any]
    """Everything besides the inputs that the results depend on."""
    resume: bool = False
    """Whether outdated results are replaced; finished ones are kept unless `overwrite` is set."""
    how_films: dict[str, Any] = field(default_factory=dict)
    """What results of films depend on in addition."""

    def how_of(self, job: Job) -> dict[str, Any]:
        """Everything besides its source that the result of a job depends on."""
        return self.how | self.how_films if is_film(job.source) else self.how

    def name(self, target: Path) -> str:
        """The target's path within the folder."""
        return target.relative_to(self.folder).as_posix()

    def failed(self, job: Job, error: str, seconds: float) -> None:
        """Record a failure, if possible; the outcome contains it as well."""
        # A folder that cannot be read has no target.
        name = job.name if job.target == job.source else self.name(job.target)
        with suppress(OSError):
            self.manifest.add(name, Entry(None, [], self.how_of(job), round(seconds, 3), error))
