"""Loads the networks that `retint photo.jpg` needs before anything else is imported.

They are loaded by code that does not need the interpreter, while the commands and the rest of the
program are imported. Which options were given is only known after that, so this is a guess from the
arguments; `ahead` begins to load what is still missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

FIRST = "colorize"
"""The command that may be left out."""
DECIDING = (
    "--method", "--weights", "--device", "--threads", "--workers", "--upright", "--no-semantics",
    "--dry-run", "--help", "-h",
)  # fmt: skip
"""Options that decide what is loaded."""


def begin(args: Sequence[str]) -> None:
    """Begin to load if the arguments are one picture and options that make no difference.

    Problems are reported where the networks are used.
    """
    own = args[1:] if args and args[0] == FIRST else args
    if not own or any(each.startswith(DECIDING) for each in own):
        return
    photo, *options = own
    if photo.startswith("-") or (options and not options[0].startswith("-")):
        return
    if _is_file(photo):
        _load(Path(photo))


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except OSError:  # too long, for example
        return False


def _load(photo: Path) -> None:
    from retint.cli.startup import uncollected

    with uncollected(), suppress(ImportError):
        import onnxruntime  # noqa: F401 - otherwise the thread would wait for other imports

        from retint.cli.ahead import load_by_default

        load_by_default(photo)
