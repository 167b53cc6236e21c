"""The lines of a manifest: the result for one input, as JSON."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from retint.files.confined import is_below, open_existing

LONGEST = 1 << 24
"""Maximum bytes of a line; one with 10,000 hints has a few million."""
TORN = -1
"""Number of an incomplete line."""


@dataclass(frozen=True)
class File:
    """The state of a file."""

    name: str
    """Path within the folder of the run's input or output."""
    sha256: str
    size: int
    """Bytes."""
    mtime_ns: int

    @classmethod
    def of(cls, path: Path, name: str) -> File:
        """The file at `path`, with the given `name`; raises OSError if it cannot be read."""
        with open_existing(path) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            found = os.fstat(file.fileno())
        return cls(name, digest, found.st_size, found.st_mtime_ns)

    @classmethod
    def read(cls, fields: Any) -> File:
        """Parse the fields of a line; raises any exception if they are invalid."""
        found = cls(**fields)
        if not (isinstance(found.name, str) and isinstance(found.sha256, str)):
            raise TypeError
        if not all(type(each) is int for each in (found.size, found.mtime_ns)):
            raise TypeError
        return found

    def is_still(self, path: Path) -> bool:
        """Whether the file at `path` is this one: not modified, or with the same content."""
        try:
            found = path.stat()
            if not stat.S_ISREG(found.st_mode):
                return False  # reading a pipe would block
            if (found.st_size, found.st_mtime_ns) == (self.size, self.mtime_ns):
                return True
            return found.st_size == self.size and self.of(path, self.name).sha256 == self.sha256
        except OSError:
            return False


@dataclass(frozen=True)
class Entry:
    """The result for one input."""

    input: File | None
    """None if it could not be read."""
    outputs: list[File]
    """One per variant; empty if it failed."""
    how: dict[str, Any]
    """Method, hash of its weights, options: everything besides the input that the output depends
    on.
    """
    seconds: float
    error: str | None = None
    time: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))


def lines_of(file: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    """Lines by number, and whether they are complete; too long lines are returned in parts.

    An incomplete last line, of a run that was killed or had no disk space, has the number `TORN`.
    """
    number, fresh = 1, True
    while piece := file.readline(LONGEST):
        ended = piece.endswith(b"\n")
        if fresh and not ended and len(piece) < LONGEST:
            number = TORN
        yield number, piece, fresh and ended
        fresh = ended
        number += ended


def to_line(output: str, entry: Entry) -> bytes:
    """The line of an output, with its end."""
    # JSON escapes represent names that are not valid Unicode.
    fields = vars(entry) | {
        "input": entry.input and vars(entry.input), "outputs": list(map(vars, entry.outputs))
    }  # fmt: skip
    return json.dumps({"output": output, **fields}).encode("ascii") + b"\n"


def from_line(line: bytes) -> tuple[str, Entry]:
    """The output and entry of a line; raises any exception if the line is invalid."""
    fields = json.loads(line)
    output, read = fields.pop("output"), fields.pop("input")
    made = [File.read(each) for each in fields.pop("outputs")]
    entry = Entry(File.read(read) if read is not None else None, made, **fields)
    if not all(is_below(each.name) for each in made):
        raise ValueError("a result outside the folder")
    if not (
        isinstance(output, str)
        and isinstance(entry.how, dict)
        and isinstance(entry.seconds, int | float)
        and isinstance(entry.error, str | None)
        and isinstance(entry.time, str)
    ):
        raise TypeError
    return output, entry
