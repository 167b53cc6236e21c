"""The manifest of an output folder: one JSON line per output.

A line is written before its file appears, so a run that is killed at any moment leaves no file that
the manifest does not contain. The line has the file's hash, which shows whether the file was
completed.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from retint.batch.lines import TORN, Entry, File, from_line, lines_of, to_line
from retint.batch.names import MANIFEST
from retint.errors import UsageError, reason
from retint.files.atomic import is_abandoned, partials
from retint.files.confined import is_plain, leads_out, open_plain
from retint.files.lock import HeldError, Lock

BROKEN = ".broken{}.jsonl"
"""Suffix of new files beside the manifest that keep unreadable lines."""
MOST_NAMED = 10


class Manifest:
    """The manifest of an output folder, locked by one process at a time."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / MANIFEST
        self._folder = folder
        self._entries: dict[str, list[Entry]] = {}
        self._append = threading.Lock()
        self.remarks: list[str] = []
        """Problems found in the manifest, one line each."""

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock out other runs, and finally reduce the manifest to one line per output.

        Raises
        ------
        UsageError
            If another run has locked it, or it cannot be read or written.
        """
        lock = Lock(self._folder / f".{MANIFEST}.lock")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except HeldError as error:
            who = f" ({error})" if str(error) else ""
            raise UsageError(f"another run is writing to {self._folder}{who}") from None
        except OSError as error:
            named = f" ({error.filename})" if error.filename else ""
            raise UsageError(
                f"cannot write to the folder {self._folder}: {reason(error)}{named}"
            ) from None
        try:
            if lock.remark:
                self.remarks.append(f"{self._folder}: {lock.remark}")
            self._sweep()
            self._recover()
            yield
            # If the disk is full, the next run reads the manifest as it is.
            with suppress(OSError):
                self._tidy()
        finally:
            lock.release()

    def valid_entry(self, output: str, source: Path, how: dict[str, Any]) -> Entry | None:
        """The entry of an output, if it is valid for this input and these settings."""
        entry = next(reversed(self._entries.get(output, [])), None)
        if (
            entry is None
            or entry.error is not None
            or entry.input is None
            or entry.how != how
            or not entry.input.is_still(source)
        ):
            return None
        return entry if all(map(self._is_there, entry.outputs)) else None

    def is_ours(self, output: str, key: str) -> bool:
        """Whether a file is unchanged since a run wrote it, so that it may be replaced."""
        return any(
            each.name == output and self._is_there(each)
            for entry in self._entries.get(key, [])
            for each in entry.outputs
        )

    def load(self) -> None:
        """Read the entries without a lock; raises UsageError."""
        for output, entry in self._parse(_Aside(None)):
            self._entries.setdefault(output, []).append(entry)

    def results(self) -> set[Path]:
        """Resolved paths of the files that are unchanged since a run wrote them; needs no lock."""
        return {
            (self._folder / each.name).resolve()
            for _, entry in self._parse(_Aside(None))
            for each in entry.outputs
            if self._is_there(each)
        }

    def _is_there(self, output: File) -> bool:
        """Whether a result is unchanged: a file in the folder, not reached through links."""
        path = self._folder / output.name
        try:
            own = is_plain(path) and not leads_out(path, self._folder)
        except OSError:
            return False
        return own and output.is_still(path)

    def add(self, output: str, entry: Entry) -> None:
        """Append a line; it is on disk when this returns."""
        line = to_line(output, entry)
        with self._append:
            with open_plain(self.path, "ab") as file:
                start = file.seek(0, os.SEEK_END)
                try:
                    file.write(line)
                    file.flush()
                    os.fsync(file.fileno())
                except OSError:  # removes an incomplete line, so that the next one is separate
                    with suppress(OSError):
                        file.truncate(start)
                    raise
            self._entries.setdefault(output, []).append(entry)

    def _sweep(self) -> None:
        """Remove partial files of killed runs; other runs may be active."""
        for folder, _, names in os.walk(self._folder):
            for path in (Path(folder, name) for name in names):
                if is_abandoned(path):
                    path.unlink(missing_ok=True)

    def _recover(self) -> None:
        """Read the lines of earlier runs; unreadable ones are moved aside."""
        aside = _Aside(self.path)
        try:
            for output, entry in self._parse(aside):
                self._entries.setdefault(output, []).append(entry)
            aside.close()
            if aside.count:
                self.remarks.append(
                    f"{self.path}: {aside.count} lines cannot be read (line "
                    f"{aside.numbers}) and were moved to {aside.name}; their pictures are "
                    "colored again"
                )
            if aside.count or aside.torn:
                self._write()
        except OSError as error:
            raise UsageError(f"{self.path} cannot be written: {reason(error)}") from None
        finally:
            aside.close()

    def _parse(self, aside: _Aside) -> Iterator[tuple[str, Entry]]:
        """Parse the lines; unreadable ones are moved aside."""
        try:
            file = open_plain(self.path, "rb")
        except FileNotFoundError:
            return
        except OSError as error:
            raise UsageError(f"{self.path} cannot be read: {reason(error)}") from None
        with file:
            for number, line, whole in lines_of(file):
                if number == TORN:
                    aside.torn = True
                    return
                try:
                    if not whole:
                        raise ValueError
                    yield from_line(line)
                except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
                    aside.add(number, line)

    def _tidy(self) -> None:
        """Keep only the last line of each output."""
        self._entries = {output: entries[-1:] for output, entries in self._entries.items()}
        self._write()

    def _write(self) -> None:
        """Rewrite the manifest atomically; an empty one is removed."""
        if not self._entries:
            self.path.unlink(missing_ok=True)
            return
        with partials([self.path]) as (partial,), partial.open("xb") as file:
            for output, entries in sorted(self._entries.items()):
                file.writelines(to_line(output, entry) for entry in entries)


class _Aside:
    """Unreadable lines, in a new file beside the manifest."""

    def __init__(self, manifest: Path | None) -> None:
        self._manifest = manifest
        self._file: BinaryIO | None = None
        self._numbers: list[int] = []
        self._last = 0
        self.count = 0
        self.torn = False
        """Whether an incomplete last line was dropped."""
        self.name = ""

    @property
    def numbers(self) -> str:
        """Numbers of the first of them."""
        return ", ".join(map(str, self._numbers))

    def add(self, number: int, piece: bytes) -> None:
        """Keep a line, or a further part of the line before; raises OSError."""
        if number != self._last:
            self.count, self._last = self.count + 1, number
            if self.count <= MOST_NAMED:
                self._numbers.append(number)
        if self._manifest is not None:
            self._file = self._file or self._open_new(self._manifest)
            self._file.write(piece)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _open_new(self, manifest: Path) -> BinaryIO:
        """Create a new file: appending to an existing one could modify another user's file."""
        for k in itertools.count(1):
            path = manifest.with_suffix(BROKEN.format("" if k == 1 else f"-{k}"))
            with suppress(FileExistsError):
                self.name = path.name
                return open_plain(path, "xb")
        raise AssertionError
