"""Decides by the records of earlier runs which files may be written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from retint.batch.elsewhere import Elsewhere
from retint.batch.lines import Entry, File
from retint.batch.names import STREAM
from retint.batch.naming import Job
from retint.batch.record import Record
from retint.errors import ExistsError
from retint.files import confined
from retint.files.atomic import is_taken


@dataclass(frozen=True)
class Records:
    """The manifests that a run reads and writes; may be used from several threads."""

    overwrite: bool = False
    record: Record | None = None
    """The manifest of the output folder."""
    beside: Mapping[Path, Record] = field(default_factory=dict)
    """The manifests of folders whose results are written beside their sources."""
    elsewhere: Elsewhere = field(default_factory=Elsewhere)
    """The manifests of other runs."""

    def of(self, job: Job) -> Record | None:
        """The manifest that lists a job's results, if any."""
        beside = self.beside.get(job.folder) if job.folder is not None else None
        return self.record or beside

    def valid_entry(self, job: Job) -> Entry | None:
        """What is recorded of a job that need not run again; None if it must run."""
        record = self.of(job)
        if record is None or (job.map is not None and not job.map.exists()):
            return None
        if self.overwrite and not record.resume:
            return None  # colored again
        how = record.how_of(job)
        done = record.manifest.valid_entry(record.name(job.target), job.source, how)
        return done or self.elsewhere.valid_entry(job.target, job.source, how)

    def new(self, job: Job) -> list[Path]:
        """The files that must not replace anything; raises ExistsError if one must not be written.

        Files may be replaced if `overwrite` allows it, or if they are unchanged since an earlier
        run.
        """
        new = []
        record = self.of(job)
        for target in job.files:
            if target == STREAM:
                continue
            if record is not None and target in job.targets:
                confined.check_folder(target, record.folder)
            if not is_taken(target):
                new += [] if self.overwrite else [target]
            elif not self._may_replace(job, target):
                raise ExistsError.of(target)
        return new

    def _may_replace(self, job: Job, target: Path) -> bool:
        record = self.of(job)
        if self.overwrite or record is None or not record.resume or target == job.map:
            return self.overwrite
        own = record.manifest.is_ours(record.name(target), record.name(job.target))
        return own or self.elsewhere.is_ours(target, job.target)

    def check_still_new(self, job: Job, written: Sequence[Path], new: Sequence[Path]) -> None:
        """Raise ExistsError if one of the files that were new has appeared meanwhile."""
        if written:
            still = self.new(job)
            if taken := [each for each in new if each not in still]:
                raise ExistsError.of(taken[0])

    def add(
        self, job: Job, known: File | None, written: Sequence[Path], seconds: float, *,
        keep_times: bool = False,
    ) -> None:  # fmt: skip
        """Record the results of a job, which are about to appear.

        Parameters
        ----------
        known
            The source.
        written
            The complete files, under temporary names.
        keep_times
            Whether they get the file times of the source when they appear.
        """
        record = self.of(job)
        if record is None:
            return
        # Maps are not needed for resuming, and may be in another folder.
        outputs = [
            File.of(file, record.name(target))
            for file, target in zip(written, job.targets, strict=False)
        ]
        if known is not None and keep_times:
            outputs = [replace(each, mtime_ns=known.mtime_ns) for each in outputs]
        entry = Entry(known, outputs, record.how_of(job), round(seconds, 3))
        record.manifest.add(record.name(job.target), entry)
