"""The entries of macOS: a Quick Action of Finder, and a file that starts the page."""

from __future__ import annotations

import plistlib
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from retint.desktop import entries, files
from retint.desktop.commands import COLOR, MARK, NAME, SERVE

ACTION = Path("/System/Library/Automator/Run Shell Script.action")
"""The only step of the Quick Action."""
TYPES = ("public.image", "public.movie", "public.folder")
FINDER = "com.apple.finder"
AS_ARGUMENTS = 1
"""The selected files are arguments of the script, not its input."""
NO_INPUT = "com.apple.Automator.nothing"
SERVICES = Path("/System/Library/CoreServices/pbs")
"""The program that looks for Quick Actions."""


def install() -> list[Path]:
    """Write all entries and return their paths; raises PhotoError as `files.write`."""
    wanted = dict(_files())
    files.write(wanted, _kept())
    _update()
    return list(wanted)


def remove() -> list[Path]:
    """Remove all entries and return their paths; raises PhotoError if one cannot be removed."""
    removed = files.remove([path for path, _ in _files()], _kept())
    if removed:
        _update()
    return removed


def _kept() -> list[Path]:
    return [Path.home(), Path.home() / "Library"]


def _files() -> Iterator[tuple[Path, bytes]]:
    """Paths and contents of all entries."""
    action = Path.home() / "Library" / "Services" / f"{NAME}.workflow" / "Contents"
    yield action / "Info.plist", plistlib.dumps(_service())
    yield action / "document.wflow", plistlib.dumps(_workflow(COLOR))
    yield Path.home() / "Applications" / "retint.command", entries.script(SERVE).encode()


def _service() -> dict[str, Any]:
    """What Finder's menu shows, and for which files."""
    return {
        "CFBundleGetInfoString": MARK,
        "NSServices": [
            {
                "NSMenuItem": {"default": NAME},
                "NSMessage": "runWorkflowAsService",
                "NSRequiredContext": {"NSApplicationIdentifier": FINDER},
                "NSSendFileTypes": list(TYPES),
            }
        ],
    }


def _workflow(command: Sequence[str]) -> dict[str, Any]:
    """A document of Automator that runs a script with the selected files."""
    paths = {"Container": "List", "Optional": True, "Types": ["com.apple.cocoa.path"]}
    step = {
        "AMAccepts": paths,
        "AMProvides": paths,
        "ActionBundlePath": str(ACTION),
        "ActionName": ACTION.stem,
        "ActionParameters": {
            "COMMAND_STRING": f'{MARK}\nexec {shlex.join(command)} "$@"\n',
            "CheckedForUserDefaultShell": True,
            "inputMethod": AS_ARGUMENTS,
            "shell": "/bin/sh",
            "source": "",
        },
        "BundleIdentifier": "com.apple.RunShellScript",
        "Class Name": "RunShellScriptAction",
    }
    return {
        "AMApplicationVersion": "2.10",
        "AMDocumentVersion": "2",
        "actions": [{"action": step, "isViewVisible": 1}],
        "connectors": {},
        "workflowMetaData": {
            "serviceApplicationBundleID": FINDER,
            "serviceInputTypeIdentifier": "com.apple.Automator.fileSystemObject",
            "serviceOutputTypeIdentifier": NO_INPUT,
            "serviceProcessesInput": 0,
            "workflowTypeIdentifier": "com.apple.Automator.servicesMenu",
        },
    }


def _update() -> None:
    """Let macOS look for Quick Actions, if the program for that is there."""
    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run([SERVICES, "-update"], check=False, timeout=30, capture_output=True)
