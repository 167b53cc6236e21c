"""Several methods at once, for commands that compare them."""

from __future__ import annotations

from retint.colorizers import METHODS
from retint.errors import unknown


def method_names(text: str) -> tuple[str, ...]:
    """The methods of `--method a,b`, each once; raises UsageError for one that is unknown."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        if name not in METHODS:
            raise unknown("method", name, METHODS)
    return names
