"""What was made of which file: a line of JSON each, in the folder of the results.

A line is written before the file that it speaks of appears under its name, so that a run that is
killed at any moment leaves no file that the manifest does not know. Whether a promise was kept is
seen from the file: the line has its hash.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from retint.batch.jobs import MANIFEST
from retint.errors import UsageError, reason
from retint.files.atomic import is_partial, partials

BROKEN = ".broken.jsonl"
"""Ending of the file beside it that keeps lines which could not be read."""
MOST_NAMED = 10


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
        self.remarks: list[str] = []
        """What was found wrong with it, a line each."""

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other runs out of the folder, and leave one line an output.

        Raises
        ------
        UsageError
            If another run has it, or it cannot be read or written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._folder / f".{MANIFEST}.lock", timeout=0)
            lock.acquire()
        except Timeout:
            raise UsageError(f"another run is writing to {self._folder}") from None
        except OSError as error:
            raise UsageError(
                f"cannot write to the folder {self._folder}: {reason(error)}"
            ) from None
        try:
            self._sweep()
            self._recover()
            yield
            # Room on the disk is not owed: what could not be tidied is read again as it is.
            with suppress(OSError):
                self._tidy()
        finally:
            lock.release()

    def done(self, output: str, source: Path, how: dict[str, Any]) -> Entry | None:
        """What was said of the file of that name, if it is what this input gives in this way."""
        entry = next(reversed(self._entries.get(output, [])), None)
        if (
            entry is None
            or entry.error is not None
            or entry.input is None
            or entry.how != how
            or not entry.input.is_still(source)
        ):
            return None
        kept = all(each.is_still(self._folder / each.name) for each in entry.outputs)
        return entry if kept else None

    def is_ours(self, output: str, key: str) -> bool:
        """Whether a file is as a run has left it, and may be replaced without asking."""
        return any(
            each.name == output and each.is_still(self._folder / output)
            for entry in self._entries.get(key, [])
            for each in entry.outputs
        )

    def made(self) -> set[Path]:
        """Resolved paths of the files that are as a run has left them; needs not be held."""
        entries, _ = self._parsed()
        found: set[Path] = set()
        for _, entry in entries:
            for each in entry.outputs:
                path = self._folder / each.name
                if each.is_still(path):
                    found.add(path.resolve())
        return found

    def add(self, output: str, entry: Entry) -> None:
        """Append a line; it is on the disk when this returns."""
        line = _line(output, entry)
        with self._append:
            with self.path.open("ab") as file:
                start = file.tell()
                try:
                    file.write(line)
                    file.flush()
                    os.fsync(file.fileno())
                except OSError:  # no half line stays for the next one to be glued to
                    with suppress(OSError):
                        file.truncate(start)
                    raise
            self._entries.setdefault(output, []).append(entry)

    def _sweep(self) -> None:
        """Remove what killed runs were writing."""
        for path in self._folder.rglob(".*.partial"):
            if is_partial(path.name):
                path.unlink(missing_ok=True)

    def _recover(self) -> None:
        """Read what earlier runs have written; lines that cannot be read are put aside."""
        entries, broken = self._parsed()
        for output, entry in entries:
            self._entries.setdefault(output, []).append(entry)
        try:
            if broken:
                aside = self.path.with_suffix(BROKEN)
                with aside.open("ab") as file:
                    file.writelines(line for _, line in broken)
                numbers = ", ".join(str(number) for number, _ in broken[:MOST_NAMED])
                self.remarks.append(
                    f"{self.path}: {len(broken)} lines cannot be read (line {numbers}) and were "
                    f"moved to {aside.name}; their pictures are done again"
                )
            if self.path.exists():
                self._write()
        except OSError as error:
            raise UsageError(f"{self.path} cannot be written: {reason(error)}") from None

    def _parsed(self) -> tuple[list[tuple[str, Entry]], list[tuple[int, bytes]]]:
        """What the lines say, and number and content of those that say nothing."""
        try:
            lines = self.path.read_bytes().splitlines(keepends=True)
        except FileNotFoundError:
            return [], []
        except OSError as error:
            raise UsageError(f"{self.path} cannot be read: {reason(error)}") from None
        # Of a run that was killed, or had no room left, while it wrote it.
        if lines and not lines[-1].endswith(b"\n"):
            lines.pop()
        entries, broken = [], []
        for number, line in enumerate(lines, 1):
            try:
                entries.append(_entry(line))
            except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
                broken.append((number, line))
        return entries, broken

    def _tidy(self) -> None:
        """Keep what was said last of each output."""
        self._entries = {output: entries[-1:] for output, entries in self._entries.items()}
        self._write()

    def _write(self) -> None:
        """Write all anew, in one stroke; an empty manifest is none."""
        if not self._entries:
            self.path.unlink(missing_ok=True)
            return
        lines = [
            _line(output, entry)
            for output, entries in sorted(self._entries.items())
            for entry in entries
        ]
        with partials([self.path]) as (partial,):
            partial.write_bytes(b"".join(lines))


def _line(output: str, entry: Entry) -> bytes:
    # Names that are no Unicode travel as the escapes of JSON.
    return json.dumps({"output": output, **asdict(entry)}).encode("ascii") + b"\n"


def _entry(line: bytes) -> tuple[str, Entry]:
    """Raises what it likes where the line is something else."""
    fields = json.loads(line)
    output, read = fields.pop("output"), fields.pop("input")
    made = [File(**each) for each in fields.pop("outputs")]
    return str(output), Entry(File(**read) if read else None, made, **fields)
