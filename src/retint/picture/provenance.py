"""Provenance: everything besides the picture itself that its colours depend on."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from retint.colorizers.parts.upright import Compass, Upright
from retint.picture import damage
from retint.picture.finish import AS_IT_COMES, Finish
from retint.picture.pipeline import Pipeline
from retint.weights import sha256, shipped


def how(
    pipeline: Pipeline, finish: Finish = AS_IT_COMES, *, things: bool = False
) -> dict[str, Any]:
    """Method, SHA-256 of its weights, and options, as JSON values.

    The weights that find things are among them only if hints color things.

    Options with default values are left out, so a new option does not change existing records.
    """
    colorizer = pipeline.colorizer
    turn = pipeline.upright.turn
    options = colorizer.chosen | finish.chosen() | ({"upright": 90 * turn} if turn else {})
    profile = options.pop("profile", None)
    judges = finish.turn == "auto" and not turn
    upright = Upright(compass=Compass()) if judges else pipeline.upright
    files = [*colorizer.weights, *upright.weights]
    files += colorizer.weights_of_things if things else []
    files += [shipped(damage.NAME)] if finish.repair else []
    found: dict[str, Any] = {
        "method": colorizer.name,
        "weights": hashes(files),
        "options": options,
    }
    if profile is not None:
        found["profile"] = profile
    as_json: dict[str, Any] = json.loads(json.dumps(found, default=str))
    return as_json


def hashes(files: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of weights files by their names."""
    return {path.name: sha256(path) for path in files}
