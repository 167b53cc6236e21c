"""Which picture becomes which file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path

from retint.errors import UsageError
from retint.files.photo import FORMATS, READABLE

STREAM = Path("-")
"""Standard input or output in place of a file."""
MARK = ".retint"
"""What marks a file that retint made beside its original."""
MANIFEST = "retint-manifest.jsonl"
"""What was made of which file, in the folder of the results."""
KEEP = "keep"
"""In place of a format: that of the source."""
ENDINGS = {"jpeg": ".jpg", "png": ".png", "tiff": ".tif", "webp": ".webp", "avif": ".avif"}
"""Of files in the formats that can be asked for."""


@dataclass(frozen=True)
class Job:
    """One picture to be coloured; `problem` says why it cannot even be tried."""

    source: Path
    target: Path
    problem: str = ""
    variants: int = 1
    """How many colourings are wanted."""
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


@dataclass(frozen=True)
class Wanted:
    """What shall be made of the sources."""

    output: Path | None = None
    """A file, a folder, `-`, or None for a new file beside each source."""
    to_folder: bool = False
    """Whether `output` is meant as a folder though none of that name exists yet."""
    transparent: bool = False
    """Whether what is written has transparent places, which JPEG and BMP cannot hold."""
    variants: int = 1
    format: str = KEEP
    """One of `ENDINGS`, or `KEEP`."""
    recursive: bool = False
    """Whether folders stand for the pictures of their subfolders too."""
    pattern: str = "*"
    """What the names of a folder's pictures must match, as in a shell."""

    def ending(self, source: Path) -> str:
        """The source's own where it may stay; PNG's where its format cannot hold full colour."""
        if self.transparent:
            return ".png"
        own = FORMATS.get(source.suffix.lower())
        if self.format == KEEP:
            return source.suffix if own else ".png"
        ending = ENDINGS[self.format]
        return source.suffix if own == FORMATS[ending] else ending


def plan(sources: Iterable[Path], wanted: Wanted) -> list[Job]:
    """Decide where each picture goes; a folder stands for the pictures in it.

    Two pictures that would go to one file, as a.jpg and a.png where all become JPEG, keep their
    own endings within the new name: a.jpg.jpg and a.png.jpg.

    Raises
    ------
    UsageError
        If several pictures would go into one file or into standard output.
    """
    sources = list(sources)
    several = len(sources) > 1 or any(source.is_dir() for source in sources)
    output = wanted.output
    if output is not None and output != STREAM and (several or output.is_dir()):
        wanted = replace(wanted, to_folder=True)
    if several and output is not None and not wanted.to_folder:
        raise UsageError(f"several pictures cannot go into one output {output}; name a folder")
    found = [job for source in sources for job in _pictures(source, wanted)]
    plain = [_target(job, wanted, job.source.stem) for job in found]
    often = Counter(plain)
    jobs: list[Job] = []
    taken: set[Path] = set()
    for job, target in zip(found, plain, strict=True):
        if often[target] > 1 and target != STREAM:
            target = _target(job, wanted, job.source.name)
        if target == STREAM and wanted.variants > 1:
            raise UsageError("several variants cannot go to standard output; name a file")
        problem = job.problem or _clash(job.source, target, taken)
        taken.add(target)
        jobs.append(replace(job, target=target, problem=problem, variants=wanted.variants))
    return jobs


def _pictures(source: Path, wanted: Wanted) -> list[Job]:
    """The source itself, or the pictures of a folder that retint has not made itself."""
    if source == STREAM or not source.is_dir():
        return [Job(source, source, name=source.name)]
    jobs = list(_walk(source, wanted))
    return jobs or [Job(source, source, "no pictures in this folder", name=source.name)]


def _walk(root: Path, wanted: Wanted) -> Iterator[Job]:
    """A folder's pictures by name, those of its subfolders after them."""
    unreadable: list[OSError] = []
    output = wanted.output.resolve() if wanted.output is not None else None
    for folder, subfolders, names in os.walk(root, onerror=unreadable.append):
        here = Path(folder)
        # Results that lie among the sources are no sources.
        subfolders[:] = sorted(each for each in subfolders if (here / each).resolve() != output)
        for name in sorted(names):
            path = here / name
            a_picture = path.suffix.lower() in READABLE and not path.stem.endswith(MARK)
            if a_picture and fnmatch(name, wanted.pattern) and path.is_file():
                yield Job(path, path, name=path.relative_to(root).as_posix())
        if not wanted.recursive:
            break
    for error in unreadable:
        path = Path(error.filename)
        yield Job(path, path, error.strerror or str(error), name=path.name)


def _target(job: Job, wanted: Wanted, stem: str) -> Path:
    source, output = job.source, wanted.output
    ending = wanted.ending(source)
    if output is None:
        return STREAM if source == STREAM else source.with_name(f"{stem}{MARK}{ending}")
    if wanted.to_folder:
        if source == STREAM:
            raise UsageError("a picture from standard input has no name; name a file with -o")
        return output / Path(job.name).parent / f"{stem}{ending}"
    return output


def _clash(source: Path, target: Path, taken: set[Path]) -> str:
    if target == STREAM:
        return ""
    if target in taken:
        return f"another picture goes to {target} already"
    if target.resolve() == source.resolve():
        return f"{target} is the picture itself; originals are never overwritten"
    return ""
