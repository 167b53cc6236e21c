"""Lists files, and all pictures and films of folders, whether retint has written them or not."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from retint.batch.naming import Naming
from retint.errors import reason
from retint.files.formats import READABLE
from retint.film.containers import has_film_ending

EMPTY = "no pictures in this folder"
SUBFOLDERS_LEFT_OUT = "subfolders were left out (--recursive includes them)"


@dataclass(frozen=True)
class Listed:
    """A file; `problem` says why a folder could not be listed."""

    path: Path
    name: str
    """Its path within the given folder; its own name if a file was given."""
    problem: str = ""
    of_folder: bool = False
    """Whether a folder was given, not the file itself."""


def list_files(paths: Iterable[Path], naming: Naming) -> list[Listed]:
    """The files among the paths, and the pictures and films in the folders among them, each once.

    Parameters
    ----------
    naming
        Which files of folders are wanted, and whether subfolders are included.
    """
    found: dict[Path, Listed] = {}
    for path in paths:
        for each in _of_folder(path, naming) if path.is_dir() else [Listed(path, path.name)]:
            found.setdefault(each.path, each)
    return list(found.values())


def leaves_subfolders(paths: Iterable[Path], naming: Naming) -> bool:
    """Whether subfolders with pictures or films are left out because `recursive` is off."""
    if naming.recursive:
        return False
    all_levels = replace(naming, recursive=True)
    return any(
        each.path.parent != folder
        for folder in paths
        if folder.is_dir()
        for each in _of_folder(folder, all_levels)
        if not each.problem
    )


def _of_folder(root: Path, naming: Naming) -> Iterator[Listed]:
    unreadable: list[OSError] = []
    count = 0
    for folder, subfolders, names in os.walk(root, onerror=unreadable.append):
        here = Path(folder)
        below = here.relative_to(root)
        subfolders[:] = sorted(
            each for each in subfolders if naming.enters((below / each).as_posix())
        )
        for name in sorted(names):
            own = (below / name).as_posix()
            if naming.selects(own) and _is_picture(here / name):
                count += 1
                yield Listed(here / name, own, of_folder=True)
        if not naming.recursive:
            break
    for error in unreadable:
        path = Path(error.filename)
        yield Listed(path, path.name, reason(error), of_folder=True)
    if not count and not unreadable:
        yield Listed(root, root.name, EMPTY, of_folder=True)


def _is_picture(path: Path) -> bool:
    # macOS stores metadata on other file systems in files with these names.
    own = path.name.startswith("._")
    known = path.suffix.lower() in READABLE or has_film_ending(path)
    return known and not own and path.is_file()
