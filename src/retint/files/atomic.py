"""Files that appear under their names only when they are complete."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST = 200
"""Bytes of a file's name that its partial file repeats: file systems allow 255 in all."""
PARTIAL = re.compile(r"\..+\.[0-9a-f]{8}\.partial", re.DOTALL)


def is_partial(name: str) -> bool:
    """Whether a file of that name is one that was being written."""
    return PARTIAL.fullmatch(name) is not None


@contextmanager
def partials(targets: list[Path]) -> Iterator[list[Path]]:
    """Places beside the targets to write to; afterwards all get the targets' names, or none does.

    Whatever happens, Ctrl-C too, no partial file stays. Raises OSError.
    """
    mark = secrets.token_hex(4)
    found = [each.with_name(f".{_shortened(each.name)}.{mark}.partial") for each in targets]
    try:
        yield found
        for partial, target in zip(found, targets, strict=True):
            partial.replace(target)
    finally:
        for partial in found:
            partial.unlink(missing_ok=True)


def _shortened(name: str) -> str:
    return os.fsencode(name)[:LONGEST].decode(errors="ignore")
