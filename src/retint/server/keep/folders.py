"""Private temporary folders of a server, which are removed with it.

The process keeps each folder locked, so a later server recognises the folders of a dead one.
"""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from retint.files.lock import UNSUPPORTED

try:
    import fcntl
except ImportError:  # Windows has none, so folders of other servers cannot be recognised
    fcntl = None  # type: ignore[assignment]

PREFIX = "retint-serve-"
TRIES = 5
"""Attempts to remove a folder that a thread may still write to."""

HOW = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)

_own: dict[Path, int | None] = {}
"""Locks of this process, by folder."""


def create() -> Path:
    """Create a folder that only its owner can access, until `remove` or the end of the process."""
    if not _own:
        atexit.register(remove_all)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        if fcntl is None:
            _own[folder] = None
            return folder
        lock = os.open(folder, HOW)
        try:
            if _is_locked(lock) and folder.exists():
                _own[folder] = lock
                return folder
        except OSError:  # a drive without locks: its folders cannot be recognised either
            os.close(lock)
            _own[folder] = None
            return folder
        os.close(lock)  # another server has just removed it as a leftover


def remove(folder: Path) -> None:
    """Remove a folder of this process."""
    for _ in range(TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            break
    lock = _own.pop(folder, None)
    if lock is not None:
        os.close(lock)


def remove_all() -> None:
    """Remove all folders of this process."""
    for folder in list(_own):
        remove(folder)


def sweep() -> None:
    """Remove the folders of dead servers of the same user."""
    if fcntl is None:
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            _remove_leftover(folder)


def _remove_leftover(folder: Path) -> None:
    lock = os.open(folder, HOW)  # refuses links and anything but folders
    try:
        said = os.fstat(lock)
        ours = said.st_uid == os.getuid() and stat.S_IMODE(said.st_mode) == 0o700
        if ours and _is_locked(lock):
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def _is_locked(lock: int) -> bool:
    """Try to lock it for this process; return whether that succeeded.

    Raises OSError if the file system has no locks.
    """
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in UNSUPPORTED:
            raise
        return False
    return True
