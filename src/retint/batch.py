"""Several pictures one after the other: what becomes of which file, and what went wrong."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from retint import photo as photos
from retint.errors import PhotoError, UsageError
from retint.photo import FORMATS, READABLE, Photo

STREAM = Path("-")
"""Standard input or output in place of a file."""
MARK = ".retint"
"""What marks a file that retint made beside its original."""


@dataclass(frozen=True)
class Job:
    """One picture to be coloured; `problem` says why it cannot even be tried."""

    source: Path
    target: Path
    problem: str = ""
    variants: int = 1
    """How many colourings are wanted."""

    @property
    def targets(self) -> list[Path]:
        """A file for each variant: NAME-1, NAME-2, ... where there are several."""
        if self.variants == 1:
            return [self.target]
        own = self.target.stem.removesuffix(MARK)
        mark = self.target.stem[len(own) :]
        return [
            self.target.with_name(f"{own}-{k}{mark}{self.target.suffix}")
            for k in range(1, self.variants + 1)
        ]


@dataclass(frozen=True)
class Outcome:
    """What became of a job."""

    job: Job
    size: tuple[int, int] | None
    """Height and width in pixels, where the picture could be coloured."""
    seconds: float
    error: str
    """One line; empty where all went well."""


def plan(
    sources: Iterable[Path],
    output: Path | None,
    *,
    to_folder: bool,
    transparent: bool = False,
    variants: int = 1,
) -> list[Job]:
    """Decide where each picture goes; a folder stands for the pictures in it.

    Parameters
    ----------
    output
        A file, a folder, `-`, or None for a new file beside each source.
    to_folder
        Whether `output` is meant as a folder though none of that name exists yet.
    transparent
        Whether what is written has transparent places, which JPEG and BMP cannot hold.

    Raises
    ------
    UsageError
        If several pictures would go into one file or into standard output.
    """
    sources = list(sources)
    several = len(sources) > 1 or any(source.is_dir() for source in sources)
    if output is not None and output != STREAM and (several or output.is_dir()):
        to_folder = True
    if several and output is not None and not to_folder:
        raise UsageError(f"several pictures cannot go into one output {output}; name a folder")
    jobs: list[Job] = []
    taken: set[Path] = set()
    for source in sources:
        for each in _pictures(source):
            suffix = ".png" if transparent else _writable_suffix(each.source)
            target = _target(each.source, output, suffix, to_folder=to_folder)
            problem = each.problem or _clash(each.source, target, taken)
            if target == STREAM and variants > 1:
                raise UsageError("several variants cannot go to standard output; name a file")
            taken.add(target)
            jobs.append(Job(each.source, target, problem, variants))
    return jobs


def run(
    jobs: Iterable[Job],
    colour: Callable[[Photo], Sequence[Photo]],
    *,
    overwrite: bool,
    max_pixels: int,
) -> Iterator[Outcome]:
    """Colour every picture, in order; one that fails does not stop the others."""
    for job in jobs:
        began = time.perf_counter()
        size, error = None, job.problem
        if not error:
            try:
                size = _colour(job, colour, overwrite=overwrite, max_pixels=max_pixels)
            except PhotoError as problem:
                error = str(problem)
            except MemoryError:
                error = "not enough memory for a picture of this size"
        yield Outcome(job, size, time.perf_counter() - began, error)


def _colour(
    job: Job, colour: Callable[[Photo], Sequence[Photo]], *, overwrite: bool, max_pixels: int
) -> tuple[int, int]:
    for target in job.targets:
        if target != STREAM and target.exists() and not overwrite:
            raise PhotoError(f"{target} exists already (overwrite with --force)")
    piped = job.source == STREAM
    source = io.BytesIO(sys.stdin.buffer.read()) if piped else job.source
    photo = photos.read(source, max_pixels=max_pixels)
    coloured = colour(photo)
    if job.target == STREAM:
        sys.stdout.buffer.write(photos.encode(coloured[0], _stream_format(coloured[0])))
        sys.stdout.buffer.flush()
    else:
        _make_folder(job.target.parent)
        for target, each in zip(job.targets, coloured, strict=True):
            photos.write(each, target, overwrite=overwrite)
    return photo.size


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhotoError(f"cannot make the folder {folder}: {error.strerror}") from error


def _pictures(source: Path) -> list[Job]:
    """The source itself, or the pictures of a folder that retint has not made itself."""
    if source == STREAM or not source.is_dir():
        return [Job(source, source)]
    try:
        files = sorted(p for p in source.iterdir() if p.suffix.lower() in READABLE and p.is_file())
    except OSError as error:
        return [Job(source, source, error.strerror or str(error))]
    found = [Job(p, p) for p in files if not p.stem.endswith(MARK)]
    return found or [Job(source, source, "no pictures in this folder")]


def _target(source: Path, output: Path | None, suffix: str, *, to_folder: bool) -> Path:
    if output is None:
        if source == STREAM:
            return STREAM
        return source.with_name(f"{source.stem}{MARK}{suffix}")
    if to_folder:
        if source == STREAM:
            raise UsageError("a picture from standard input has no name; name a file with -o")
        return output / f"{source.stem}{suffix}"
    return output


def _writable_suffix(source: Path) -> str:
    """The source's own ending, or PNG's where its format cannot hold full colour."""
    return source.suffix if source.suffix.lower() in FORMATS else ".png"


def _clash(source: Path, target: Path, taken: set[Path]) -> str:
    if target == STREAM:
        return ""
    if target in taken:
        return f"another picture goes to {target} already"
    if target.resolve() == source.resolve():
        return f"{target} is the picture itself; originals are never overwritten"
    return ""


def _stream_format(photo: Photo) -> str:
    return photo.format if photo.format in FORMATS.values() else "PNG"
