"""The entries of Windows: *Send to*, *Open with*, the menu of files and folders, the start menu."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from retint.desktop import files
from retint.desktop.commands import COLOR, NAME, SERVE
from retint.desktop.registry import Registry
from retint.errors import PhotoError, reason
from retint.files.formats import READABLE
from retint.film.containers import ENDINGS, SHARED

CLASSES = r"Software\Classes"
TYPE = "retint.file"
"""The type of files whose program is retint; no file has it by default."""
MENUS = (r"SystemFileAssociations\image", r"SystemFileAssociations\video", "Directory")
OURS = "-m retint "
"""A part of the commands of all entries."""
ASSOCIATIONS_CHANGED = 0x08000000
SHORTCUT = """\
$ErrorActionPreference = 'Stop'
$link = (New-Object -ComObject WScript.Shell).CreateShortcut($env:RETINT_LINK)
$link.TargetPath = $env:RETINT_TARGET
$link.Arguments = $env:RETINT_ARGUMENTS
$link.Save()
"""
"""Makes a shortcut; paths come in the environment, where nothing needs quotes."""


def install() -> list[str]:
    """Write all entries and return their names.

    Raises
    ------
    PhotoError
        If one cannot be written, or something else has its name; then none is installed.
    """
    registry = Registry()
    for key, shown in _trees():
        if registry.has(key) and OURS not in (registry.read(shown) or ""):
            raise PhotoError(rf"HKEY_CURRENT_USER\{key} exists and is not from retint")
    for link, _ in _links():
        if link.exists() and not _is_our_link(link):
            raise PhotoError(f"{link} exists and is not from retint")
    try:
        for link, command in _links():
            _make_link(link, command)
        for key, name, value in _values():  # commands first, by which entries are known
            registry.write(key, name, value)
    except OSError as error:
        remove()
        raise PhotoError(f"cannot write the entries: {reason(error)}") from error
    except PhotoError:
        remove()
        raise
    _update()
    return [*(str(link) for link, _ in _links()), *_keys()]


def remove() -> list[str]:
    """Remove all entries, and keys that are empty then, and return their names.

    Raises PhotoError if one cannot be removed.
    """
    registry = Registry()
    removed = []
    try:
        for key, command in _trees():
            if registry.has(key) and OURS in (registry.read(command) or ""):
                registry.remove_tree(key)
                removed.append(rf"HKEY_CURRENT_USER\{key}")
            registry.remove_empty(command, CLASSES)  # also what is left of one half written
        for key in map(_openers, _endings()):
            registry.remove(key, TYPE)
            registry.remove_empty(key, CLASSES)
    except OSError as error:
        raise PhotoError(f"cannot remove the entries: {reason(error)}") from error
    folders = [_start_menu(), _roaming()]
    links = files.remove([link for link, _ in _links()], folders, _is_our_link)
    if removed:
        _update()
    return [*map(str, links), *removed]


def _links() -> Iterator[tuple[Path, Sequence[str]]]:
    """Paths and commands of all shortcuts; files that are sent to one follow its command."""
    windows = _roaming() / "Microsoft" / "Windows"
    yield windows / "SendTo" / f"{NAME}.lnk", COLOR
    yield _start_menu() / "retint.lnk", SERVE


def _roaming() -> Path:
    return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")


def _start_menu() -> Path:
    return _roaming() / "Microsoft" / "Windows" / "Start Menu" / "Programs"


def _trees() -> Iterator[tuple[str, str]]:
    """Keys that are retint's with all that is in them, and those of their commands."""
    yield rf"{CLASSES}\{TYPE}", rf"{CLASSES}\{TYPE}\shell\open\command"
    for menu in MENUS:
        yield rf"{CLASSES}\{menu}\shell\retint", rf"{CLASSES}\{menu}\shell\retint\command"


def _keys() -> list[str]:
    return [rf"HKEY_CURRENT_USER\{key}" for key, _ in _trees()]


def _endings() -> list[str]:
    """Suffixes of the files that retint opens."""
    return [*READABLE, *(each for each in ENDINGS if each not in SHARED)]


def _openers(ending: str) -> str:
    """The key with the programs of *Open with* for a suffix."""
    return rf"{CLASSES}\{ending}\OpenWithProgids"


def _values() -> Iterator[tuple[str, str, str]]:
    """Keys, names and values of all entries of the registry."""
    command = f'{subprocess.list2cmdline(COLOR)} "%1"'
    for _, key in _trees():
        yield key, "", command
    yield rf"{CLASSES}\{TYPE}", "", NAME
    yield rf"{CLASSES}\{TYPE}\Application", "ApplicationName", NAME
    for menu in MENUS:
        yield rf"{CLASSES}\{menu}\shell\retint", "MUIVerb", NAME
    for ending in _endings():
        yield _openers(ending), TYPE, ""


def _is_our_link(link: Path) -> bool:
    return files.contains(link, OURS.encode("utf-16-le"))


def _make_link(link: Path, command: Sequence[str]) -> None:
    """Make a shortcut; raises PhotoError or OSError."""
    link.parent.mkdir(parents=True, exist_ok=True)
    system = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32"
    powershell = system / "WindowsPowerShell" / "v1.0" / "powershell.exe"
    given = {
        "RETINT_LINK": str(link),
        "RETINT_TARGET": command[0],
        "RETINT_ARGUMENTS": subprocess.list2cmdline(command[1:]),
    }
    call = [str(powershell), "-NoProfile", "-NonInteractive", "-Command", SHORTCUT]
    done = subprocess.run(
        call, check=False, capture_output=True, stdin=subprocess.DEVNULL, env=os.environ | given
    )
    if done.returncode or not link.exists():
        raise PhotoError(f"cannot write {link}: PowerShell made no shortcut")


def _update() -> None:
    """Let Explorer read the entries."""
    shell: Any = getattr(ctypes, "windll", None)
    if shell is not None:
        with suppress(OSError):
            shell.shell32.SHChangeNotify(ASSOCIATIONS_CHANGED, 0, None, None)
