"""Which files are coloured, and how their outputs are named."""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TypeVar

from retint.batch.names import STILLS, STREAM
from retint.errors import UsageError
from retint.files.formats import FALLBACK, KEEP, MARK, OFFERED, READABLE, WRITABLE
from retint.files.hidden import is_hidden
from retint.film.containers import CONTAINERS, ENDINGS, WRITTEN, ending_of, is_film

T = TypeVar("T", bound=Hashable)


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
    copy: Path | None = None
    """Where the original is copied to, if requested."""
    copy_problem: str = ""
    """What the file of that name is instead, if it must not be written."""

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
    """Shell patterns for files and subfolders to leave out: for names, or for paths in the folder,
    those with a slash in front for paths only.
    """
    hidden: bool = False
    """Whether hidden files and folders, and those that programs keep, are included."""
    map: Path | None = None
    """Output file of the confidence map, if requested."""
    keep_original: str = ""
    """What is added to the names of copies of the originals; empty for no copies."""

    def enters(self, folder: str) -> bool:
        """Whether a subfolder is listed, by its path within the given folder."""
        name = posixpath.basename(folder)
        excluded = any(
            fnmatch(each, pattern.rstrip("/"))
            for each in (name, folder, f"/{folder}")
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
