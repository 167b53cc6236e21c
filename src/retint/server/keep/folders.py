"""Private folders of a server in the temporary directory, gone with it.

Its process keeps a folder locked, so that a later server knows what a dead one has left behind.
"""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has none; there nothing is known of other servers' folders
    fcntl = None  # type: ignore[assignment]

PREFIX = "retint-serve-"
TRIES = 5
"""How often a folder is removed into which a thread may still write."""

HOW = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)

_own: dict[Path, int | None] = {}
"""The locks of this process, by their folders."""


def create() -> Path:
    """A folder that only its owner can look into, until `remove` or the end of the process."""
    if not _own:
        atexit.register(remove_all)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        if fcntl is None:
            _own[folder] = None
            return folder
        lock = os.open(folder, HOW)
        if _is_locked(lock) and folder.exists():
            _own[folder] = lock
            return folder
        os.close(lock)  # another server has just taken it for a leftover


def remove(folder: Path) -> None:
    """Remove one of this process."""
    for _ in range(TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            break
    lock = _own.pop(folder, None)
    if lock is not None:
        os.close(lock)


def remove_all() -> None:
    """Remove all of this process."""
    for folder in list(_own):
        remove(folder)


def sweep() -> None:
    """Remove what dead servers of the same user have left."""
    if fcntl is None:
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            _remove_leftover(folder)


def _remove_leftover(folder: Path) -> None:
    lock = os.open(folder, HOW)  # no link, and nothing but a folder
    try:
        said = os.fstat(lock)
        ours = said.st_uid == os.getuid() and stat.S_IMODE(said.st_mode) == 0o700
        if ours and _is_locked(lock):
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def _is_locked(lock: int) -> bool:
    """Lock it for this process; whether that was possible."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
