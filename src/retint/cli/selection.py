"""Options that select files, for commands that take files and folders."""

from __future__ import annotations

from typing import Any

import cloup

SELECTION = (
    cloup.option(
        "--pattern", default="*", help="In folders, take only files whose names match, such as "
                                       "'*_bw.tif'."
    ),
    cloup.option(
        "--exclude", multiple=True, metavar="PATTERN",
        help="In folders, leave out files and subfolders whose names or paths match, such as "
             "'drafts' or '1920/*'; with a slash in front ('/1920'), paths only. Can be repeated.",
    ),
    cloup.option(
        "--hidden", is_flag=True,
        help="In folders, include hidden files and subfolders, and those that NAS devices and "
             "programs keep, such as @eaDir.",
    ),
)  # fmt: skip
"""Options that select the files of folders."""
recursive_option = cloup.option(
    "--recursive", is_flag=True, help="Include the subfolders of folders."
)


def selection(given: dict[str, Any]) -> dict[str, Any]:
    """Take the values of `SELECTION` out of the options, as fields of `Naming`."""
    return {name: given.pop(name) for name in ("pattern", "exclude", "hidden")}


def is_named_as_folder(output: str | None) -> bool:
    """Whether the name of an output ends like that of a folder."""
    return output is not None and output.endswith(("/", "\\"))
