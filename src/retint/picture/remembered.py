"""One remembered hint, and how the file of them has it (`memory`)."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32
from retint.hints import Hint
from retint.hints.length import pixels

SAME = 0.1
"""Difference of the means of the same picture, as a share: that by rounding in the file is 0.03,
those between pictures of different things 0.6 and more.
"""
LARGEST = 1e6
"""Maximum value of tokens; those of pictures are below 100."""
SCALE = 127
"""Tokens are stored as bytes, of which this is the maximum."""
ID_LENGTH = 16
"""Digits of an identifier."""


@dataclass(frozen=True, eq=False)
class Remembered:
    """One hint of a person."""

    picture: str
    """Name of the picture that it was for."""
    hint: Hint
    tokens: Float32
    """Those of its cell, less the mean of its picture [2, C]: near and far."""
    means: Float32
    """Those means [2, C]."""

    @cached_property
    def id(self) -> str:
        """Identifies it among others."""
        text = json.dumps(content_of(self))
        return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]

    def is_of(self, picture: str, means: Float32) -> bool:
        """Whether it is of a picture, which others may be named like: scanners count from 1 in each
        folder.
        """
        if self.picture != picture or self.means.shape != means.shape:
            return False
        return float(np.linalg.norm(self.means - means)) <= SAME * float(np.linalg.norm(means))


def rounded(planes: Float32) -> Float32:
    """The values, rounded as in the file."""
    return _floats(*_bytes(planes))


def _bytes(planes: Float32) -> tuple[NDArray[np.int8], float]:
    most = max(float(np.abs(planes).max()), 1e-6)
    return (planes / most * SCALE).round().astype(np.int8), round(most, 6)


def _floats(levels: NDArray[np.int8], most: float) -> Float32:
    return levels.astype(np.float32) * np.float32(most / SCALE)


def content_of(entry: Remembered) -> dict[str, Any]:
    hint = entry.hint
    found: dict[str, Any] = {
        "picture": entry.picture,
        "color": hint.color,
        "x": f"{pixels(hint.x, 100):.2f}%",
        "y": f"{pixels(hint.y, 100):.2f}%",
    }
    if not hint.thing:
        found["reach"] = hint.reach
    for name in ("tokens", "means"):
        levels, most = _bytes(getattr(entry, name))
        found[name] = {"most": most, "levels": base64.b64encode(levels.tobytes()).decode()}
    return found


def entry_of(content: dict[str, Any]) -> Remembered:
    thing = "reach" not in content
    hint = Hint(
        content["x"], content["y"], str(content["color"]), reach=content.get("reach", 1.0),
        thing=thing,
    )  # fmt: skip
    planes = []
    for name in ("tokens", "means"):
        own = content[name]
        levels = np.frombuffer(base64.b64decode(own["levels"], validate=True), np.int8)
        most = float(own["most"])
        if not (levels.size and 0 <= most <= LARGEST):
            raise ValueError("the tokens of an entry are not those of a picture")
        planes.append(_floats(levels.reshape(2, -1), most))
    if planes[0].shape != planes[1].shape:
        raise ValueError("the tokens of an entry have different lengths")
    return Remembered(str(content["picture"]), hint, *planes)
