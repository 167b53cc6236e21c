"""Explains in plain words what is wrong with a file, instead of in those of a library."""

from __future__ import annotations

import re

from retint.errors import reason

TRUNCATED = "the file is truncated"
BROKEN = "the file is broken or incomplete"
_TRUNCATED = re.compile(
    "truncat|end of file|expected to read|not enough values|missing dimensions"
    "|longer than the file|outside of file bounds",
    re.IGNORECASE,
)
_UNSUPPORTED = re.compile("unsupported|not supported(?! between)|not implemented", re.IGNORECASE)


def why(error: Exception) -> str:
    """What an exception of a decoder says about a file, in one line."""
    if isinstance(error, OSError) and error.strerror is not None:
        return reason(error)  # of the operating system
    said = next(iter(str(error).splitlines()), "").strip()
    if _TRUNCATED.search(said):
        return TRUNCATED
    if _UNSUPPORTED.search(said):
        return f"its kind is not supported ({said.rstrip('.')})"
    return BROKEN
