"""Provenance: everything besides the picture itself that its colours depend on, and its record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from retint.colorizers.parts.upright import Compass, Upright
from retint.files.xmp import CAPTION
from retint.hints import Hints
from retint.picture import damage, geometry
from retint.picture.caption import caption_for
from retint.picture.finish import AS_IT_COMES, Finish
from retint.picture.pipeline import Pipeline, View
from retint.version import __version__
from retint.weights import sha256, shipped

OF_VIEWS = ("reference", "references", "matching", "remembered")
"""What a record states as it applies to one picture."""


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


def record(
    view: View, degrees: int, how: Mapping[str, Any], hints: Hints, finish: Finish
) -> dict[str, Any]:
    """What the metadata of a result say about how a photo was coloured and turned.

    Parameters
    ----------
    degrees
        By how much the result is turned clockwise.
    how
        Everything besides the photo that the colours depend on, as JSON values.
    hints
        Those of the person who asked.
    """
    original, turn = view.photo, view.turn
    known = {name: value for name, value in how.items() if name not in OF_VIEWS} | view.reference
    if view.remembered:
        known["remembered"] = view.remembered.content(original.size)
    found = {
        "Software": f"retint {__version__}",
        "Original": "toned" if original.pixels.ndim == 3 else "grey",
        **({"Lightness": "repaired"} if finish.changes_lightness else {}),
        **({"Turned": turn} if turn else {}),
        **({geometry.OUTPUT_TURNED: degrees} if degrees else {}),
        **{name.title(): value for name, value in known.items()},
        **({"Hints": hints.content(original.size)} if hints else {}),
    }
    caption = caption_for(original.metadata, found, finish.caption)
    return found | ({CAPTION: caption} if caption else {})
