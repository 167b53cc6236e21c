"""The file in a folder of colour photographs that says what each of them is like.

It is JSON, so that it can be looked into, and deleted at any time: it is made again.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32
from retint.errors import UsageError
from retint.files import atomic
from retint.files.confined import open_existing

NAME = ".retint-references.json"
"""Name of the file; being hidden, it is not taken for one of the folder's own."""
VERSION = 1
"""Version of the file format; files of others are made again."""
ABOUT = "What the pictures of this folder are like, for retint --references. It can be deleted."
START = re.compile(rb'\s*{\s*"version": \d+,\s*"about": ' + re.escape(json.dumps(ABOUT).encode()))
"""How the file begins."""
SCALE = 127
"""Descriptions are stored as bytes, of which this is the maximum."""
LENGTH = 768
"""Values of the description of a picture."""
BYTES_OF_PICTURE = 4096
"""Maximum size of the file for each picture; an entry takes 1,100 and the name. A file of strangers
would otherwise become gigabytes of objects.
"""


class Kind(Enum):
    """Whether a picture is a reference, or why not."""

    COLOR = "in color"
    GREY = "black and white"
    OURS = "colored by retint"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Entry:
    """One picture."""

    size: int
    """Of its file in bytes."""
    modified: int
    """When its file was changed, in nanoseconds since 1970."""
    kind: Kind
    likeness: NDArray[np.int8]
    """What it is like [C]; empty unless it is a reference."""

    @property
    def state(self) -> tuple[int, int]:
        """What differs if the file was changed."""
        return self.size, self.modified


class ForeignError(UsageError):
    """A file is no such index, so it must not be overwritten."""


def read(path: Path, made_by: str, count: int) -> dict[str, Entry]:
    """The pictures by their names; empty if there is no file, if other weights have made it, or if
    it is larger than that of so many pictures.

    Parameters
    ----------
    made_by
        SHA-256 of the weights.
    count
        Pictures of the folder.

    Raises
    ------
    ForeignError
        If the file is something else.
    OSError
        If it cannot be read.
    """
    if not path.exists():
        return {}
    if not path.is_file():
        raise ForeignError(_foreign(path))
    most = BYTES_OF_PICTURE * (1 + count)
    with open_existing(path) as file:
        text = file.read(most + 1)
    if len(text) > most and START.match(text):
        return {}
    try:
        content = json.loads(text)
        is_own = content["about"] == ABOUT
    except (ValueError, KeyError, TypeError, RecursionError):
        is_own = False
    if not is_own:
        raise ForeignError(_foreign(path))
    if content.get("version") != VERSION or content.get("weights") != made_by:
        return {}
    pictures = content.get("pictures")
    if not isinstance(pictures, dict):
        return {}
    found = {name: _entry(each) for name, each in pictures.items()}
    return {name: each for name, each in found.items() if each is not None}


def write(path: Path, made_by: str, entries: Mapping[str, Entry]) -> None:
    """Write the file; raises OSError."""
    content = {
        "version": VERSION,
        "about": ABOUT,
        "weights": made_by,
        "pictures": {name: _content(each) for name, each in entries.items()},
    }
    atomic.write(path, json.dumps(content) + "\n")


def rounded(likeness: Float32) -> NDArray[np.int8]:
    """A description [C] as it is stored."""
    most = max(float(np.abs(likeness).max()), 1e-6)
    return (likeness / most * SCALE).round().astype(np.int8)


def _foreign(path: Path) -> str:
    return f"{path} is not an index of references; move it away so that retint can write one"


def _content(entry: Entry) -> dict[str, Any]:
    found: dict[str, Any] = {
        "size": entry.size,
        "modified": entry.modified,
        "kind": entry.kind.name.lower(),
    }
    if entry.likeness.size:
        found["likeness"] = base64.b64encode(entry.likeness.tobytes()).decode()
    return found


def _entry(content: Any) -> Entry | None:
    """One picture; None if the entry is damaged, so that the picture is looked at again."""
    try:
        kind = Kind[content["kind"].upper()]
        coded = base64.b64decode(content.get("likeness", ""), validate=True)
        likeness = np.frombuffer(coded, np.int8)
        if likeness.size != (LENGTH if kind == Kind.COLOR else 0):
            return None
        return Entry(int(content["size"]), int(content["modified"]), kind, likeness)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None
