"""Determines the output file of each picture."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from retint.batch.names import STREAM, TAKEN, copy_of
from retint.batch.naming import Job, Naming, distinct, is_folder
from retint.batch.sources import pictures_of, resolved
from retint.errors import PhotoError, UsageError
from retint.files.atomic import too_long
from retint.files.formats import KEEP, MARK, OFFERED, format_of
from retint.film.containers import WRITTEN, container_of, is_film


def plan(
    sources: Iterable[Path],
    naming: Naming,
    made: Collection[Path] = (),
    ignored: Counter[str] | None = None,
    made_in: Callable[[Path], Collection[Path]] = lambda _: (),
) -> list[Job]:
    """Determine the output of each picture; folders are replaced by their pictures.

    If two pictures have the same output, such as a.jpg and a.png when both become JPEG, the new
    names keep the old suffixes: a.jpg.jpg and a.png.jpg. No output replaces a source, including
    those that `pattern` and the like leave out.

    Parameters
    ----------
    made
        Resolved paths of results of earlier runs, which are not sources.
    ignored
        Counts the files of folders that are of other types, by suffix.
    made_in
        Returns the same as `made` for a subfolder that has a manifest of its own.

    Raises
    ------
    UsageError
        If several pictures would go into one file or to standard output.
    PhotoError
        If the output's name denotes a format that cannot be written.
    """
    sources = list(sources)
    several = len(sources) > 1 or any(source.is_dir() for source in sources)
    output = naming.output
    try:
        to_folder = is_folder(naming, several=several)
    except UsageError as error:
        raise UsageError(f"{error}{_split_name(sources)}") from None
    if to_folder:
        naming = replace(naming, to_folder=True)
    if several and output is not None and not naming.to_folder:
        raise UsageError(
            f"several pictures cannot be written to one output {output}; name a folder"
        )
    if output is not None and output != STREAM and not naming.to_folder:
        if any(is_film(source) for source in sources) and not naming.stills:
            container_of(output, lossless=naming.lossless)
        else:
            if output.suffix.lower() in WRITTEN and sources:
                raise PhotoError(f"{sources[0]} is not a readable film, as {output} must be")
            _refuse_other_format(output, naming.format)
    if naming.map is not None:
        format_of(naming.map)
    found = [
        job for source in sources for job in pictures_of(source, naming, made, made_in, ignored)
    ]
    if naming.map is not None and len(found) > 1:
        raise UsageError("`confidence` requires a single picture")
    plain = [_target(job, naming, job.source.stem) for job in found]
    if naming.variants > 1 and STREAM in plain:
        raise UsageError("several variants cannot be written to standard output; name a file")
    if naming.split and STREAM in plain:
        raise UsageError("`split` writes several files; name a file or folder")
    targets = distinct(plain, [_target(job, naming, job.source.name) for job in found])
    jobs: list[Job] = []
    taken = _originals(sources, naming, made, made_in)
    for job, target in zip(found, targets, strict=True):
        whole = replace(
            job, target=target, variants=naming.variants, map=naming.map, format=naming.format,
            split=naming.split and not is_film(job.source),
        )  # fmt: skip
        jobs.append(replace(whole, problem=job.problem or _misnamed(whole) or _clash(whole, taken)))
    if naming.keep_original:
        return [_with_copy(job, naming.keep_original, taken) for job in jobs]
    return jobs


def _split_name(sources: Sequence[Path]) -> str:
    """A hint, for a message, at a name that the shell has split at its spaces."""
    missing = [source for source in sources if source != STREAM and not os.path.lexists(source)]
    if not missing:
        return ""
    return f"; there is no file {missing[0]} (names with spaces need quotation marks)"


def _refuse_other_format(output: Path, format: str) -> None:
    """Raise if a file's name denotes no format, or another one than requested."""
    try:
        named = format_of(output)
    except PhotoError as error:
        if output.suffix:
            raise
        raise PhotoError(f"{error}, or in / for a folder") from None
    if format != KEEP and named != OFFERED[format]:
        raise UsageError(f"the name {output} denotes {named.name}, but `format` is {format}")


def _target(job: Job, naming: Naming, stem: str) -> Path:
    source, output = job.source, naming.output
    ending = naming.ending(source)
    if output is None:
        return STREAM if source == STREAM else source.with_name(f"{stem}{MARK}{ending}")
    if naming.to_folder:
        if source == STREAM:
            raise UsageError("a picture from standard input has no name; name a file with -o")
        return output / Path(job.name).parent / f"{stem}{ending}"
    return output


def _originals(
    sources: list[Path], naming: Naming, made: Collection[Path],
    made_in: Callable[[Path], Collection[Path]],
) -> dict[Path, str]:  # fmt: skip
    """Resolved paths that must not be written, and why: the sources and their neighbours."""
    everything = replace(naming, pattern="*", exclude=(), hidden=True)
    return {
        resolved(job.source): "a source; originals are never overwritten"
        for source in sources
        for job in pictures_of(source, everything, made, made_in)
        if job.source != STREAM
    }


def _with_copy(job: Job, mark: str, taken: dict[Path, str]) -> Job:
    """The job with the copy of its original, which replaces no source and no result."""
    if job.problem or STREAM in (job.source, job.target):
        return job
    copy = copy_of(job.source, mark, job.target)
    if why := too_long(copy):
        return replace(job, problem=f"its original cannot be copied: {why}")
    place = resolved(copy)
    if place == resolved(job.source):
        return job
    problem = taken.get(place, "")
    taken.setdefault(place, "the copy of another original")
    return replace(job, copy=copy, copy_problem=problem)


def _misnamed(job: Job) -> str:
    """Why one of the job's files cannot have its name, if so."""
    for target in job.reserved:
        if target != STREAM and (why := too_long(target)):
            return f"{why}; name an output with -o" if target.parent == job.source.parent else why
    return ""


def _clash(job: Job, taken: dict[Path, str]) -> str:
    """Why the job's files must not be written, if so; otherwise reserves them."""
    for target in job.reserved:
        if target == STREAM:
            continue
        place = resolved(target)
        if place in taken:
            return f"{target} is {taken[place]}"
        taken[place] = TAKEN
    return ""
