"""Tells by their names which files are pictures, results of retint, or files beside pictures."""

from __future__ import annotations

import filecmp
from collections.abc import Collection, Iterable
from pathlib import Path, PurePath

from retint.files.formats import MARK, READABLE, SIDECAR
from retint.files.hidden import is_hidden
from retint.film.containers import has_film_ending

STREAM = Path("-")
"""Standard input or output instead of a file."""
TAKEN = "the output of another picture"
"""Why two pictures cannot be written to the same file."""
STILLS = ".preview.jpg"
"""Suffix of contact sheets of films."""
MANIFEST = "retint-manifest.jsonl"
"""File name of the manifest in the output folder."""


def is_named_as_original(name: str) -> bool:
    """Whether a name is not that of a result of retint."""
    return PurePath(name).suffix.lower() in READABLE and not _is_marked(name)


def is_named_as_source(path: Path) -> bool:
    """Whether a file of a folder is a picture or a film by its name."""
    return is_named_as_original(path.name) or (has_film_ending(path) and not _is_marked(path.name))


def is_of_another_type(name: str) -> bool:
    """Whether a name is not that of a picture, and not that of a hidden file or one of retint's."""
    own = is_hidden(name) or name.startswith(PurePath(MANIFEST).stem) or _is_marked(name)
    return not own and not is_named_as_original(name)


def with_sidecars(names: Iterable[str]) -> set[str]:
    """The names of a folder's files that are not sidecars, with and without their suffixes."""
    others = [each for each in names if not each.lower().endswith(SIDECAR)]
    return {*others, *(PurePath(each).stem for each in others)}


def is_sidecar(name: str, known: Collection[str]) -> bool:
    """Whether a file has the metadata of another one of its folder, given `with_sidecars`."""
    path = PurePath(name)
    return path.suffix.lower() == SIDECAR and path.stem in known


def copy_of(source: Path, mark: str, target: Path) -> Path:
    """The name of the copy of an original beside its result."""
    return target.with_name(f"{source.stem}{mark}{source.suffix}")


def is_copy(path: Path, mark: str) -> bool:
    """Whether a file is the copy of an original that lies beside it."""
    if not mark or not path.stem.endswith(mark):
        return False
    own = path.with_name(path.stem.removesuffix(mark) + path.suffix)
    try:
        return own.is_file() and filecmp.cmp(own, path, shallow=False)
    except OSError:
        return False


def _is_marked(name: str) -> bool:
    # macOS stores metadata on other file systems in files with these names.
    return name.startswith("._") or PurePath(name).stem.endswith((MARK, f"{MARK}.preview"))
