"""Writes files so that they appear under their names only when complete."""

from __future__ import annotations

import errno
import os
import re
import secrets
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from retint.errors import PhotoError, reason

LONGEST = 100
"""Bytes of a file's name that its partial file contains. File systems allow 255 in all, and 143 if
they encrypt names.
"""
PARTIAL = re.compile(r"\..+\.([0-9a-f]{6})[0-9a-f]{2}\.partial", re.DOTALL)
"""Pattern of partial files: with the number of the writing process, and a random number."""
UNFINISHED_SECONDS = 600
"""Seconds without writes after which a partial file counts as left by a killed run."""


def make_folder(folder: Path) -> None:
    """Create a folder and those above it, unless it exists; raises PhotoError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhotoError(f"cannot create the folder {folder}: {reason(error)}") from error


def is_partial(name: str) -> bool:
    """Whether the name is that of a partial file."""
    return PARTIAL.fullmatch(name) is not None


def is_old(path: Path) -> bool:
    """Whether a file was not written to for `UNFINISHED_SECONDS`."""
    try:
        return path.lstat().st_mtime < time.time() - UNFINISHED_SECONDS
    except OSError:
        return False


def is_abandoned(path: Path) -> bool:
    """Whether the process of this computer that was writing a file has ended."""
    found = PARTIAL.fullmatch(path.name)
    return found is not None and (is_old(path) or not lives(int(found[1], 16)))


def lives(process: int) -> bool:
    """Whether a process of this computer runs; True if unknown."""
    if sys.platform == "win32":
        return True  # on Windows, this call would end the process
    try:
        os.kill(process, 0)
    except PermissionError:
        return True  # a process of another user
    except OSError:
        return False
    return True


def too_long(path: Path) -> str:
    """Why no file can have a name; empty if it is not too long for its file system."""
    if sys.platform == "win32":
        length, most = len(path.name.encode("utf-16-le")) // 2, 255
    else:
        length = len(os.fsencode(path.name))
        if length <= LONGEST:
            return ""
        folder = next((each for each in path.absolute().parents if os.path.isdir(each)), "/")  # noqa: PTH112
        most = os.pathconf(folder, "PC_NAME_MAX")
    if length <= most:
        return ""
    return f"a name of {length} bytes is longer than the {most} that the file system allows"


def is_taken(path: Path) -> bool:
    """Whether a path exists, including broken links."""
    return os.path.lexists(path)


@contextmanager
def partials(targets: list[Path], *, new: Collection[Path] = ()) -> Iterator[list[Path]]:
    """Yield temporary paths beside the targets; afterwards all are renamed to the targets, or none
    is.

    No partial file remains in any case, including Ctrl-C.

    Parameters
    ----------
    new
        Targets that must not replace anything, including files that appeared a moment ago.

    Raises
    ------
    FileExistsError
        If one of those exists; `filename` names it.
    OSError
        If a file cannot be renamed.
    """
    found = _partial_names(targets)
    made: list[Path] = []
    try:
        yield found
        for partial, target in zip(found, targets, strict=True):
            if target in new:
                put_new(partial, target)
                made.append(target)
            else:
                partial.replace(target)
        made.clear()
    finally:
        for partial in (*found, *made):
            partial.unlink(missing_ok=True)


def write(target: Path, content: bytes | str) -> None:
    """Write a file atomically; an existing file or link is replaced, and links are not followed."""
    content = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    with partials([target]) as (partial,), partial.open("xb") as file:
        file.write(content)


def put_new(partial: Path, target: Path) -> None:
    """Rename a file to a name that does not exist yet.

    The partial name may remain. Raises FileExistsError, and OSError if it cannot be renamed.
    """
    try:
        if sys.platform == "win32":
            partial.rename(target)  # which does not replace files on Windows
            return
        os.link(partial, target)
    except FileExistsError:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
    except OSError:
        # A file system without hard links: an empty file reserves the name until it is replaced.
        with target.open("xb"):
            pass
        try:
            partial.replace(target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise


def _partial_names(targets: Sequence[Path]) -> list[Path]:
    """Temporary names, all different: shortened, those of the targets may be the same."""
    start = secrets.randbelow(256)
    marks = [f"{os.getpid():06x}{(start + k) % 256:02x}" for k in range(len(targets))]
    return [
        target.with_name(f".{_shorten(target.name)}.{mark}.partial")
        for target, mark in zip(targets, marks, strict=True)
    ]


def _shorten(name: str) -> str:
    return os.fsencode(name)[:LONGEST].decode(errors="ignore")
