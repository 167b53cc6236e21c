"""What was made of which file: a line of JSON each, in the folder of the results.

A line is written before the file that it speaks of appears under its name, so that a run that is
killed at any moment leaves no file that the manifest does not know. Whether a promise was kept is
seen from the file: the line has its hash.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from retint.batch.jobs import MANIFEST
from retint.errors import UsageError

PARTIAL = re.compile(r"\..+\.[0-9a-f]{8}\.partial", re.DOTALL)
"""Names of unfinished files."""


@dataclass(frozen=True)
class File:
    """A file as it was."""

    name: str
    """Its path within the folder of the run's input or output."""
    sha256: str
    size: int
    """Bytes."""
    mtime_ns: int

    @classmethod
    def of(cls, path: Path, name: str) -> File:
        """The file at `path`, to be known as `name`; raises OSError where it cannot be read."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            found = os.fstat(file.fileno())
        return cls(name, digest, found.st_size, found.st_mtime_ns)

    def is_still(self, path: Path) -> bool:
        """Whether the file at `path` is this one: untouched since, or else of the same content."""
        try:
            found = path.stat()
            if (found.st_size, found.st_mtime_ns) == (self.size, self.mtime_ns):
                return True
            return found.st_size == self.size and self.of(path, self.name).sha256 == self.sha256
        except OSError:
            return False


@dataclass(frozen=True)
class Entry:
    """What became of one input."""

    input: File | None
    """None where it could not be read."""
    outputs: list[File]
    """One for each variant; empty where something went wrong."""
    how: dict[str, Any]
    """Method, hash of its weights, options: all that the output depends on besides the input."""
    seconds: float
    error: str | None = None
    time: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))


class Manifest:
    """The manifest of an output folder, held by one process at a time."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / MANIFEST
        self._folder = folder
        self._entries: dict[str, list[Entry]] = {}
        self._append = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other runs out of the folder, and leave one line an output.

        Raises
        ------
        UsageError
            If another run has it, or the manifest is not one.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._folder / f".{MANIFEST}.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise UsageError(f"another run is writing to {self._folder}") from None
        try:
            self._sweep()
            self._read()
            yield
            self._tidy()
        finally:
            lock.release()

    def is_done(self, output: str, source: Path, how: dict[str, Any]) -> bool:
        """Whether the file of that name is what this input gives in this way."""
        entry = next(reversed(self._entries.get(output, [])), None)
        return (
            entry is not None
            and entry.error is None
            and entry.input is not None
            and entry.how == how
            and entry.input.is_still(source)
            and all(each.is_still(self._folder / each.name) for each in entry.outputs)
        )

    def is_ours(self, output: str, key: str) -> bool:
        """Whether a file is as a run has left it, and may be replaced without asking."""
        return any(
            each.name == output and each.is_still(self._folder / output)
            for entry in self._entries.get(key, [])
            for each in entry.outputs
        )

    def add(self, output: str, entry: Entry) -> None:
        """Append a line; it is on the disk when this returns."""
        line = json.dumps({"output": output, **asdict(entry)}) + "\n"
        with self._append:
            self._entries.setdefault(output, []).append(entry)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())

    def _sweep(self) -> None:
        """Remove what killed runs were writing."""
        for path in self._folder.rglob(".*.partial"):
            if PARTIAL.fullmatch(path.name):
                path.unlink(missing_ok=True)

    def _read(self) -> None:
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
        except FileNotFoundError:
            return
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{self.path} cannot be read: {error}") from None
        # Of a run that was killed while it wrote it.
        if lines and not lines[-1].endswith("\n"):
            lines.pop()
        for number, line in enumerate(lines, 1):
            try:
                fields = json.loads(line)
                output = fields.pop("output")
                read = fields.pop("input")
                made = [File(**each) for each in fields.pop("outputs")]
                entry = Entry(File(**read) if read else None, made, **fields)
            except (AttributeError, KeyError, TypeError, ValueError):
                raise UsageError(f"{self.path}: line {number} is not of a manifest") from None
            self._entries.setdefault(output, []).append(entry)
        self._write()

    def _tidy(self) -> None:
        """Keep what was said last of each output."""
        self._entries = {output: entries[-1:] for output, entries in self._entries.items()}
        self._write()

    def _write(self) -> None:
        """Write all anew, in one stroke."""
        if not self._entries:
            return
        lines = [
            json.dumps({"output": output, **asdict(entry)}) + "\n"
            for output, entries in sorted(self._entries.items())
            for entry in entries
        ]
        partial = self.path.with_name(f".{MANIFEST}.{secrets.token_hex(4)}.partial")
        try:
            partial.write_text("".join(lines), encoding="utf-8")
            partial.replace(self.path)
        finally:
            partial.unlink(missing_ok=True)
