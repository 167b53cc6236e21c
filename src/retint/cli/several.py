"""Lists of methods, for commands that compare them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cloup

from retint import colorizers
from retint.colorizers import METHODS, method_class
from retint.errors import UsageError, unknown

weights_option: Callable[[Any], Any] = cloup.option(
    "--method-weights", "method_weights_", multiple=True, metavar="NAME=FILE",
    help="ONNX file of one of the methods. Can be repeated.",
)  # fmt: skip


def method_names(text: str) -> tuple[str, ...]:
    """Split `--method a,b` and remove duplicates; raises UsageError for unknown methods."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        if name not in METHODS and name not in colorizers.method_names():
            raise unknown("method", name, colorizers.method_names())
    return names


def method_weights(texts: Iterable[str]) -> dict[str, Path]:
    """Files by method; raises UsageError for invalid texts."""
    found = {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not equals or not path:
            raise UsageError(f"`method_weights` must be NAME=FILE, not {text!r}")
        if "weights" not in method_class(name).Options.described():
            raise UsageError(f"method {name} takes no weights")
        found[name] = Path(path)
    return found


def options_of(name: str, weights: dict[str, Path]) -> dict[str, Any]:
    """The options to load a method with."""
    return {"weights": weights[name]} if name in weights else {}
