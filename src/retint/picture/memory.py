"""Remembered hints: colours that a person gave to things, for the same things elsewhere.

Each remembered hint has its colour and the token of what it lies on (`correspondence`). In another
picture it colours the place that is most like it, if that is alike enough. The file is JSON without
pictures; an entry that is deleted is forgotten.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32
from retint.colorizers import takes_hints
from retint.colorizers.parts import semantics
from retint.colorizers.parts.network import load_own
from retint.errors import UsageError, cannot_write
from retint.files import atomic
from retint.hints import Hint, Hints
from retint.hints.file import read_content
from retint.hints.length import Share, pixels
from retint.picture.compared import box_of, tokens_of
from retint.picture.correspondence import CELLS, CONTEXT, Tokens
from retint.picture.pipeline import Pipeline, View
from retint.weights import shipped

VERSION = 1
"""Version of the file format."""
LEAST_ALIKE = 0.64
"""Likeness from which a thing counts as the same, chosen on val/ (docs/references.md)."""
SAME = 0.1
"""Difference of the means of the same picture, as a share: that by rounding in the file is 0.03,
those between pictures of different things 0.6 and more.
"""
LARGEST = 1e6
"""Maximum value of tokens; those of pictures are below 100."""
MOST = 1000
"""Maximum number of remembered hints."""
SCALE = 127
"""Tokens are stored as bytes, of which this is the maximum."""


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

    def is_of(self, picture: str, means: Float32) -> bool:
        """Whether it is of a picture, which others may be named like: scanners count from 1 in each
        folder.
        """
        if self.picture != picture or self.means.shape != means.shape:
            return False
        return float(np.linalg.norm(self.means - means)) <= SAME * float(np.linalg.norm(means))


@dataclass(frozen=True)
class Memory:
    """Remembered hints; thread-safe.

    Raises
    ------
    UsageError
        If the method takes no hints.
    """

    pipeline: Pipeline
    entries: Sequence[Remembered] = field(default=())
    renewed: Sequence[tuple[str, Float32]] = field(default=())
    """Names and means of the pictures whose hints were given since it was read."""

    def __post_init__(self) -> None:
        colorizer = self.pipeline.colorizer
        if not takes_hints(type(colorizer)):
            raise UsageError(f"method {colorizer.name} takes no hints, so none are remembered")

    @classmethod
    def read(cls, pipeline: Pipeline, path: Path) -> Memory:
        """Read a file; one that does not exist remembers nothing. Raises UsageError if it is not
        such a file.
        """
        if not path.exists():
            return cls(pipeline)
        content = read_content(path)
        if content.get("version") != VERSION:
            raise UsageError(f"{path}: version must be {VERSION}")
        try:
            return cls(pipeline, tuple(_entry(each) for each in content["remembered"][:MOST]))
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise UsageError(f"{path} does not contain remembered hints ({error})") from None

    def write(self, path: Path) -> None:
        """Write the file with the pictures that were added since it was read.

        What else the file contains by now stays, since a film takes hours, and other runs remember
        as well. Raises PhotoError, and UsageError if it contains something else by now.
        """
        if path.exists() and self.renewed:
            before = Memory.read(self.pipeline, path).entries
            own = [each for each in self.entries if self._is_renewed(each)]
            others = [each for each in before if not self._is_renewed(each)]
            replace(self, entries=(*others, *own)[-MOST:], renewed=()).write(path)
            return
        content = {
            "version": VERSION,
            "about": "Colors that a person chose, and the things below. Delete entries to forget.",
            "remembered": [_content(each) for each in self.entries],
        }
        try:
            atomic.write(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        except OSError as error:
            raise cannot_write(path, error) from error

    def _is_renewed(self, entry: Remembered) -> bool:
        return any(entry.is_of(*each) for each in self.renewed)

    @property
    def sha256(self) -> str:
        """SHA-256 of all remembered hints."""
        text = json.dumps([_content(each) for each in self.entries])
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def weights(self) -> list[Path]:
        """The weights files by which things are recognized."""
        return [shipped(semantics.NAME)]

    def with_hints(self, view: View, hints: Hints, picture: str) -> Memory:
        """The memory with the points of a picture, in place of those that it has of it."""
        seen = self._tokens(view)
        near, far = ((each, each.mean(axis=0)) for each in (seen.near, seen.far))
        means = np.stack([near[1], far[1]])
        others = [each for each in self.entries if not each.is_of(picture, means)]
        box, found = box_of(view), []
        height, width = view.photo.size
        for hint in hints.points:
            x, y = pixels(hint.x, width) - box.left, pixels(hint.y, height) - box.top
            if not (0 <= x < box.inner[1] and 0 <= y < box.inner[0]):
                continue  # in a mount, which shows nothing
            cell = int(y * CELLS / box.inner[0]) * CELLS + int(x * CELLS / box.inner[1])
            own = np.stack([near[0][cell], far[0][cell]]) - means
            in_shares = replace(
                hint, x=Share.of(pixels(hint.x, width), width),
                y=Share.of(pixels(hint.y, height), height), without=(),
            )  # fmt: skip
            found.append(Remembered(picture, in_shares, *map(_rounded, (own, means))))
        renewed = (*self.renewed, (picture, means))
        return replace(self, entries=(*others, *found)[-MOST:], renewed=renewed)

    def hints(self, view: View) -> Hints:
        """Remembered hints at the places of a picture that show the same things; raises UsageError
        if they are not of the network by which things are recognized.
        """
        if not self.entries:
            return Hints()
        seen = self._tokens(view)
        if any(each.means.shape[1] != seen.near.shape[1] for each in self.entries):
            raise UsageError("the remembered hints were made with another recognizer")
        found: dict[int, tuple[float, Remembered]] = {}
        for each in self.entries:
            likeness = alike(each, seen)
            cell = int(likeness.argmax())
            best = float(likeness[cell])
            if best >= max(LEAST_ALIKE, found.get(cell, (0.0,))[0]):
                found[cell] = best, each
        return Hints(tuple(_placed(view, cell, each.hint) for cell, (_, each) in found.items()))

    def _tokens(self, view: View) -> Tokens:
        options = self.pipeline.colorizer.options
        network = load_own(semantics.NAME, None, options.threads, options.device)
        return tokens_of(network, view)


def alike(entry: Remembered, seen: Tokens) -> Float32:
    """Likeness of a remembered thing and each cell of a picture [cells]: the cosine similarity of
    what the two pictures do not share, as in `correspondence.matched`.
    """
    found = np.zeros(len(seen.near), np.float32)
    shares = (1 - CONTEXT, CONTEXT)
    for share, own, mean, others in zip(
        shares, entry.tokens, entry.means, (seen.near, seen.far), strict=True
    ):
        middle = (mean + others.mean(axis=0)) / 2
        one, rest = own + mean - middle, others - middle
        lengths = np.linalg.norm(one) * np.linalg.norm(rest, axis=1)
        found += np.float32(share) * (rest @ one / np.maximum(lengths, np.float32(1e-6)))
    return found


def _placed(view: View, cell: int, hint: Hint) -> Hint:
    """A hint in the centre of a cell of a picture."""
    down, across = ((each + 0.5) / CELLS for each in divmod(cell, CELLS))
    box, (height, width) = box_of(view), view.photo.size
    x, y = box.left + across * box.inner[1], box.top + down * box.inner[0]
    return replace(hint, x=Share.of(x, width), y=Share.of(y, height))


def _rounded(planes: Float32) -> Float32:
    """The values, rounded as in the file."""
    return _floats(*_bytes(planes))


def _bytes(planes: Float32) -> tuple[NDArray[np.int8], float]:
    most = max(float(np.abs(planes).max()), 1e-6)
    return (planes / most * SCALE).round().astype(np.int8), round(most, 6)


def _floats(levels: NDArray[np.int8], most: float) -> Float32:
    return levels.astype(np.float32) * np.float32(most / SCALE)


def _content(entry: Remembered) -> dict[str, Any]:
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


def _entry(content: dict[str, Any]) -> Remembered:
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
