"""Finds the pictures of folders."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from retint.batch.listing import EMPTY
from retint.batch.names import (
    MANIFEST,
    STREAM,
    is_copy,
    is_named_as_source,
    is_of_another_type,
    is_sidecar,
    with_sidecars,
)
from retint.batch.naming import Job, Naming
from retint.film.containers import has_film_ending

DANGLING = "a link to a file that does not exist"


def pictures_of(
    source: Path, naming: Naming, made: Collection[Path],
    made_in: Callable[[Path], Collection[Path]], ignored: Counter[str] | None = None,
) -> list[Job]:  # fmt: skip
    """The source itself, or the pictures of a folder without results of retint."""
    if source == STREAM or not source.is_dir():
        return [Job(source, source, name=source.name)]
    jobs = list(_walk(source, naming, made, made_in, ignored))
    return jobs or [Job(source, source, EMPTY, name=source.name)]


def leaves_subfolders(
    sources: Iterable[Path], naming: Naming, made: Collection[Path],
    made_in: Callable[[Path], Collection[Path]],
) -> bool:  # fmt: skip
    """Whether subfolders with pictures are left out because `recursive` is off."""
    if naming.recursive:
        return False
    all_levels = replace(naming, recursive=True)
    return any(
        job.source.parent != folder
        for folder in sources
        if folder != STREAM and folder.is_dir()
        for job in _walk(folder, all_levels, made, made_in, None)
        if not job.problem
    )


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
        known = with_sidecars(names)
        for name in sorted(names):
            path = here / name
            if not naming.selects((below / name).as_posix()) or is_copy(path, naming.keep_original):
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


def resolved(path: Path) -> Path:
    """The path without links. Before Python 3.13, `Path.resolve` fails for links in a circle."""
    return Path(os.path.realpath(path))


def _is_ignored(path: Path) -> bool:
    if not path.is_file():
        return path.exists() and not path.is_dir()  # a pipe or a socket
    return is_of_another_type(path.name) and not has_film_ending(path)


def _is_dangling(path: Path) -> bool:
    return path.is_symlink() and not path.exists() and is_named_as_source(path)


def _is_original(path: Path, made: Collection[Path]) -> bool:
    """Whether a file of a folder is a picture that is not a result of retint."""
    known = path.is_file() and is_named_as_source(path)
    return known and (not made or resolved(path) not in made)
