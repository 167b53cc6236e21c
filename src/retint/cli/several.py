"""Several methods at once, for commands that compare them."""

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
    help="The ONNX file of one of the methods; as often as you like.",
)  # fmt: skip


def method_names(text: str) -> tuple[str, ...]:
    """The methods of `--method a,b`, each once; raises UsageError for one that is unknown."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        if name not in METHODS and name not in colorizers.method_names():
            raise unknown("method", name, colorizers.method_names())
    return names


def method_weights(texts: Iterable[str]) -> dict[str, Path]:
    """Files by method; raises UsageError for what is written otherwise."""
    found = {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not equals or not path:
            raise UsageError(f"`method_weights` are written NAME=FILE, not {text!r}")
        if "weights" not in method_class(name).Options.described():
            raise UsageError(f"{name} takes no weights")
        found[name] = Path(path)
    return found


def options_of(name: str, weights: dict[str, Path]) -> dict[str, Any]:
    """What a method is loaded with."""
    return {"weights": weights[name]} if name in weights else {}
