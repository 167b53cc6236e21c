"""Which picture becomes which file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path, PurePath

from retint.errors import UsageError
from retint.files.formats import FALLBACK, KEEP, OFFERED, READABLE, WRITABLE, format_of
from retint.film.containers import CONTAINERS, ENDINGS, container_of, ending_of, is_film

STREAM = Path("-")
"""Standard input or output in place of a file."""
MARK = ".retint"
"""What marks a file that retint made beside its original."""
STILLS = ".preview.jpg"
"""The ending of a sheet with a still of each shot."""
MANIFEST = "retint-manifest.jsonl"
"""What was made of which file, in the folder of the results."""


@dataclass(frozen=True)
class Job:
    """One picture to be coloured; `problem` says why it cannot even be tried."""

    source: Path
    target: Path
    problem: str = ""
    variants: int = 1
    """How many colourings are wanted."""
    map: Path | None = None
    """Where a map of how sure the method is goes, if one is wanted."""
    format: str = KEEP
    """Of what goes to standard output; files say it by their names."""
    name: str = ""
    """The source's path within the folder that was named; its own name where a file was."""

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

    @property
    def files(self) -> list[Path]:
        """All that will be written."""
        return [*self.targets, *([self.map] if self.map else [])]


@dataclass(frozen=True)
class Naming:
    """Which files of a folder are pictures to colour, and what becomes of their names."""

    output: Path | None = None
    """A file, a folder, `-`, or None for a new file beside each source."""
    to_folder: bool = False
    """Whether `output` is meant as a folder though none of that name exists yet."""
    transparent: bool = False
    """Whether what is written has transparent places, which JPEG and BMP cannot hold."""
    variants: int = 1
    format: str = KEEP
    """One of `OFFERED`, or `KEEP`."""
    container: str = KEEP
    """Of films: one of `CONTAINERS`, or `KEEP`."""
    lossless: bool = False
    """Whether films are written without any loss."""
    stills: bool = False
    """Whether a sheet of stills is wanted in place of a film."""
    recursive: bool = False
    """Whether folders stand for the pictures of their subfolders too."""
    pattern: str = "*"
    """What the names of a folder's pictures must match, as in a shell."""
    map: Path | None = None
    """Where a map of how sure the method is goes, if one is wanted."""

    def ending(self, source: Path) -> str:
        """The source's own where it may stay; PNG's where its format cannot hold full colour."""
        if is_film(source) and self.stills:
            return STILLS
        if is_film(source):
            if self.container != KEEP and ENDINGS[source.suffix.lower()].name != self.container:
                return CONTAINERS[self.container].endings[0]
            return ending_of(source, lossless=self.lossless)
        if self.transparent:
            return FALLBACK.endings[0]
        own = WRITABLE.get(source.suffix.lower())
        if self.format == KEEP:
            return source.suffix if own else FALLBACK.endings[0]
        chosen = OFFERED[self.format]
        return source.suffix if own == chosen else chosen.endings[0]


def plan(sources: Iterable[Path], naming: Naming, made: Collection[Path] = ()) -> list[Job]:
    """Decide where each picture goes; a folder stands for the pictures in it.

    Two pictures that would go to one file, as a.jpg and a.png where all become JPEG, keep their
    own endings within the new name: a.jpg.jpg and a.png.jpg. No picture goes where a source is,
    one that `pattern` leaves out included.

    Parameters
    ----------
    made
        Resolved paths of what earlier runs have made, which are no sources.

    Raises
    ------
    UsageError
        If several pictures would go into one file or into standard output.
    PhotoError
        If the output's name asks for a format that cannot be written.
    """
    sources = list(sources)
    several = len(sources) > 1 or any(source.is_dir() for source in sources)
    output = naming.output
    if output is not None and output != STREAM and (several or output.is_dir()):
        naming = replace(naming, to_folder=True)
    if several and output is not None and not naming.to_folder:
        raise UsageError(f"several pictures cannot go into one output {output}; name a folder")
    if output is not None and output != STREAM and not naming.to_folder:
        if any(is_film(source) for source in sources) and not naming.stills:
            container_of(output, lossless=naming.lossless)
        else:
            _refuse_other_format(output, naming.format)
    if naming.map is not None:
        format_of(naming.map)
    found = [job for source in sources for job in _pictures(source, naming, made)]
    if naming.map is not None and len(found) > 1:
        raise UsageError("a map of `confidence` is of one picture; give one")
    plain = [_target(job, naming, job.source.stem) for job in found]
    if naming.variants > 1 and STREAM in plain:
        raise UsageError("several variants cannot go to standard output; name a file")
    often = Counter(plain)
    jobs: list[Job] = []
    taken = _originals(sources, naming, made)
    for job, target in zip(found, plain, strict=True):
        if often[target] > 1 and target != STREAM:
            target = _target(job, naming, job.source.name)
        whole = replace(
            job, target=target, variants=naming.variants, map=naming.map, format=naming.format
        )
        jobs.append(replace(whole, problem=job.problem or _clash(whole, taken)))
    return jobs


def _refuse_other_format(output: Path, format: str) -> None:
    """Raise where a file's name asks for no format, or for another one than was asked for."""
    named = format_of(output)
    if format != KEEP and named != OFFERED[format]:
        raise UsageError(f"{output} is to be {named.name}, and `format` says {format}")


def _pictures(source: Path, naming: Naming, made: Collection[Path]) -> list[Job]:
    """The source itself, or the pictures of a folder that retint has not made itself."""
    if source == STREAM or not source.is_dir():
        return [Job(source, source, name=source.name)]
    jobs = list(_walk(source, naming, made))
    return jobs or [Job(source, source, "no pictures in this folder", name=source.name)]


def _walk(root: Path, naming: Naming, made: Collection[Path]) -> Iterator[Job]:
    """A folder's pictures by name, those of its subfolders after them."""
    unreadable: list[OSError] = []
    output = naming.output.resolve() if naming.output is not None else None
    for folder, subfolders, names in os.walk(root, onerror=unreadable.append):
        here = Path(folder)
        # Results that lie among the sources are no sources.
        subfolders[:] = sorted(each for each in subfolders if (here / each).resolve() != output)
        for name in sorted(names):
            path = here / name
            if fnmatch(name, naming.pattern) and _is_original(path, made):
                yield Job(path, path, name=path.relative_to(root).as_posix())
        if not naming.recursive:
            break
    for error in unreadable:
        path = Path(error.filename)
        yield Job(path, path, error.strerror or str(error), name=path.name)


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


def is_named_as_original(name: str) -> bool:
    """Whether a name is that of a photograph that retint has not made."""
    return PurePath(name).suffix.lower() in READABLE and not _is_marked(name)


def _is_marked(name: str) -> bool:
    # What macOS keeps beside the files of other systems' disks has their names.
    return name.startswith("._") or PurePath(name).stem.endswith((MARK, f"{MARK}.preview"))


def _is_original(path: Path, made: Collection[Path]) -> bool:
    """Whether a file of a folder is a picture that retint has not made."""
    known = is_named_as_original(path.name) or (is_film(path) and not _is_marked(path.name))
    return known and path.is_file() and (not made or path.resolve() not in made)


def _originals(sources: list[Path], naming: Naming, made: Collection[Path]) -> dict[Path, str]:
    """What may not be written, resolved, and why: the sources, and what lies beside them."""
    everything = replace(naming, pattern="*")
    return {
        job.source.resolve(): "a picture to be coloured; originals are never overwritten"
        for source in sources
        for job in _pictures(source, everything, made)
        if job.source != STREAM
    }


def _clash(job: Job, taken: dict[Path, str]) -> str:
    """Why the job's files may not be written, if so; from now on their places are taken."""
    for target in job.files:
        if target == STREAM:
            continue
        place = target.resolve()
        if place in taken:
            return f"{target} is {taken[place]}"
        taken[place] = "where another picture goes already"
    return ""
