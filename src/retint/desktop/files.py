"""Puts entries that are files into the user's folders, and removes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from retint.desktop.commands import MARK
from retint.errors import PhotoError, cannot_write, reason
from retint.files.atomic import partials


def write(contents: Mapping[Path, bytes], stop: Iterable[Path]) -> None:
    """Write all files, and make their folders.

    Parameters
    ----------
    stop
        Folders that are never removed; those below them are if nothing is in them.

    Raises
    ------
    PhotoError
        If one cannot be written, or another file has its name; then none is written.
    """
    new = [path for path in contents if not is_ours(path)]
    try:
        for path in contents:
            path.parent.mkdir(parents=True, exist_ok=True)
        with partials(list(contents), new=new) as files:
            for file, content in zip(files, contents.values(), strict=True):
                file.write_bytes(content)
                file.chmod(0o755)  # asked of scripts and of KDE's entries
    except FileExistsError as error:
        remove_folders(contents, stop)
        raise PhotoError(f"{error.filename} exists and is not from retint") from None
    except OSError as error:
        remove_folders(contents, stop)
        raise cannot_write(error.filename, error) from error


def remove(
    paths: Iterable[Path], stop: Iterable[Path], ours: Callable[[Path], bool] | None = None
) -> list[Path]:
    """Remove the files that are from retint, and folders that are empty then.

    Raises PhotoError if one cannot be removed.
    """
    removed = []
    for path in filter(ours or is_ours, paths):
        try:
            path.unlink()
        except OSError as error:
            raise PhotoError(f"cannot remove {path}: {reason(error)}") from error
        removed.append(path)
    remove_folders(paths, stop)
    return removed


def remove_folders(paths: Iterable[Path], stop: Iterable[Path]) -> None:
    """Remove the folders of files that are empty, up to those in `stop`."""
    kept = set(stop)
    for path in paths:
        for folder in path.parents:
            if folder in kept:
                break
            with suppress(OSError):  # it is missing, or others use it
                folder.rmdir()


def is_ours(path: Path) -> bool:
    """Whether a file has the mark of retint."""
    return contains(path, MARK.encode())


def contains(path: Path, mark: bytes) -> bool:
    """Whether a regular file contains bytes."""
    try:
        return path.is_file() and mark in path.read_bytes()
    except OSError:
        return False
