"""Files that appear under their names only when they are complete."""

from __future__ import annotations

import errno
import os
import re
import secrets
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST = 200
"""Bytes of a file's name that its partial file repeats: file systems allow 255 in all."""
PARTIAL = re.compile(r"\..+\.([0-9a-f]{6})[0-9a-f]{2}\.partial", re.DOTALL)
"""How a partial file is called: with the number of the process that writes it, and a random one."""
UNFINISHED_SECONDS = 600
"""After which a partial file that nobody has written to is taken for one of a killed run."""


def is_partial(name: str) -> bool:
    """Whether a file of that name is one that was being written."""
    return PARTIAL.fullmatch(name) is not None


def is_old(path: Path) -> bool:
    """Whether nobody has written to a file for `UNFINISHED_SECONDS`."""
    try:
        return path.lstat().st_mtime < time.time() - UNFINISHED_SECONDS
    except OSError:
        return False


def is_abandoned(path: Path) -> bool:
    """Whether a file was being written by a process of this computer that lives no more."""
    found = PARTIAL.fullmatch(path.name)
    return found is not None and (is_old(path) or not _lives(int(found[1], 16)))


def _lives(process: int) -> bool:
    if sys.platform == "win32":
        return True  # there, asking would end it
    try:
        os.kill(process, 0)
    except PermissionError:
        return True  # somebody else's
    except OSError:
        return False
    return True


def is_taken(path: Path) -> bool:
    """Whether something has a name, a link that leads nowhere included."""
    return os.path.lexists(path)


@contextmanager
def partials(targets: list[Path], *, new: Collection[Path] = ()) -> Iterator[list[Path]]:
    """Places beside the targets to write to; afterwards all get the targets' names, or none does.

    Whatever happens, Ctrl-C too, no partial file stays.

    Parameters
    ----------
    new
        Targets that are to replace nothing, not even what appeared a moment ago.

    Raises
    ------
    FileExistsError
        If one of those is there; `filename` is which.
    OSError
        If a file cannot get its name.
    """
    mark = f"{os.getpid():06x}{secrets.token_hex(1)}"
    found = [each.with_name(f".{_shortened(each.name)}.{mark}.partial") for each in targets]
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
    """Write a file in one stroke, over whatever has its name: a link is replaced, not followed."""
    content = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    with partials([target]) as (partial,), partial.open("xb") as file:
        file.write(content)


def put_new(partial: Path, target: Path) -> None:
    """Give a file a name that nothing has.

    It may keep its partial name beside. Raises FileExistsError, and OSError where it can have none.
    """
    try:
        if sys.platform == "win32":
            partial.rename(target)  # which replaces nothing there
            return
        os.link(partial, target)
    except FileExistsError:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
    except OSError:
        # A file system without hard links. The name is taken by an empty file, for the moment
        # until the whole one replaces it.
        with target.open("xb"):
            pass
        try:
            partial.replace(target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise


def _shortened(name: str) -> str:
    return os.fsencode(name)[:LONGEST].decode(errors="ignore")
