"""Puts the entries into the user's folders (XDG Base Directory Specification), and removes them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from retint.desktop import entries
from retint.errors import PhotoError, reason
from retint.files.atomic import partials

EMPTY_CACHE = "[MIME Cache]"
"""Content of the cache of desktop files if there are none with types."""
_COMMAND = (sys.executable, "-P", "-m", "retint")
"""Found whatever the search path of a desktop is; imports nothing from the folder of the pictures,
in which file managers start it.
"""
COLOR = (*_COMMAND, "desktop", "color", "--")
SERVE = (*_COMMAND, "serve", "--open")


def install() -> list[Path]:
    """Write all entries and return their paths.

    Raises
    ------
    PhotoError
        If one cannot be written, or another file has its name; then none is installed.
    """
    wanted = dict(_files())
    ours = [path for path in wanted if _is_ours(path)]
    new = [path for path in wanted if path not in ours]
    try:
        for path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
        with partials(list(wanted), new=new) as files:
            for file, content in zip(files, wanted.values(), strict=True):
                file.write_text(content, "utf-8")
                file.chmod(0o755)  # asked of scripts and of KDE's entries
    except FileExistsError as error:
        _remove_folders()
        raise PhotoError(f"{error.filename} exists and is not from retint") from None
    except OSError as error:
        _remove_folders()
        raise PhotoError(f"cannot write {error.filename}: {reason(error)}") from error
    _update()
    return list(wanted)


def remove() -> list[Path]:
    """Remove all entries, and folders that are empty then; returns the paths of the entries.

    Raises PhotoError if one cannot be removed.
    """
    removed = []
    for path, _ in _files():
        if not _is_ours(path):
            continue
        try:
            path.unlink()
        except OSError as error:
            raise PhotoError(f"cannot remove {path}: {reason(error)}") from error
        removed.append(path)
    if removed:
        _update()
    _remove_folders()
    return removed


def _remove_folders() -> None:
    """Remove the folders of the entries that are empty."""
    for path, _ in _files():
        for folder in path.parents:
            if folder in (_data(), _config()):
                break
            with suppress(OSError):  # it is missing, or others use it
                folder.rmdir()


def _files() -> Iterator[tuple[Path, str]]:
    """Paths and contents of all entries."""
    yield _applications() / "retint.desktop", entries.application(COLOR)
    yield _applications() / "retint-page.desktop", entries.page(SERVE)
    yield _data() / "kio" / "servicemenus" / "retint.desktop", entries.service_menu(COLOR)
    for manager in (_data() / "nautilus", _data() / "nemo", _config() / "caja"):
        yield manager / "scripts" / entries.NAME, entries.script(COLOR)


def _data() -> Path:
    return _base("XDG_DATA_HOME", ".local/share")


def _config() -> Path:
    return _base("XDG_CONFIG_HOME", ".config")


def _base(variable: str, otherwise: str) -> Path:
    stated = Path(os.environ.get(variable, ""))
    return stated if stated.is_absolute() else Path.home() / otherwise


def _applications() -> Path:
    return _data() / "applications"


def _is_ours(path: Path) -> bool:
    try:
        return path.is_file() and entries.MARK in path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def _update() -> None:
    """Let desktops know the types of the entries, if the program for that is there."""
    folder = _applications()
    program = shutil.which("update-desktop-database")
    if program is not None and folder.is_dir():
        subprocess.run([program, str(folder)], check=False, capture_output=True)
    cache = folder / "mimeinfo.cache"
    with suppress(OSError):
        if cache.read_text("utf-8").strip() == EMPTY_CACHE:
            cache.unlink()
