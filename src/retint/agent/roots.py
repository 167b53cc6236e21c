"""The folders that an agent may use, and the paths that it names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from retint.errors import PhotoError, UsageError, reason
from retint.files.confined import is_below, is_plain
from retint.numbers import shortened


@dataclass(frozen=True)
class Roots:
    """Folders outside of which nothing is read or written; relative paths begin at the first."""

    folders: tuple[Path, ...]

    @classmethod
    def of(cls, paths: Iterable[Path]) -> Roots:
        """Create them from paths; raises UsageError if one is not a folder."""
        folders = tuple(path.resolve() for path in paths)
        for each in folders:
            if not each.is_dir():
                raise UsageError(f"{each} is not a folder")
        return cls(folders)

    def source(self, name: str) -> Path:
        """The existing file of a name, without links.

        Raises
        ------
        PhotoError
            If it leads out of the roots, is missing, or is not a regular file.
        """
        path = self._inside(name)
        try:
            plain = is_plain(path)
        except OSError as error:
            raise PhotoError(f"{shortened(name)}: {reason(error)}") from None
        if not plain:
            raise PhotoError(f"{shortened(name)} is not a file")
        return path

    def target(self, name: str) -> Path:
        """The path of a name that is to be written.

        Raises
        ------
        PhotoError
            If it leads out of the roots, also through a link, or cannot be the name of a file.
        """
        path = self._inside(name)
        try:
            path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return path
        except OSError as error:  # a name that is too long
            raise PhotoError(f"{shortened(name)}: {reason(error)}") from None
        return path

    def __str__(self) -> str:
        return ", ".join(map(str, self.folders))

    def _inside(self, name: str) -> Path:
        try:
            path = (self.folders[0] / name).resolve()
        except (OSError, RuntimeError, ValueError):  # a circle of links, a null character
            raise PhotoError(f"{shortened(name)} is not a valid path") from None
        for folder in self.folders:
            if path.is_relative_to(folder):
                below = path.relative_to(folder).as_posix()
                if path == folder or is_below(below):
                    return path
        raise PhotoError(f"{shortened(name)} is outside of the folders of this server ({self})")
