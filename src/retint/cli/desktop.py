"""`retint desktop`: retint in the menus of desktops."""

from __future__ import annotations

import contextlib
import io
import platform
import tempfile
from pathlib import Path

import cloup

from retint.cli.colorize import colorize
from retint.cli.console import ALL_DONE, SOME_FAILED, WRONG_CALL, complain, printable, with_flags
from retint.cli.flags import A_PATH, debug_option
from retint.cli.values import OneOf
from retint.errors import UsageError, message_of


@cloup.command()
@cloup.argument("action", type=OneOf(["install", "remove", "color"]))
@cloup.argument("paths", metavar="[FILES...]", nargs=-1, type=A_PATH)
@debug_option
def desktop(action: str, paths: tuple[Path, ...]) -> int:
    """Add retint to the menus of this user's desktop, or remove it.

    install adds "Color with retint" to the menus of files and folders (Linux: Nautilus, Nemo, Caja,
    Dolphin, Open with; Windows: Send to, Open with; macOS: Quick Actions), and the page to the menu
    of programs. remove removes all of that. The entries call color: it colors FILES and shows
    notifications.
    """
    from retint.desktop import placing

    if action == "color":
        if not paths:
            raise UsageError("color requires files or folders")
        with _in_turn():
            return _color(paths)
    if paths:
        raise UsageError(f"{action} takes no files")
    done = placing.install() if action == "install" else placing.remove()
    verb = "installed" if action == "install" else "removed"
    for path in done:
        print(printable(f"{verb} {path}"))
    if not done:
        print("there was nothing to remove")
    return ALL_DONE


def _in_turn() -> contextlib.AbstractContextManager[object]:
    """Wait on Windows for others, since its menus start a process for each of several files."""
    if platform.system() != "Windows":
        return contextlib.nullcontext()
    from filelock import FileLock

    return FileLock(Path(tempfile.gettempdir()) / "retint-desktop.lock")


def _color(paths: tuple[Path, ...]) -> int:
    """Colour files and folders, and tell the user about it; returns the exit status."""
    from retint.desktop import notices

    what = printable(paths[0].name) if len(paths) == 1 else f"{len(paths)} files"
    notices.show(f"Coloring {what}")
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            status: int = colorize.main(["--", *map(str, paths)], "retint", standalone_mode=False)
        problem = said.getvalue().strip()
    except Exception as error:  # nobody sees a terminal
        status = WRONG_CALL if isinstance(error, UsageError) else SOME_FAILED
        problem = with_flags(message_of(error))
    if status == ALL_DONE:
        notices.show(f"Colored {what}", printable(problem.replace("\n", " ")))
        return status
    for line in problem.splitlines():
        complain(line.removeprefix("retint: "))
    shown = printable(problem.replace("\n", " "))
    notices.show(f"Not everything of {what} was colored", shown, failed=True)
    return status
