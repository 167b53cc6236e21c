"""Processes pictures from file to file in parallel; skips finished ones and collects failures."""

from __future__ import annotations

import functools
import io
import logging
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from retint import files
from retint.batch import sidecars, unit
from retint.batch.companions import copy_film, new_sidecars, original
from retint.batch.lines import File
from retint.batch.names import STREAM
from retint.batch.naming import Job
from retint.batch.outcome import Colored, Outcome
from retint.batch.records import Records
from retint.batch.unit import DONE, IN_COLOR, InColorError
from retint.credentials import Signing, original_of
from retint.errors import ExistsError, PhotoError, UsageError, message_of, reason
from retint.files import Encoded, Format, Photo, formats
from retint.files.atomic import make_folder
from retint.files.confined import open_existing
from retint.files.size_limit import most_bytes
from retint.files.times import Times, not_kept
from retint.files.turn import UPRIGHT, Turn
from retint.film.containers import is_film
from retint.picture.request import Result

LOG = logging.getLogger(__name__)


class Films(Protocol):
    """Colours a film from file to file."""

    def __call__(self, job: Job, finished: Callable[[Path], None], *, recolor: bool) -> Colored:
        """Colour it; raises InColorError if skipped."""


@dataclass(frozen=True)
class Runner:
    """Colours pictures from file to file; may be called from several threads."""

    colorize: Callable[[Photo, Format], Result]
    records: Records
    max_pixels: int
    recolor: bool = True
    """Whether to colour pictures that are already in colour."""
    films: Films | None = None
    keep_times: bool = False
    """Whether results get the file times of their sources."""
    sign: Signing | None = None
    """Adds Content Credentials to pictures."""
    sidecar: bool = False
    """Whether each picture gets a sidecar with its provenance record."""
    keep_color: bool = False
    """Whether results keep the colours of their sources."""
    tell: bool = False
    """Whether a remark says that colours of a source are replaced."""

    def __call__(self, job: Job) -> Outcome:
        """Process a job; problems of its picture are reported in the outcome."""
        began = time.perf_counter()
        if not job.problem and self._is_done(job):
            return Outcome(job, None, time.perf_counter() - began, "", DONE)
        made, error = Colored(None), job.problem
        if not error:
            try:
                made = self._colorize(job, began)
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
        job = replace(job, parts=made.parts)
        # A conflicting target belongs to another picture.
        clashed = bool(job.problem) and job.target != job.source
        record = self.records.of(job)
        if error and record is not None and not clashed:
            record.failed(job, error, seconds)
        return Outcome(
            job, made.size, seconds, error, remarks=made.remarks, turns=made.turns,
            turned=made.turned, damaged=made.damaged,
        )  # fmt: skip

    def _is_done(self, job: Job) -> bool:
        done = self.records.valid_entry(job)
        # A picture that was skipped for being in colour has no outputs.
        return done is not None and bool(done.outputs or not self.recolor)

    def _colorize(self, job: Job, began: float) -> Colored:
        if self.films is not None and is_film(job.source):
            return self._colorize_film(self.films, job, began)
        return self._colorize_picture(job, began)

    def _colorize_film(self, films: Films, job: Job, began: float) -> Colored:
        new = self.records.new(job)
        known = None if self.records.of(job) is None else _file_of(job)
        times = self._times(job)
        make_folder(job.target.parent)
        try:
            colored = films(
                job, lambda made: self._promise(job, known, [made], began, new),
                recolor=self.recolor,
            )  # fmt: skip
        except InColorError:
            self._promise(job, known, [], began, new)
            raise
        found: list[sidecars.Copy] = []
        remarks: list[str] = []
        if is_film(job.target):
            found, remarks = self._sidecars(job, colored.record)
            if found:
                files.write_all(
                    [Encoded(each.content) for each in found], [each.target for each in found],
                    new=[each.target for each in found if not each.replaces],
                )  # fmt: skip
        remarks += copy_film(job, overwrite=self.records.overwrite)
        remarks += _keep_times(job, times, found)
        return replace(colored, remarks=(*colored.remarks, *remarks))

    def _colorize_picture(self, job: Job, began: float) -> Colored:
        new = self.records.new(job)
        piped = job.source == STREAM
        times = self._times(job)
        known = None if self.records.of(job) is None or piped else _file_of(job)
        source: Path | io.BytesIO = job.source
        most = most_bytes(self.max_pixels) + 1  # a larger one is refused
        content = sys.stdin.buffer.read(most) if piped else b""
        if self.sign is not None and not piped:  # what is signed is what was read
            content = _content(job.source, most)
        if content or piped:
            source = io.BytesIO(content)
        try:
            photo, result = unit.color(
                source, self.colorize, functools.partial(_format, job), max_pixels=self.max_pixels,
                recolor=self.recolor, keep_color=self.keep_color, tell=self.tell,
            )  # fmt: skip
        except InColorError:
            self._promise(job, known, [], began, new)
            raise
        placing = sidecars.placing(photo, result, job.source, lambda: job.source.open("rb"))
        if job.split:
            job = replace(job, parts=len(result.pictures))
            new = self.records.new(job)
        if self.sign is not None:
            titles = [each.name for each in job.targets]
            original = original_of(content, photo, None if piped else job.source)
            result = self.sign(result, original, titles, _format(job, photo))
        pictures: list[Photo | Encoded] = [*result.pictures]
        targets = job.files
        if result.certainty is not None:
            pictures.append(result.certainty)
        if job.target == STREAM:
            first = pictures.pop(0)
            del targets[0]
            sys.stdout.buffer.write(files.encode(first, _format(job, photo)))
            sys.stdout.buffer.flush()
        for folder in {target.parent for target in targets}:
            make_folder(folder)
        found, remarks = self._sidecars(job, result.record, *placing)
        if targets:
            copies = [each.target for each in found]
            files.write_all(
                [*pictures, *(Encoded(each.content) for each in found)], [*targets, *copies],
                lambda written: self._promise(job, known, written[: len(targets)], began, new),
                new=[*new, *(each.target for each in found if not each.replaces)],
            )  # fmt: skip
        remarks += _keep_times(job, times, found)
        said = (*photo.all_remarks, *result.remarks, *remarks)
        return Colored(photo.size, said, turns=result.turns, turned=result.turned, parts=job.parts)

    def _times(self, job: Job) -> Times | None:
        """The source's times, before it is read, if results get them."""
        return Times.of_existing(job.source) if self.keep_times and job.source != STREAM else None

    def _sidecars(
        self, job: Job, record: Mapping[str, Any] | None, turn: Turn = UPRIGHT,
        orientation: int = 0,
    ) -> tuple[list[sidecars.Copy], list[str]]:  # fmt: skip
        if STREAM in (job.source, job.target):
            return [], []
        found, remarks = sidecars.copies(
            job.source, job.targets, record, turn, orientation, overwrite=self.records.overwrite
        )
        further: list[tuple[list[sidecars.Copy], list[str]]] = []
        if self.sidecar and record is not None:
            known = [each.target for each in found]
            further.append(new_sidecars(job, record, known))
        if not is_film(job.source):
            further.append(original(job, overwrite=self.records.overwrite))
        for copies, notes in further:
            found += copies
            remarks += notes
        return found, remarks

    def _promise(
        self, job: Job, known: File | None, written: Sequence[Path], began: float, new: list[Path]
    ) -> None:
        """Record the files that are about to appear; raises ExistsError if one has appeared
        meanwhile.
        """
        self.records.check_still_new(job, written, new)
        seconds = time.perf_counter() - began
        self.records.add(job, known, written, seconds, keep_times=self.keep_times)


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


def _format(job: Job, photo: Photo) -> Format:
    """The format of a job's result."""
    if job.target == STREAM:
        return formats.chosen(job.format, photo.format)
    return formats.format_of(job.target)


def _keep_times(job: Job, times: Times | None, found: Sequence[sidecars.Copy]) -> list[str]:
    """Give results the times of their sources; returns a remark if the file system refuses."""
    if times is None:
        return []
    try:
        for target in job.targets:
            if target != STREAM:
                times.put(target)
        for each in found:
            each.times.put(each.target)
    except OSError as error:
        return [not_kept(reason(error))]
    return []


def _file_of(job: Job) -> File:
    try:
        return File.of(job.source, job.name)
    except OSError as error:
        raise PhotoError(reason(error)) from error


def _content(path: Path, most: int) -> bytes:
    try:
        with open_existing(path) as file:
            return file.read(most)
    except OSError as error:
        raise PhotoError(reason(error)) from error
