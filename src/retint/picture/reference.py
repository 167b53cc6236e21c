"""Hints from other pictures.

Places that show the same thing are matched (`correspondence`), as in He et al. 2018, "Deep
Exemplar-based Colorization", section 3.1, which matches VGG features. The matches become hints
(`matched_hints`), which the network treats like those of a person.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from retint.color.lab import Float32
from retint.color.resize import average
from retint.colorizers import takes_hints
from retint.colorizers.parts import semantics
from retint.colorizers.parts.network import load_own
from retint.errors import PhotoError, UsageError
from retint.files import Photo
from retint.hints import Hints
from retint.picture.compared import FINE, box_of, colors_of, squeezed_of, tokens_of
from retint.picture.correspondence import CELLS, Matches, Tokens, matched
from retint.picture.matched_hints import EVERY, NO_MATCH, Followed, hints_of
from retint.picture.pipeline import Pipeline, View
from retint.picture.still import At, Still
from retint.weights import shipped

LEAST_ALIKE = 0.5
"""Minimum likeness of two matched places."""
LEAST_SHARE = 0.035
"""Minimum share of the cells that have a match in a reference picture; one with fewer shows other
things. Chosen on val/: pictures of other things have 0.00 to 0.03, two of 24 more.
"""
UNUSED = "nothing in it matches the reference, which is not used"
"""Remark about a picture."""
MATCHING = "tokens"
"""How places are matched; another word makes results be coloured again when a run is resumed."""
MOST = 64
"""Maximum number of reference pictures of one colouring."""
AROUND = 4
"""Distance in such colours from the centre of a match at which colours still count."""
AS_LIGHT = 4.0
"""Difference in L* from the place that is coloured, as a standard deviation, for their weight."""
LEAST_CHROMA = 2.0
"""Chroma below which a colour counts as grey."""


@dataclass(frozen=True)
class _Other:
    """One reference picture."""

    tokens: Tokens
    colors: Float32
    """L*a*b* [CELLS * FINE, CELLS * FINE, 3]."""


class Reference:
    """Colour pictures to take colours from: each place follows the one that it is most like.

    Raises
    ------
    PhotoError
        If a picture has no colours.
    UsageError
        If the method takes no hints.
    """

    def __init__(self, pipeline: Pipeline, *photos: Photo) -> None:
        colorizer = pipeline.colorizer
        if not takes_hints(type(colorizer)):
            raise UsageError(f"method {colorizer.name} takes no reference picture")
        options = colorizer.options
        self._pipeline = pipeline
        self.network = load_own(semantics.NAME, None, options.threads, options.device)
        self._others = [self._opened(photo) for photo in photos]
        self._hashes = [_hash(photo) for photo in photos]
        self._stills: list[Still] = []
        self._read: dict[Still, _Other] = {}

    @classmethod
    def still(cls, pipeline: Pipeline, read: Callable[[], Photo], at: At, name: str) -> Reference:
        """A picture that is the truth at a frame of a film; for everything else it is a reference
        like any other.

        Parameters
        ----------
        read
            Returns the picture; called whenever it is needed.
        name
            How messages call it.
        """
        photo = read()
        _view_and_colors(pipeline, photo)
        found = cls(pipeline)
        found._stills = [Still(name, at, read, _hash(photo))]
        return found

    @classmethod
    def joined(cls, several: Iterable[Reference]) -> Reference:
        """All pictures of at least one reference."""
        references = list(several)
        joined = copy.copy(references[0])
        joined._others = [other for each in references for other in each._others]
        joined._hashes = [sha256 for each in references for sha256 in each._hashes]
        joined._stills = [still for each in references for still in each._stills]
        return joined

    @property
    def stills(self) -> list[Still]:
        """The pictures that are the truth at a frame of a film."""
        return list(self._stills)

    def with_stills(self, stills: Iterable[Still]) -> Reference | None:
        """The same reference with these stills only; None if nothing is left."""
        found = copy.copy(self)
        found._stills = list(stills)
        return found if found._stills or found._others else None

    @property
    def sha256(self) -> str | list[str]:
        """SHA-256 of the pixels; a list for several pictures. Those of stills follow the others'
        and begin with their frame.
        """
        hashes = [*self._hashes, *(f"{each.at}: {each.sha256}" for each in self._stills)]
        return hashes[0] if len(hashes) == 1 else hashes

    @property
    def how(self) -> dict[str, Any]:
        """What colours depend on, as JSON values."""
        return {"reference": self.sha256, "matching": MATCHING}

    @property
    def weights(self) -> list[Path]:
        """The weights files by which places are matched."""
        return [shipped(semantics.NAME)]

    def hints(self, view: View, every: int = EVERY) -> Hints:
        """Hints for another picture.

        Parameters
        ----------
        every
            There is at most one hint in a square of so many cells of 1/32 of the picture.
        """
        return hints_of(view, self.matches(view), every)

    def matches(self, view: View) -> Followed:
        """What each cell of a picture follows."""
        seen = tokens_of(self.network, view)
        lightness = average(squeezed_of(view), (CELLS * FINE, CELLS * FINE))
        likeness = np.full(CELLS**2, NO_MATCH, np.float32)
        which = np.zeros(CELLS**2, np.intp)
        chroma = np.zeros((CELLS**2, 2), np.float32)
        for k, other in enumerate(self._all()):
            found = matched(seen, other.tokens)
            sure = found.sure & (found.likeness >= LEAST_ALIKE)
            if sure.mean() < LEAST_SHARE:
                continue
            better = sure & (found.likeness > likeness)
            likeness[better], which[better] = found.likeness[better], k
            for cell in np.flatnonzero(better):
                chroma[cell] = _chroma_at(int(cell), lightness, found, other.colors)
        return Followed(likeness, which, chroma)

    def _all(self) -> Iterator[_Other]:
        yield from self._others
        for still in self._stills:
            if still not in self._read:
                if len(self._read) >= MOST:
                    self._read.clear()
                self._read[still] = self._opened(still.read())
            yield self._read[still]

    def _opened(self, photo: Photo) -> _Other:
        view, colors = _view_and_colors(self._pipeline, photo)
        return _Other(tokens_of(self.network, view), colors)


def _hash(photo: Photo) -> str:
    return hashlib.sha256(photo.pixels.tobytes()).hexdigest()


def _view_and_colors(pipeline: Pipeline, photo: Photo) -> tuple[View, Float32]:
    """The picture as the method sees it, and its L*a*b*; raises PhotoError if it is grey."""
    if photo.pixels.ndim == 3:
        view = pipeline.open(photo)
        colors = colors_of(photo.pixels[box_of(view).slices])
        if np.hypot(colors[..., 1], colors[..., 2]).max() >= LEAST_CHROMA:
            return view, colors
    raise PhotoError("the reference picture has no colors")


def _chroma_at(cell: int, lightness: Float32, found: Matches, colors: Float32) -> Float32:
    """a*, b* for the centre of a cell: those around its match that are as light as it is."""
    row, column = _centre(cell)
    level = float(lightness[row - 1 : row + 1, column - 1 : column + 1].mean())
    expected = found.exposure[0] * level + found.exposure[1]
    row, column = _centre(int(found.cells[cell]))
    rows, columns = (slice(max(0, each - AROUND), each + AROUND) for each in (row, column))
    near = colors[rows, columns].reshape(-1, 3)
    apart = np.abs(near[:, 0] - expected)
    weights = np.exp(-((apart - apart.min()) ** 2) / (2 * AS_LIGHT**2))
    return np.asarray(weights @ near[:, 1:] / weights.sum(), np.float32)


def _centre(cell: int) -> tuple[int, int]:
    """The colour after the centre of a cell."""
    row, column = divmod(cell, CELLS)
    return row * FINE + FINE // 2, column * FINE + FINE // 2
