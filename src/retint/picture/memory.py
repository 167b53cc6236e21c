"""Remembered hints: colours that a person gave to things, for the same things elsewhere.

Each remembered hint has its colour and the token of what it lies on (`correspondence`). In another
picture it colours the place that is most like it, if that is alike enough. The file is JSON without
pictures; an entry that is deleted is forgotten.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

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
from retint.picture.remembered import Remembered, content_of, entry_of, rounded
from retint.weights import shipped

VERSION = 1
"""Version of the file format."""
LEAST_ALIKE = 0.64
"""Likeness from which a thing counts as the same, chosen on val/ (docs/references.md)."""
MOST = 1000
"""Maximum number of remembered hints."""
BESIDE = 1
"""Distance in cells from a picture's own hint at which nothing remembered applies."""
NO_HINTS = Hints()


class Placed(NamedTuple):
    """A remembered hint at its place in another picture."""

    cell: int
    hint: Hint
    entry: Remembered


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
            return cls(pipeline, tuple(entry_of(each) for each in content["remembered"][:MOST]))
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
            "remembered": [content_of(each) for each in self.entries],
        }
        try:
            atomic.write(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        except OSError as error:
            raise cannot_write(path, error) from error

    def _is_renewed(self, entry: Remembered) -> bool:
        return any(entry.is_of(*each) for each in self.renewed)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of all remembered hints."""
        text = json.dumps([content_of(each) for each in self.entries])
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def weights(self) -> list[Path]:
        """The weights files by which things are recognized."""
        return [shipped(semantics.NAME)]

    def with_hints(self, view: View, hints: Hints, picture: str) -> Memory:
        """The memory with the points of a picture, in place of those that it has of it."""
        seen = self._tokens(view)
        means = _means(seen)
        others = self._of_others(picture, means)
        found = []
        height, width = view.photo.size
        for hint in hints.points:
            cell = _cell_of(view, hint)
            if cell is None:
                continue
            own = np.stack([seen.near[cell], seen.far[cell]]) - means
            in_shares = replace(
                hint, x=Share.of(pixels(hint.x, width), width),
                y=Share.of(pixels(hint.y, height), height), without=(),
            )  # fmt: skip
            found.append(Remembered(picture, in_shares, *map(rounded, (own, means))))
        renewed = (*self.renewed, (picture, means))
        return replace(self, entries=(*others, *found)[-MOST:], renewed=renewed)

    def without_picture(self, view: View, picture: str) -> Memory:
        """The memory without the hints of a picture."""
        others = self._of_others(picture, _means(self._tokens(view)))
        return replace(self, entries=tuple(others))

    def _of_others(self, picture: str, means: Float32) -> list[Remembered]:
        return [each for each in self.entries if not each.is_of(picture, means)]

    def without(self, id: str) -> Memory:
        """The memory without an entry; the same one if there is none with that identifier."""
        kept = tuple(each for each in self.entries if each.id != id)
        return self if len(kept) == len(self.entries) else replace(self, entries=kept)

    def hints(self, view: View, own: Hints = NO_HINTS) -> Hints:
        """Remembered hints at the places of a picture that show the same things, except where it
        has hints of its own; raises the exceptions of `placed`.
        """
        return Hints(tuple(each.hint for each in free_of(view, self.placed(view), own)))

    def placed(self, view: View) -> list[Placed]:
        """What is remembered, at the places of a picture that show the same things; raises
        UsageError if it is not of the network by which things are recognized.
        """
        if not self.entries:
            return []
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
        return [
            Placed(cell, _placed(view, cell, each.hint), each) for cell, (_, each) in found.items()
        ]

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


def _means(seen: Tokens) -> Float32:
    """The means of the tokens of a picture [2, C]."""
    return np.stack([seen.near.mean(axis=0), seen.far.mean(axis=0)])


def free_of(view: View, placed: Sequence[Placed], own: Hints) -> list[Placed]:
    """Those that do not lie where a picture has hints of its own, which say what is right there."""
    taken = [
        divmod(cell, CELLS) for hint in own.points if (cell := _cell_of(view, hint)) is not None
    ]

    def is_free(each: Placed) -> bool:
        row, column = divmod(each.cell, CELLS)
        return all(max(abs(row - down), abs(column - across)) > BESIDE for down, across in taken)

    return [each for each in placed if is_free(each)]


def _cell_of(view: View, hint: Hint) -> int | None:
    """The cell of a picture that a hint lies on; None in a mount, which shows nothing."""
    box, (height, width) = box_of(view), view.photo.size
    x, y = pixels(hint.x, width) - box.left, pixels(hint.y, height) - box.top
    if not (0 <= x < box.inner[1] and 0 <= y < box.inner[0]):
        return None
    return int(y * CELLS / box.inner[0]) * CELLS + int(x * CELLS / box.inner[1])


def _placed(view: View, cell: int, hint: Hint) -> Hint:
    """A hint in the centre of a cell of a picture."""
    down, across = ((each + 0.5) / CELLS for each in divmod(cell, CELLS))
    box, (height, width) = box_of(view), view.photo.size
    x, y = box.left + across * box.inner[1], box.top + down * box.inner[0]
    return replace(hint, x=Share.of(x, width), y=Share.of(y, height))
