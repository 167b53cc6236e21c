"""The folder beside a film in which finished shots wait until they are joined."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from retint.errors import PhotoError, reason
from retint.film.opening import PART

LONGEST = 150
"""Bytes of the film's name that the folder's repeats: file systems allow 255 in all."""
KEY, LOCK, NEW, SEAL = "key.json", "lock", ".new", ".json"
"""Names and endings in it. Nothing in it is named as what a folder's other runs sweep away."""


class Parts:
    """Finished shots of one film, held by one run at a time.

    Parameters
    ----------
    target
        What the shots will become.
    key
        All that they depend on.
    """

    def __init__(self, target: Path, key: dict[str, Any]) -> None:
        self.folder = target.with_name(f".{_short(target.name)}.retint-shots")
        self._target = target
        self._key = key

    @contextlib.contextmanager
    def held(self, *, resume: bool) -> Iterator[None]:
        """Keep other runs from this film; the folder is empty unless a run with the same options
        left it. It stays where shots are finished, until it is removed.

        Raises
        ------
        PhotoError
            If another run has it, or it cannot be made.
        """
        try:
            lock = self._locked()
        except OSError as error:
            raise PhotoError(f"cannot make {self.folder}: {reason(error)}") from error
        try:
            if not resume or self._read(KEY) != self._key:
                self._empty()
                self._write(KEY, self._key)
            yield
        finally:
            if not any(self.folder.glob(f"*.{PART}")):
                with contextlib.suppress(FileNotFoundError):  # it was removed before
                    self.remove()
            lock.release()

    def new(self) -> Path:
        """A place for a file that nobody knows of yet; it must be gone afterwards."""
        return self.folder / f"{secrets.token_hex(8)}{NEW}"

    def path(self, number: int) -> Path:
        """Where a finished shot is."""
        return self.folder / f"{number:06d}.{PART}"

    def keep(self, made: Path, number: int, frames: int) -> None:
        """Keep what is a finished shot of so many frames; raises OSError."""
        path = self.path(number)
        made.replace(path)
        self._write(f"{path.stem}{SEAL}", {"frames": frames, "sha256": _sha256(path)})

    def frames(self, number: int) -> int | None:
        """How many frames a finished shot has; None where there is none, or not as it was made."""
        path = self.path(number)
        seal = self._read(f"{path.stem}{SEAL}")
        try:
            if seal is None or path.is_symlink() or _sha256(path) != seal["sha256"]:
                return None
            return int(seal["frames"])
        except (OSError, LookupError, TypeError, ValueError):
            return None

    def remove(self) -> None:
        """Remove the folder; the run that holds it is done."""
        self._empty()
        with contextlib.suppress(OSError):
            (self.folder / LOCK).unlink()
            self.folder.rmdir()

    def _locked(self) -> FileLock:
        if not _is_own(self.folder):
            # Somebody else's, or a link to another place: no shots are looked for there.
            self.folder = self.folder.with_name(f"{self.folder.name}.{secrets.token_hex(4)}")
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / LOCK
        if path.is_symlink():
            path.unlink()
        lock = FileLock(path, timeout=0)
        try:
            lock.acquire()
            if _is_held(path):
                return lock
            lock.release()  # of a folder that the run before has removed meanwhile
        except Timeout:
            pass
        raise PhotoError(f"another run is at work on {self._target}")

    def _empty(self) -> None:
        """Remove all but the lock."""
        for entry in os.scandir(self.folder):
            if entry.name == LOCK:
                continue
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                Path(entry.path).unlink(missing_ok=True)

    def _read(self, name: str) -> dict[str, Any] | None:
        path = self.folder / name
        try:
            found = None if path.is_symlink() else json.loads(path.read_text("utf-8"))
        except (OSError, RecursionError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def _write(self, name: str, content: dict[str, Any]) -> None:
        new = self.new()
        try:
            with new.open("x", encoding="utf-8") as file:
                json.dump(content, file)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.folder / name)
        finally:
            new.unlink(missing_ok=True)


def _is_own(folder: Path) -> bool:
    """Whether a folder is ours, or can be made."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return True
    mine = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    return stat.S_ISDIR(found.st_mode) and mine


def _is_held(path: Path) -> bool:
    """Whether the lock of that name is taken: not only one that had the name before."""
    other = FileLock(path, timeout=0)
    try:
        other.acquire()
    except Timeout:
        return True
    other.release()
    return False


def _short(name: str) -> str:
    """A name, or its beginning and what tells it from others that begin so."""
    encoded = os.fsencode(name)
    if len(encoded) <= LONGEST:
        return name
    mark = hashlib.sha256(encoded).hexdigest()[:12]
    return f"{encoded[:LONGEST].decode(errors='ignore')}.{mark}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
