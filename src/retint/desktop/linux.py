"""The entries of Linux desktops, in the user's folders (XDG Base Directory Specification)."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from retint.desktop import entries, files
from retint.desktop.commands import COLOR, NAME, SERVE

EMPTY_CACHE = "[MIME Cache]"
"""Content of the cache of desktop files if there are none with types."""


def install() -> list[Path]:
    """Write all entries and return their paths; raises PhotoError as `files.write`."""
    wanted = {path: text.encode() for path, text in _files()}
    files.write(wanted, (_data(), _config()))
    _update()
    return list(wanted)


def remove() -> list[Path]:
    """Remove all entries, and folders that are empty then; returns the paths of the entries.

    Raises PhotoError if one cannot be removed.
    """
    paths = [path for path, _ in _files()]
    removed = files.remove(paths, (_data(), _config()))
    if removed:
        _update()
        files.remove_folders(paths, (_data(), _config()))
    return removed


def _files() -> Iterator[tuple[Path, str]]:
    """Paths and contents of all entries."""
    yield _applications() / "retint.desktop", entries.application(COLOR)
    yield _applications() / "retint-page.desktop", entries.page(SERVE)
    yield _data() / "kio" / "servicemenus" / "retint.desktop", entries.service_menu(COLOR)
    yield _data() / "file-manager" / "actions" / "retint.desktop", entries.action(COLOR)
    for manager in (_data() / "nautilus", _data() / "nemo", _config() / "caja"):
        yield manager / "scripts" / NAME, entries.script(COLOR)


def _data() -> Path:
    return _base("XDG_DATA_HOME", ".local/share")


def _config() -> Path:
    return _base("XDG_CONFIG_HOME", ".config")


def _base(variable: str, otherwise: str) -> Path:
    stated = Path(os.environ.get(variable, ""))
    return stated if stated.is_absolute() else Path.home() / otherwise


def _applications() -> Path:
    return _data() / "applications"


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
