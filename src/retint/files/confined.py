"""Safe file access in untrusted folders: only regular files are opened, and none outside.

A link in a downloaded folder may lead to a file of the user, and opening a pipe would block.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from contextlib import suppress
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO, cast

from retint.errors import PhotoError

_FLAGS = {
    "rb": os.O_RDONLY,
    "ab": os.O_WRONLY | os.O_APPEND | os.O_CREAT,
    "xb": os.O_WRONLY | os.O_CREAT | os.O_EXCL,
}
_ALWAYS = sum(
    getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY")
)
"""Flags, where available: do not follow links, do not wait for pipes."""


ENDLESS = "it is a pipe or a device"


def open_plain(path: Path, mode: str) -> BinaryIO:
    """Open a regular file that has no other name.

    Parameters
    ----------
    mode
        "rb", "ab", or "xb" for a file that does not exist yet.

    Raises
    ------
    OSError
        If it is a link, has a second name, is a folder, a pipe or a device, or cannot be opened.
    """
    if mode != "xb":  # which opens no existing file
        with suppress(FileNotFoundError):
            _refuse_odd(path.lstat(), path)  # opening some devices has side effects
    file = os.open(path, _FLAGS[mode] | _ALWAYS, 0o666)
    try:
        _refuse_odd(os.fstat(file), path)
        return cast(BinaryIO, os.fdopen(file, mode.replace("x", "w")))
    except BaseException:
        os.close(file)
        raise


def open_existing(path: Path) -> io.BufferedReader:
    """Open a file for reading that a user has named; links are followed.

    Pipes that a shell makes (`/dev/fd/63`, `/dev/stdin`) have no place in a folder, and are read.

    Raises
    ------
    OSError
        If it is a pipe or a device in a folder, which may never end, or cannot be opened.
    """
    try:
        mode = os.lstat(os.path.realpath(path)).st_mode
    except OSError:  # opening it tells what is wrong
        mode = 0
    if any(is_kind(mode) for is_kind in (stat.S_ISFIFO, stat.S_ISCHR, stat.S_ISBLK)):
        raise OSError(errno.EPERM, ENDLESS, str(path))
    return path.open("rb")


def is_plain(path: Path) -> bool:
    """Whether a path is a regular file, not a link."""
    return stat.S_ISREG(path.lstat().st_mode)


def is_below(name: str) -> bool:
    """Whether a name from an untrusted file denotes a path below a folder.

    It must be relative, without `..`, and must not contain a drive or an address.
    """
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or "\0" in name:
        return False
    if os.name == "nt":
        there = PureWindowsPath(name)
        # On Windows, a colon denotes a drive or an alternate stream of another file.
        return ".." not in there.parts and not there.root and ":" not in name
    return True


def leads_out(path: Path, folder: Path) -> bool:
    """Whether a path below a folder leads outside through a link."""
    return not path.resolve().is_relative_to(folder.resolve())


def check_folder(target: Path, folder: Path) -> None:
    """Raise PhotoError if a link in an output folder leads a target outside."""
    if leads_out(target.parent, folder):
        raise PhotoError(f"{target.parent} leads out of {folder} through a link")


def _refuse_odd(found: os.stat_result, path: Path) -> None:
    if stat.S_ISLNK(found.st_mode):
        why = "it is a link"
    elif stat.S_ISDIR(found.st_mode):
        why = "it is a folder"
    elif not stat.S_ISREG(found.st_mode):
        why = ENDLESS
    elif found.st_nlink > 1:
        why = "it has a second name (a hard link)"
    else:
        return
    raise OSError(errno.EPERM, why, str(path))
