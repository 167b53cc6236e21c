"""Hints from other pictures.

Places that show the same thing are matched (`correspondence`), as in He et al. 2018, "Deep
Exemplar-based Colorization", section 3.1, which matches VGG features. The matches become hints,
which the network treats like those of a person. Where nothing matches, anchors repeat what the
network predicts on its own, so that the colours of the matches do not spread there.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32
from retint.color.resize import average
from retint.colorizers import is_varied, takes_hints
from retint.colorizers.parts import semantics
from retint.colorizers.parts.network import load_own
from retint.errors import PhotoError, UsageError
from retint.files import Photo
from retint.hints import Hint, Hints, color_of
from retint.hints.length import Share
from retint.picture.compared import FINE, box_of, colors_of, squeezed_of, tokens_of
from retint.picture.correspondence import CELLS, Matches, Tokens, matched
from retint.picture.pipeline import Pipeline, View
from retint.picture.still import At, Still
from retint.weights import shipped

LEAST_ALIKE = 0.5
"""Minimum likeness of two matched places."""
NO_MATCH = -2.0
"""Likeness of cells without a match."""
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
EVERY = 2
"""Cells between hints; with more of them, spreading them takes seconds (`parts/kriging.py`)."""
AROUND = 4
"""Distance in such colours from the centre of a match at which colours still count."""
AS_LIGHT = 4.0
"""Difference in L* from the place that is coloured, as a standard deviation, for their weight."""
APART = 4
"""Cells between anchors, the hints that repeat what the network predicts."""
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


@dataclass(frozen=True)
class Followed:
    """What the cells of a picture follow; rows of cells from the top."""

    likeness: Float32
    """Likeness to their match [cells]; `NO_MATCH` if there is none."""
    which: NDArray[np.intp]
    """Number of the reference picture [cells]."""
    chroma: Float32
    """a*, b* [cells, 2]."""

    @property
    def share(self) -> float:
        """Share of the cells that have a match."""
        return float(self.matched.mean())

    @property
    def matched(self) -> NDArray[np.bool_]:
        """Whether a cell has a match [cells]."""
        return self.likeness > NO_MATCH


def hints_of(view: View, found: Followed, every: int = EVERY) -> Hints:
    """The hints of what a picture follows; there is at most one in a square of so many cells."""
    cells = _followed(found, every)
    points = tuple(hint_at(view, cell, found.chroma[cell]) for cell in cells)
    return Hints(points, anchors=_anchors(view, found) if points else ())


def places_of(view: View, found: Followed) -> list[tuple[int, float, float]]:
    """Where these hints are, with the number of the reference picture that each follows: x and y as
    shares of the width and height.
    """
    height, width = view.photo.size
    places = []
    for cell in _followed(found, EVERY):
        x, y = _place(view, cell)
        places.append((int(found.which[cell]), x / width, y / height))
    return places


def _followed(found: Followed, every: int) -> list[int]:
    """The cells that become hints."""
    return [cell for cell in _thinned(found.likeness, every) if found.matched[cell]]


def _anchors(view: View, found: Followed) -> tuple[Hint, ...]:
    """Hints that repeat what the method predicts, where nothing near has a match; none if each of
    its predictions is another one.
    """
    if is_varied(type(view.pipeline.colorizer)):
        return ()
    far = ~_near(found.matched, APART + 1)
    chroma = average(view.alone()[view.framed.covered], (CELLS, CELLS)).reshape(-1, 2)
    cells = np.arange(CELLS**2).reshape(CELLS, CELLS)
    chosen = cells[APART // 2 :: APART, APART // 2 :: APART].reshape(-1)
    return tuple(hint_at(view, int(cell), chroma[cell]) for cell in chosen if far[cell])


def _hash(photo: Photo) -> str:
    return hashlib.sha256(photo.pixels.tobytes()).hexdigest()


def _near(matched: NDArray[np.bool_], side: int) -> NDArray[np.bool_]:
    """Whether there is a matched cell in the square of so many cells around each [cells]."""
    grid = matched.reshape(CELLS, CELLS).astype(np.uint8)
    return cv2.dilate(grid, np.ones((side, side), np.uint8)).reshape(-1) > 0


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


def _thinned(likeness: Float32, every: int) -> Sequence[int]:
    """The cell that is most like its match in each square of `every` x `every` cells."""
    grid = likeness.reshape(CELLS, CELLS)
    chosen = []
    for row in range(0, CELLS, every):
        for column in range(0, CELLS, every):
            some = grid[row : row + every, column : column + every]
            down, across = divmod(int(some.argmax()), some.shape[1])
            chosen.append((row + down) * CELLS + column + across)
    return chosen


def hint_at(view: View, cell: int, chroma: Float32) -> Hint:
    """A hint in the centre of a cell."""
    (height, width), (x, y) = view.photo.size, _place(view, cell)
    small = view.framed.small
    level = small[int(y / height * small.shape[0]), int(x / width * small.shape[1])]
    return Hint(Share.of(x, width), Share.of(y, height), color_of(level, chroma), thing=False)


def _place(view: View, cell: int) -> tuple[float, float]:
    """The centre of a cell in pixels, x and y."""
    down, across = ((each + 0.5) / CELLS for each in divmod(cell, CELLS))
    box = box_of(view)
    return box.left + across * box.inner[1], box.top + down * box.inner[0]
