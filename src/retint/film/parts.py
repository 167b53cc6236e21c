"""The folder beside a film in which finished shots are stored until they are joined."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import logging
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from retint.errors import PhotoError, reason
from retint.files.confined import open_plain
from retint.files.lock import HeldError, Lock
from retint.film.opening import PART

LOG = logging.getLogger(__name__)
LONGEST = 90
"""Bytes of the film's name that the folder's name contains, as in `files.atomic`."""
LARGEST = 1 << 24
"""Bytes of a JSON file that are read; own ones have some thousands."""
KEY, LOCK, NEW, SEAL, NOTE = "key.json", "lock", ".new", ".json", ".note"
"""Names and suffixes in the folder. They differ from those that cleanup of batch folders removes.
"""


class Parts:
    """Finished shots of one film, used by one run at a time.

    Parameters
    ----------
    target
        The film that the shots belong to.
    key
        Everything that they depend on.
    """

    def __init__(self, target: Path, key: dict[str, Any]) -> None:
        self.folder = target.with_name(f".{_short(target.name)}.retint-shots")
        self._target = target
        self._key = key
        self._own: set[str] = set()
        """Names of the files of the lock."""

    @contextlib.contextmanager
    def locked(self, *, resume: bool) -> Iterator[None]:
        """Lock the folder; it is emptied unless a run with the same options has left it. It remains
        while there are finished shots, until it is removed.

        Raises
        ------
        PhotoError
            If another run has locked it, or it cannot be created.
        """
        try:
            lock = self._locked()
        except OSError as error:
            raise PhotoError(f"cannot create {self.folder}: {reason(error)}") from error
        try:
            if not resume or self._read(KEY) != self._key:
                self._empty()
                self._write(KEY, self._key)
            yield
        finally:
            if not any(self.folder.glob(f"*.{PART}")):
                with contextlib.suppress(FileNotFoundError):  # already removed
                    self.remove()
            lock.release()

    def new(self) -> Path:
        """A path for a new temporary file, which the caller must move or remove."""
        return self.folder / f"{secrets.token_hex(8)}{NEW}"

    def path(self, number: int) -> Path:
        """Path of a finished shot."""
        return self.folder / f"{number:06d}.{PART}"

    def keep(self, made: Path, number: int, frames: int) -> None:
        """Store a finished shot of that many frames; raises OSError."""
        path = self.path(number)
        self._put(made, path)
        self._write(f"{path.stem}{SEAL}", {"frames": frames, "sha256": _sha256(path)})

    def frames(self, number: int) -> int | None:
        """Number of frames of a finished shot; None if there is none, or it was changed."""
        path = self.path(number)
        seal = self._read(f"{path.stem}{SEAL}")
        try:
            if seal is None or _sha256(path) != seal["sha256"]:
                return None
            return int(seal["frames"])
        except (OSError, LookupError, OverflowError, TypeError, ValueError):
            return None

    def note(self, number: int, said: dict[str, Any]) -> None:
        """Store something about a shot, as JSON values; raises OSError."""
        self._write(f"{number:06d}{NOTE}", said)

    def notes(self) -> dict[str, Any]:
        """What is noted about all shots, together."""
        names = sorted(each.name for each in self.folder.glob(f"*{NOTE}"))
        return {key: value for name in names for key, value in (self._read(name) or {}).items()}

    def remove(self) -> None:
        """Remove the folder; the run that holds it has finished."""
        self._empty()
        with contextlib.suppress(OSError):
            for name in self._own:
                (self.folder / name).unlink()
            self.folder.rmdir()

    def _locked(self) -> Lock:
        if not _is_own(self.folder):
            # It belongs to another user, or links elsewhere: it is not used.
            self.folder = self.folder.with_name(f"{self.folder.name}.{secrets.token_hex(4)}")
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(OSError):  # a drive without permissions
            self.folder.chmod(0o700)  # it may have come out of an archive
        path = self.folder / LOCK
        if path.is_symlink():
            path.unlink()
        lock = Lock(path)
        try:
            lock.acquire()
        except HeldError as error:
            who = f" ({error})" if str(error) else ""
            raise PhotoError(f"another run is working on {self._target}{who}") from None
        if not lock.is_current():
            lock.release()  # of a folder that the run before removed in the meantime
            raise PhotoError(f"another run is working on {self._target}")
        self._own = {LOCK, lock.marker.name}
        if lock.remark:
            LOG.warning("retint: %s: %s", self.folder, lock.remark)
        return lock

    def _empty(self) -> None:
        """Remove everything except the lock."""
        for entry in os.scandir(self.folder):
            if entry.name in self._own:
                continue
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                Path(entry.path).unlink(missing_ok=True)

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            with open_plain(self.folder / name, "rb") as file:
                found = json.loads(file.read(LARGEST))
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
            self._put(new, self.folder / name)
        finally:
            new.unlink(missing_ok=True)

    @staticmethod
    def _put(new: Path, path: Path) -> None:
        """Rename a file to a name in the folder, whatever has it; raises OSError."""
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        new.replace(path)


def _is_own(folder: Path) -> bool:
    """Whether a folder belongs to this user, or can be created."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return True
    mine = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    return stat.S_ISDIR(found.st_mode) and mine


def _short(name: str) -> str:
    """A name, or its beginning with a hash if it is too long."""
    encoded = os.fsencode(name)
    if len(encoded) <= LONGEST:
        return name
    mark = hashlib.sha256(encoded).hexdigest()[:12]
    return f"{encoded[:LONGEST].decode(errors='ignore')}.{mark}"


def _sha256(path: Path) -> str:
    with open_plain(path, "rb") as file:
        return hashlib.file_digest(cast(io.BufferedReader, file), "sha256").hexdigest()
