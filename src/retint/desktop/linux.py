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

DATA, CONFIG = "XDG_DATA_HOME", "XDG_CONFIG_HOME"
EMPTY_CACHE = "[MIME Cache]"
"""Content of the cache of desktop files if there are none with types."""


def install() -> list[Path]:
    """Write all entries and return their paths; raises PhotoError as `files.write`."""
    wanted = {path: text.encode() for path, text in _files()}
    files.write(wanted, _kept())
    _update()
    return list(wanted)


def remove() -> list[Path]:
    """Remove all entries, and folders that are empty then; returns the paths of the entries.

    Raises PhotoError if one cannot be removed.
    """
    paths = [path for path, _ in _files()]
    removed = files.remove(paths, _kept())
    if removed:
        _update()
        files.remove_folders(paths, _kept())
    return removed


def _files() -> Iterator[tuple[Path, str]]:
    """Paths and contents of all entries."""
    yield _applications() / "retint.desktop", entries.application(COLOR)
    yield _applications() / "retint-page.desktop", entries.page(SERVE)
    yield _data() / "kio" / "servicemenus" / "retint.desktop", entries.service_menu(COLOR)
    yield _data() / "file-manager" / "actions" / "retint.desktop", entries.action(COLOR)
    for manager in (_data() / "nautilus", _data() / "nemo", _config() / "caja"):
        yield manager / "scripts" / NAME, entries.script(COLOR)


def _kept() -> set[Path]:
    """Folders that stay, even if they are empty: the home, and those that the user names."""
    return {Path.home(), *filter(None, (_stated(DATA), _stated(CONFIG)))}


def _data() -> Path:
    return _stated(DATA) or Path.home() / ".local" / "share"


def _config() -> Path:
    return _stated(CONFIG) or Path.home() / ".config"


def _stated(variable: str) -> Path | None:
    path = Path(os.environ.get(variable, ""))
    return path if path.is_absolute() else None


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
