"""How a picture was coloured: all that its colours depend on besides the picture itself."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any

from retint.colorizers import METHODS
from retint.pipeline import Pipeline

PLACE = ("device", "threads")
"""Options that say where a method runs: they change nothing but rounding."""


def how(pipeline: Pipeline) -> dict[str, Any]:
    """Method, SHA-256 of its weights, and options, as JSON has them.

    Options that are as they are by default are left out, so that a new one changes nothing.
    """
    name = pipeline.colorizer.name
    chosen = getattr(pipeline.colorizer, "options", None)
    options = (_unusual(chosen, PLACE) if chosen else {}) | _unusual(
        pipeline, ("colorizer", "threads")
    )
    found = {
        "method": name,
        "weights": {path.name: sha256(path) for path in _weights(name, chosen)},
        "options": options,
    }
    as_json: dict[str, Any] = json.loads(json.dumps(found, default=str))
    return as_json


@functools.cache
def sha256(path: Path) -> str:
    """Of a file that is not expected to change."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unusual(settings: Any, but: tuple[str, ...]) -> dict[str, Any]:
    """The fields of a dataclass that are not as they are by default."""
    return {
        field.name: getattr(settings, field.name)
        for field in dataclasses.fields(settings)
        if field.name not in but and getattr(settings, field.name) != field.default
    }


def _weights(name: str, options: Any) -> list[Path]:
    """The ONNX files that a method runs: its own, its guide's, and those of methods it runs."""
    if name not in METHODS:
        return []
    method = METHODS[name]
    found = [getattr(options, "weights", None) or method.weights]
    if method.guide:
        found.append(getattr(options, "guide", None) or METHODS[method.guide].weights)
    parts = (getattr(options, part, None) for part in ("base", "booster"))
    inner = [path for part in parts if part for path in _weights(part, None)]
    return [*(_file(each) for each in found if each), *inner]


def _file(weights: Path | str) -> Path:
    """A user's file, or a shipped one by its name."""
    if isinstance(weights, Path):
        return weights
    return Path(str(resources.files("retint.weights") / weights))
