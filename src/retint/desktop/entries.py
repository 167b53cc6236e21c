"""The texts of the entries: desktop files (freedesktop.org) and scripts of file managers."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from retint.desktop.commands import MARK, NAME
from retint.files.formats import FORMATS

ICON = "applications-graphics"
"""An icon of all themes."""
PICTURES = (
    *(each.media_type for each in FORMATS.values()),
    "image/gif", "image/jp2", "image/heif", "image/x-portable-bitmap", "image/x-portable-graymap",
    "image/x-portable-pixmap", "image/x-adobe-dng", "image/x-nikon-nef", "image/x-canon-cr2",
    "image/x-sony-arw",
)  # fmt: skip
FILMS = (
    "video/mp4", "video/x-matroska", "video/quicktime", "video/webm", "video/vnd.avi",
    "video/x-msvideo", "video/mpeg", "video/mp2t", "video/ogg", "video/x-ms-wmv",
)  # fmt: skip
FOLDER = "inode/directory"


def application(command: Sequence[str]) -> str:
    """The entry for *Open with*; not for folders, whose default it could become."""
    return _text(
        "Desktop Entry",
        Type="Application",
        Name=NAME,
        Comment="Color black-and-white photographs and films",
        Exec=f"{_exec(command)} %F",
        Icon=ICON,
        Terminal="false",
        NoDisplay="true",
        MimeType=_listed((*PICTURES, *FILMS)),
    )


def page(command: Sequence[str]) -> str:
    """The entry of the menu for the page; the server ends with its terminal."""
    return _text(
        "Desktop Entry",
        Type="Application",
        Name="retint",
        GenericName="Photo Colorizer",
        Comment="Color black-and-white photographs on a page in the browser",
        Exec=_exec(command),
        Icon=ICON,
        Terminal="true",
        Categories="Graphics;Photography;",
    )


def service_menu(command: Sequence[str]) -> str:
    """The entry of KDE's file managers, such as Dolphin."""
    entry = _text(
        "Desktop Entry",
        Type="Service",
        MimeType=_listed((*PICTURES, *FILMS, FOLDER)),
        Actions=_listed(["retint"]),
    )
    action = _text("Desktop Action retint", Name=NAME, Icon=ICON, Exec=f"{_exec(command)} %F")
    return f"{entry}\n{action.removeprefix(MARK).lstrip()}"


def action(command: Sequence[str]) -> str:
    """The entry of file managers that follow the specification DES-EMA, such as PCManFM."""
    entry = _text(
        "Desktop Entry", Type="Action", Name=NAME, Icon=ICON, Profiles=_listed(["retint"])
    )
    profile = _text(
        "X-Action-Profile retint",
        MimeTypes=_listed(["image/*", "video/*", FOLDER]),
        Exec=f"{_exec(command)} %F",
    )
    return f"{entry}\n{profile.removeprefix(MARK).lstrip()}"


def script(command: Sequence[str]) -> str:
    """A script that calls a command with its arguments, such as files that were selected in
    Nautilus, Nemo or Caja.
    """
    return f'#!/bin/sh\n{MARK}\nexec {shlex.join(command)} "$@"\n'


def _text(group: str, **entries: str) -> str:
    lines = [MARK, f"[{group}]", *(f"{name}={value}" for name, value in entries.items())]
    return "\n".join(lines) + "\n"


def _listed(items: Sequence[str]) -> str:
    return "".join(f"{each};" for each in items)


def _exec(command: Sequence[str]) -> str:
    """A command by the quoting rules of the Desktop Entry Specification, section "Exec"."""
    return " ".join(map(_quoted, command))


def _quoted(word: str) -> str:
    for special in '\\"`$':
        word = word.replace(special, f"\\{special}")
    # The value is a string, in which a backslash is written twice; % begins a field code.
    return f'"{word}"'.replace("\\", "\\\\").replace("%", "%%")
