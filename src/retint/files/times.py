"""File times."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from retint.errors import PhotoError, reason


@dataclass(frozen=True)
class Times:
    """When a file was read and changed, in nanoseconds since 1970."""

    accessed: int
    modified: int

    @classmethod
    def of(cls, path: Path) -> Times:
        """The times of a file before it is read; raises OSError if it is missing."""
        found = path.stat()
        return cls(found.st_atime_ns, found.st_mtime_ns)

    @classmethod
    def of_existing(cls, path: Path) -> Times | None:
        """The same; None if the file is missing."""
        try:
            return cls.of(path)
        except OSError:
            return None

    def give(self, path: Path) -> None:
        """As `put`; raises PhotoError."""
        try:
            self.put(path)
        except OSError as error:
            raise PhotoError(f"the times of {path} cannot be set: {reason(error)}") from error

    def put(self, path: Path) -> None:
        """Give them to another file; raises OSError if its file system does not allow it."""
        os.utime(path, ns=(self.accessed, self.modified))


def not_kept(why: str) -> str:
    """A remark about a result."""
    return f"its file times were not kept: {why}"
