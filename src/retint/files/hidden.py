"""Names of files and folders that people do not see, or that programs keep for themselves."""

from __future__ import annotations

from pathlib import PurePath

KEPT_BY_PROGRAMS = {
    "@eadir", "@recycle", "@recently-snapshot", "@tmp", "#recycle", "#snapshot",  # NAS devices
    "$recycle.bin", "recycler", "system volume information", "lost+found", "__macosx",
    "thumbs.db", "ehthumbs.db", "desktop.ini",
}  # fmt: skip
"""Names in lower case besides those that begin with a dot: mostly thumbnails and deleted files."""


def is_hidden(name: str) -> bool:
    """Whether a file or folder with that name, without its folders, is left out of listings."""
    return name.startswith(".") or name.lower() in KEPT_BY_PROGRAMS


def is_within_hidden(path: PurePath) -> bool:
    """Whether a relative path, or any folder that it leads through, is hidden."""
    return any(map(is_hidden, path.parts))
