"""Tells a person at a desktop, who sees no terminal, how the work goes."""

from __future__ import annotations

import ctypes
import platform
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from retint.desktop.entries import ICON

LONGEST = 400
"""Characters of a notification."""
MAC = (
    "on run given",
    "display notification (item 2 of given) with title (item 1 of given)",
    "end run",
)
"""A script that shows its arguments, which need no quotes there."""
ERROR_ICON = 0x10
"""Of a box on Windows."""


def show(title: str, text: str = "", *, failed: bool = False) -> None:
    """Show a notification, if there is the program for it.

    On Windows, the entries open a console: titles appear there, and failures in a box, since the
    console closes at the end.
    """
    text = text[:LONGEST]
    if platform.system() == "Windows":
        print(title, flush=True)
        system: Any = getattr(ctypes, "windll", None)
        if failed and system is not None:
            system.user32.MessageBoxW(None, f"{title}\n\n{text}", "retint", ERROR_ICON)
    elif platform.system() == "Darwin":
        lines = [word for line in MAC for word in ("-e", line)]
        _call("osascript", [*lines, "--", title, text])
    else:
        _call("notify-send", ["--app-name=retint", f"--icon={ICON}", "--", title, text])


def _call(name: str, arguments: Sequence[str]) -> None:
    program = shutil.which(name)
    if program is not None:
        with suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run([program, *arguments], check=False, timeout=5, capture_output=True)
