"""Puts retint into the menus of this user's desktop, and removes it, as the system has it."""

from __future__ import annotations

import platform
from types import ModuleType


def install() -> list[str]:
    """Write all entries and return their names.

    Raises
    ------
    PhotoError
        If one cannot be written, or something else has its name; then none is installed.
    """
    return list(map(str, _system().install()))


def remove() -> list[str]:
    """Remove all entries, and nothing else, and return their names.

    Raises PhotoError if one cannot be removed.
    """
    return list(map(str, _system().remove()))


def _system() -> ModuleType:
    """The module for this system."""
    from retint.desktop import linux, macos, windows

    return {"Windows": windows, "Darwin": macos}.get(platform.system(), linux)
