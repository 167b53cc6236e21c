"""Determines the output file of each picture."""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path, PurePath
from typing import TypeVar

from retint.errors import UsageError
from retint.files.formats import FALLBACK, KEEP, OFFERED, READABLE, WRITABLE, format_of
from retint.files.hidden import is_hidden
from retint.film.containers import (
    CONTAINERS,
    ENDINGS,
    WRITTEN,
    container_of,
    ending_of,
    has_film_ending,
    is_film,
)

T = TypeVar("T", bound=Hashable)

STREAM = Path("-")
"""Standard input or output instead of a file."""
MARK = ".retint"
"""Suffix of results beside their originals."""
STILLS = ".preview.jpg"
"""Suffix of contact sheets of films."""
SIDECAR = ".xmp"
"""Suffix of files with the metadata of a picture (Adobe: photo.xmp; darktable: photo.jpg.xmp)."""
DANGLING = "a link to a file that does not exist"
MANIFEST = "retint-manifest.jsonl"
"""File name of the manifest in the output folder."""


@dataclass(frozen=True)
class Job:
    """One picture to be coloured; `problem` says why it cannot be attempted."""

    source: Path
    target: Path
    problem: str = ""
    variants: int = 1
    """Number of colourings."""
    split: bool = False
    """Whether there is one file for each photograph of a page."""
    parts: int = 0
    """Their number, if it is known."""
    map: Path | None = None
    """Output file of the confidence map, if requested."""
    format: str = KEEP
    """Format for standard output; for files, the name determines it."""
    name: str = ""
    """The source's path within the given folder; its own name if a file was given."""
    folder: Path | None = None
    """The given folder, if one was given."""

    @property
    def targets(self) -> list[Path]:
        """One file per variant or photograph: NAME-1, NAME-2, ... if there are several."""
        if self.variants == 1 and not self.split:
            return [self.target]
        return self._numbered((self.parts or 1) if self.split else self.variants)

    def _numbered(self, count: int) -> list[Path]:
        own = self.target.stem.removesuffix(MARK)
        mark = self.target.stem[len(own) :]
        return [
            self.target.with_name(f"{own}-{k}{mark}{self.target.suffix}")
            for k in range(1, count + 1)
        ]

    @property
    def reserved(self) -> list[Path]:
        """All files that may be written."""
        if not self.split or self.parts:
            return self.files
        from retint.picture.pieces import MOST_PIECES

        return self._numbered(MOST_PIECES)

    @property
    def files(self) -> list[Path]:
        """All files that will be written."""
        return [*self.targets, *([self.map] if self.map else [])]


@dataclass(frozen=True)
class Naming:
    """Which files of a folder are pictures to colour, and how outputs are named."""

    output: Path | None = None
    """A file, a folder, `-`, or None for a new file beside each source."""
    to_folder: bool = False
    """Whether `output` is a folder that does not exist yet."""
    transparent: bool = False
    """Whether outputs have transparency, which JPEG and BMP do not support."""
    variants: int = 1
    split: bool = False
    """Whether each photograph of a page becomes a file of its own."""
    format: str = KEEP
    """One of `OFFERED`, or `KEEP`."""
    container: str = KEEP
    """For films: one of `CONTAINERS`, or `KEEP`."""
    lossless: bool = False
    """Whether films are written losslessly."""
    stills: bool = False
    """Whether to write a contact sheet instead of a film."""
    recursive: bool = False
    """Whether subfolders are included."""
    pattern: str = "*"
    """Shell pattern for the names of a folder's pictures."""
    exclude: tuple[str, ...] = ()
    """Shell patterns for files and subfolders to leave out: for names, or paths in the folder."""
    hidden: bool = False
    """Whether hidden files and folders, and those that programs keep, are included."""
    map: Path | None = None
    """Output file of the confidence map, if requested."""

    def enters(self, folder: str) -> bool:
        """Whether a subfolder is listed, by its path within the given folder."""
        name = posixpath.basename(folder)
        excluded = any(
            fnmatch(each, pattern.rstrip("/"))
            for each in (name, folder)
            for pattern in self.exclude
        )
        return not excluded and (self.hidden or not is_hidden(name))

    def selects(self, file: str) -> bool:
        """Whether a file of a listed folder is wanted, by its path within the given folder."""
        return fnmatch(posixpath.basename(file), self.pattern) and self.enters(file)

    def ending(self, source: Path) -> str:
        """The source's own suffix if possible; PNG's if its format does not support full colour."""
        if is_film(source) and self.stills:
            return STILLS
        if is_film(source):
            wanted = CONTAINERS.get(self.container)
            if wanted is not None and WRITTEN.get(source.suffix.lower()) is not wanted:
                return wanted.endings[0]
            return ending_of(source, lossless=self.lossless)
        if self.transparent:
            return FALLBACK.endings[0]
        own = WRITABLE.get(source.suffix.lower())
        if self.format == KEEP:
            return source.suffix if own else FALLBACK.endings[0]
        chosen = OFFERED[self.format]
        return source.suffix if own == chosen else chosen.endings[0]


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
    if is_folder(naming, several=several):
        naming = replace(naming, to_folder=True)
    if several and output is not None and not naming.to_folder:
        raise UsageError(
            f"several pictures cannot be written to one output {output}; name a folder"
        )
    if output is not None and output != STREAM and not naming.to_folder:
        if any(is_film(source) for source in sources) and not naming.stills:
            container_of(output, lossless=naming.lossless)
        else:
            _refuse_other_format(output, naming.format)
    if naming.map is not None:
        format_of(naming.map)
    found = [job for source in sources for job in _pictures(source, naming, made, made_in, ignored)]
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
        jobs.append(replace(whole, problem=job.problem or _clash(whole, taken)))
    return jobs


def is_folder(naming: Naming, *, several: bool) -> bool:
    """Whether the output is a folder.

    Parameters
    ----------
    several
        Whether there are several inputs, or a folder of them.

    Raises
    ------
    UsageError
        If there are, and the output is a file, or named like a picture or film.
    """
    output = naming.output
    if output is None or output == STREAM:
        return False
    if several and not naming.to_folder:
        refuse_file(output, "several pictures require")
    return several or naming.to_folder or output.is_dir()


def refuse_file(output: Path, why: str) -> None:
    """Raise UsageError if the output is a file, or a new one with the name of a picture or film.

    Parameters
    ----------
    why
        What makes it a folder, as the start of the message.
    """
    if output.is_dir():
        return
    if output.exists():
        raise UsageError(f"{why} a folder, but {output} is a file")
    if output.suffix.lower() in READABLE or output.suffix.lower() in ENDINGS:
        raise UsageError(
            f"{why} a folder, but {output} is the name of a file (write {output}{os.sep} if the "
            "folder has this name)"
        )


def distinct(plain: Sequence[T], full: Sequence[T]) -> list[T]:
    """The name of each picture's output: its plain name, or its full one if others have it too.

    Parameters
    ----------
    plain
        Names without the suffixes of the pictures.
    full
        Names with them.
    """
    names = list(plain)
    left = set(range(len(names)))
    while left:
        often = Counter(names)
        shared = {k for k in left if often[names[k]] > 1}
        if not shared:
            break
        for k in shared:
            names[k] = full[k]
        left -= shared
    return names


def resolved(path: Path) -> Path:
    """The path without links. Before Python 3.13, `Path.resolve` fails for links in a circle."""
    return Path(os.path.realpath(path))


def _refuse_other_format(output: Path, format: str) -> None:
    """Raise if a file's name denotes no format, or another one than requested."""
    named = format_of(output)
    if format != KEEP and named != OFFERED[format]:
        raise UsageError(f"the name {output} denotes {named.name}, but `format` is {format}")


def _pictures(
    source: Path, naming: Naming, made: Collection[Path],
    made_in: Callable[[Path], Collection[Path]], ignored: Counter[str] | None = None,
) -> list[Job]:  # fmt: skip
    """The source itself, or the pictures of a folder without results of retint."""
    if source == STREAM or not source.is_dir():
        return [Job(source, source, name=source.name)]
    jobs = list(_walk(source, naming, made, made_in, ignored))
    return jobs or [Job(source, source, "no pictures in this folder", name=source.name)]


def _walk(
    root: Path, naming: Naming, made: Collection[Path],
    made_in: Callable[[Path], Collection[Path]], ignored: Counter[str] | None,
) -> Iterator[Job]:  # fmt: skip
    """Pictures of a folder by name, followed by those of its subfolders."""
    unreadable: list[OSError] = []
    output = resolved(naming.output) if naming.output is not None else None
    for folder, subfolders, names in os.walk(root, onerror=unreadable.append):
        here = Path(folder)
        below = here.relative_to(root)
        # Results inside the source folder are not sources.
        subfolders[:] = sorted(
            each
            for each in subfolders
            if naming.enters((below / each).as_posix()) and resolved(here / each) != output
        )
        if MANIFEST in names and here != root:
            made = {*made, *made_in(here)}
        pictures = [each for each in names if not each.lower().endswith(SIDECAR)]
        known = {*pictures, *(PurePath(each).stem for each in pictures)}
        for name in sorted(names):
            path = here / name
            if not naming.selects((below / name).as_posix()):
                continue
            if _is_original(path, made):
                yield Job(path, path, name=(below / name).as_posix(), folder=root)
            elif _is_dangling(path):
                yield Job(path, path, DANGLING, name=(below / name).as_posix(), folder=root)
            elif ignored is not None and _is_ignored(path) and not is_sidecar(name, known):
                ignored[path.suffix.lower()] += 1
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
    """Whether a name is not that of a result of retint."""
    return PurePath(name).suffix.lower() in READABLE and not _is_marked(name)


def _is_marked(name: str) -> bool:
    # macOS stores metadata on other file systems in files with these names.
    return name.startswith("._") or PurePath(name).stem.endswith((MARK, f"{MARK}.preview"))


def _is_ignored(path: Path) -> bool:
    if not path.is_file():
        return path.exists() and not path.is_dir()  # a pipe or a socket
    return is_of_another_type(path.name) and not has_film_ending(path)


def is_sidecar(name: str, known: Collection[str]) -> bool:
    """Whether a file has the metadata of another one, given the names of those in its folder, with
    and without their suffixes.
    """
    path = PurePath(name)
    return path.suffix.lower() == SIDECAR and path.stem in known


def is_of_another_type(name: str) -> bool:
    """Whether a name is not that of a picture, and not that of a hidden file or one of retint's."""
    own = is_hidden(name) or name.startswith(PurePath(MANIFEST).stem) or _is_marked(name)
    return not own and not is_named_as_original(name)


def _is_named_as_source(path: Path) -> bool:
    """Whether a file of a folder is a picture or a film by its name."""
    return is_named_as_original(path.name) or (has_film_ending(path) and not _is_marked(path.name))


def _is_dangling(path: Path) -> bool:
    return path.is_symlink() and not path.exists() and _is_named_as_source(path)


def _is_original(path: Path, made: Collection[Path]) -> bool:
    """Whether a file of a folder is a picture that is not a result of retint."""
    known = path.is_file() and _is_named_as_source(path)
    return known and (not made or resolved(path) not in made)


def _originals(
    sources: list[Path], naming: Naming, made: Collection[Path],
    made_in: Callable[[Path], Collection[Path]],
) -> dict[Path, str]:  # fmt: skip
    """Resolved paths that must not be written, and why: the sources and their neighbours."""
    everything = replace(naming, pattern="*", exclude=(), hidden=True)
    return {
        resolved(job.source): "a source; originals are never overwritten"
        for source in sources
        for job in _pictures(source, everything, made, made_in)
        if job.source != STREAM
    }


def _clash(job: Job, taken: dict[Path, str]) -> str:
    """Why the job's files must not be written, if so; otherwise reserves them."""
    for target in job.reserved:
        if target == STREAM:
            continue
        place = resolved(target)
        if place in taken:
            return f"{target} is {taken[place]}"
        taken[place] = "the output of another picture"
    return ""
