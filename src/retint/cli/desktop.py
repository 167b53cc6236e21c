"""`retint desktop`: retint in the menus of Linux desktops."""

from __future__ import annotations

import contextlib
import io
import platform
import shutil
import subprocess
from pathlib import Path

import click
import cloup

from retint.cli.colorize import colorize
from retint.cli.console import ALL_DONE, SOME_FAILED, WRONG_CALL, complain, printable, with_flags
from retint.cli.flags import A_PATH, debug_option
from retint.desktop.entries import ICON
from retint.errors import UsageError, message_of

OTHER_SYSTEMS = ("Windows", "Darwin")
LONGEST_NOTICE = 400
"""Characters of a notification."""


@cloup.command()
@cloup.argument("action", type=click.Choice(["install", "remove", "color"]))
@cloup.argument("paths", metavar="[FILES...]", nargs=-1, type=A_PATH)
@debug_option
def desktop(action: str, paths: tuple[Path, ...]) -> int:
    """Add retint to the menus of this user's Linux desktop, or remove it.

    install adds "Color with retint" to the menus of files and folders (Nautilus, Nemo, Caja,
    Dolphin, Open with), and the page to the menu of programs. remove takes all of that away. color
    is what the entries call: it colors FILES and shows notifications.
    """
    from retint.desktop import placing

    if action == "color":
        if not paths:
            raise UsageError("color requires files or folders")
        return _color(paths)
    if paths:
        raise UsageError(f"{action} takes no files")
    if platform.system() in OTHER_SYSTEMS:
        raise UsageError("`retint desktop` is for Linux desktops only")
    done = placing.install() if action == "install" else placing.remove()
    verb = "installed" if action == "install" else "removed"
    for path in done:
        print(printable(f"{verb} {path}"))
    if not done:
        print("there was nothing to remove")
    return ALL_DONE


def _color(paths: tuple[Path, ...]) -> int:
    """Colour files and folders, and tell the user about it; returns the exit status."""
    what = paths[0].name if len(paths) == 1 else f"{len(paths)} files"
    _notify(f"Coloring {what}", "")
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            status: int = colorize.main(["--", *map(str, paths)], "retint", standalone_mode=False)
        problem = said.getvalue().strip()
    except Exception as error:  # nobody sees a terminal
        status = WRONG_CALL if isinstance(error, UsageError) else SOME_FAILED
        problem = with_flags(message_of(error))
    if status == ALL_DONE:
        _notify(f"Colored {what}", problem)
        return status
    _notify(f"Not everything of {what} was colored", problem)
    for line in problem.splitlines():
        complain(line.removeprefix("retint: "))
    return status


def _notify(title: str, text: str) -> None:
    """Show a notification, if there is the program for it."""
    program = shutil.which("notify-send")
    if program is None:
        return
    shown = printable(text.replace("\n", " "))[:LONGEST_NOTICE]
    call = [program, "--app-name=retint", f"--icon={ICON}", "--", title, shown]
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(call, check=False, timeout=5, capture_output=True)
