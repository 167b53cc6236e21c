"""Processes pictures from file to file in parallel; skips finished ones and collects failures."""

from __future__ import annotations

import io
import logging
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from retint import files
from retint.batch.jobs import STREAM, Job
from retint.batch.manifest import Entry, File, Manifest
from retint.errors import ExistsError, PhotoError, UsageError, message_of, reason
from retint.files import Encoded, Format, Photo, confined, formats
from retint.files.atomic import is_taken
from retint.film.containers import is_film
from retint.picture.request import Result
from retint.picture.toned import is_in_color


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
    damaged: bool = False
    """Whether parts could not be read, and the rest was processed."""


LOG = logging.getLogger(__name__)
DONE = "already done"
IN_COLOR = "already in color"


@dataclass
class Tally:
    """Counts of outcomes."""

    ignored: int = 0
    """Number of files of other types in the folders."""

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

    def __str__(self) -> str:
        counts = {"colored": self.coloured, **self.skipped, "failed": len(self.failures)}
        said = [f"{count} {what}" for what, count in counts.items() if count]
        counted = ", ".join(said) or "nothing to do"
        return f"{counted}; {ignored_text(self.ignored)}" if self.ignored else counted


def ignored_text(count: int) -> str:
    """The part of a summary about files of other types."""
    if count == 1:
        return "1 file of another type was ignored"
    return f"{count} files of other types were ignored"


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


class Films(Protocol):
    """Colours a film from file to file."""

    def __call__(
        self, job: Job, finished: Callable[[Path], None], *, recolor: bool
    ) -> tuple[tuple[int, int], tuple[str, ...]]:
        """Height and width, and what could not be read; raises InColorError if skipped."""


@dataclass(frozen=True)
class Runner:
    """Colours pictures from file to file; may be called from several threads."""

    colorize: Callable[[Photo, Format], Result]
    overwrite: bool
    max_pixels: int
    record: Record | None = None
    recolor: bool = True
    """Whether to colour pictures that are already in colour."""
    films: Films | None = None
    beside: Mapping[Path, Record] = field(default_factory=dict)
    """The manifests of folders whose results are written beside their sources."""

    def _record_of(self, job: Job) -> Record | None:
        """The manifest that lists a job's results, if any."""
        beside = self.beside.get(job.folder) if job.folder is not None else None
        return self.record or beside

    def __call__(self, job: Job) -> Outcome:
        """Process a job; problems of its picture are reported in the outcome."""
        began = time.perf_counter()
        if not job.problem and self._is_done(job):
            return Outcome(job, None, time.perf_counter() - began, "", DONE)
        size, error = None, job.problem
        remarks: tuple[str, ...] = ()
        turns: tuple[int, ...] = ()
        if not error:
            try:
                size, remarks, turns = self._colorize(job, began)
            except InColorError:
                return Outcome(job, None, time.perf_counter() - began, "", IN_COLOR)
            except ExistsError as problem:
                # A refused job leaves earlier results unchanged.
                return Outcome(job, None, time.perf_counter() - began, str(problem))
            except UsageError:
                raise
            except Exception as problem:
                LOG.debug("%s", job.source, exc_info=True)
                error = message_of(problem)
        seconds = time.perf_counter() - began
        # A conflicting target belongs to another picture.
        clashed = bool(job.problem) and job.target != job.source
        record = self._record_of(job)
        if error and record is not None and not clashed:
            record.failed(job, error, seconds)
        damaged = is_film(job.source) and bool(remarks)
        return Outcome(job, size, seconds, error, remarks=remarks, turns=turns, damaged=damaged)

    def _is_done(self, job: Job) -> bool:
        record = self._record_of(job)
        if record is None or (job.map is not None and not job.map.exists()):
            return False
        if self.overwrite and not record.resume:
            return False  # colored again
        done = record.manifest.done(record.name(job.target), job.source, record.how_of(job))
        # A picture that was skipped for being in colour has no outputs.
        return done is not None and bool(done.outputs or not self.recolor)

    def _colorize(
        self, job: Job, began: float
    ) -> tuple[tuple[int, int], tuple[str, ...], tuple[int, ...]]:
        """Height and width, remarks, and by how much each page was turned for the method."""
        new = self._new(job)
        record = self._record_of(job)
        if self.films is not None and is_film(job.source):
            known = None if record is None else _known(job)
            _make_folder(job.target.parent)
            try:
                size, remarks = self.films(
                    job, lambda made: self._promise(job, known, [made], began, new),
                    recolor=self.recolor,
                )  # fmt: skip
                return size, remarks, ()
            except InColorError:
                self._promise(job, known, [], began, new)
                raise
        piped = job.source == STREAM
        source = io.BytesIO(sys.stdin.buffer.read()) if piped else job.source
        known = None if record is None else _known(job)
        photo = files.read(source, max_pixels=self.max_pixels)
        if not self.recolor and is_in_color(photo):
            self._promise(job, known, [], began, new)
            raise InColorError
        wanted = formats.chosen(job.format, photo.format) if job.target == STREAM else None
        result = self.colorize(photo, wanted or formats.format_of(job.target))
        pictures: list[Photo | Encoded] = [*result.pictures]
        targets = job.files
        if result.certainty is not None:
            pictures.append(result.certainty)
        if job.target == STREAM:
            first = pictures.pop(0)
            del targets[0]
            assert wanted is not None
            sys.stdout.buffer.write(files.encode(first, wanted))
            sys.stdout.buffer.flush()
        for folder in {target.parent for target in targets}:
            _make_folder(folder)
        if targets:
            files.write_all(
                pictures, targets, lambda written: self._promise(job, known, written, began, new),
                new=new,
            )  # fmt: skip
        return photo.size, (*photo.remarks, *result.remarks), result.turns

    def _new(self, job: Job) -> list[Path]:
        """The files that must not replace anything; raises ExistsError if one must not be written.

        Files may be replaced if `overwrite` allows it, or if they are unchanged since an earlier
        run.
        """
        new = []
        record = self._record_of(job)
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
        record = self._record_of(job)
        if self.overwrite or record is None or not record.resume or target == job.map:
            return self.overwrite
        return record.manifest.is_ours(record.name(target), record.name(job.target))

    def _promise(
        self, job: Job, known: File | None, written: Sequence[Path], began: float, new: list[Path]
    ) -> None:
        """Record the files that are about to appear; raises ExistsError if one has appeared
        meanwhile.
        """
        if written:
            still = self._new(job)
            if taken := [each for each in new if each not in still]:
                raise ExistsError.of(taken[0])
        record = self._record_of(job)
        if record is None:
            return
        # Maps are not needed for resuming, and may be in another folder.
        outputs = [
            File.of(file, record.name(target))
            for file, target in zip(written, job.targets, strict=False)
        ]
        seconds = round(time.perf_counter() - began, 3)
        record.manifest.add(
            record.name(job.target), Entry(known, outputs, record.how_of(job), seconds)
        )


class InColorError(Exception):
    """The picture does not need to be coloured."""


def run(
    jobs: Iterable[Job], runner: Callable[[Job], Outcome], workers: int = 1
) -> Iterator[Outcome]:
    """Process all jobs, `workers` at a time, and yield the outcomes in their order.

    One picture is decoded while another is coloured and a third is encoded; at most `workers` are
    in memory.
    """
    if workers == 1:
        yield from map(runner, jobs)
        return
    pool = ThreadPoolExecutor(workers)
    running: deque[Future[Outcome]] = deque()
    try:
        for job in jobs:
            running.append(pool.submit(runner, job))
            # A few jobs are queued, so that no worker is idle.
            while len(running) > 2 * workers or (running and running[0].done()):
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _known(job: Job) -> File:
    try:
        return File.of(job.source, job.name)
    except OSError as error:
        raise PhotoError(reason(error)) from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhotoError(f"cannot create the folder {folder}: {error.strerror}") from error
