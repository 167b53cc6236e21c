"""What a method predicts for one picture with hints, at the working size, before any look."""

from __future__ import annotations

import copy

import numpy as np

from retint.color.lab import Float32
from retint.colorizers.parts.framed import Framed
from retint.hints import Hint, Hints
from retint.hints.distance import unknown
from retint.hints.dots import Dots
from retint.hints.length import Length
from retint.picture.dots import OWN_AREA, Spread, changes


class Prediction:
    """The colours of one picture by one method; thread-safe.

    Parameters
    ----------
    framed
        The picture as the method sees it.
    size
        Height and width in pixels that places of hints refer to.
    """

    def __init__(self, framed: Framed, size: tuple[int, int]) -> None:
        self._framed = framed
        self._size = size
        self._last: tuple[Hints | None, Float32] | None = None
        self._outside: tuple[Hints, Float32] | None = None
        self._drawn: tuple[Hints, Float32] | None = None
        self._alone: Float32 | None = None

    def at(self, size: tuple[int, int]) -> Prediction:
        """The same, for hints of the same picture at another size."""
        found = copy.copy(self)
        found._size, found._drawn = size, None
        return found

    def chroma(self, hints: Hints | None = None) -> Float32:
        """a*, b* [h, w, 2]; raises the exceptions of `Pipeline.__call__`.

        The last result is kept, because a picture that was shown is often saved next.
        """
        last = self._last
        if last is None or last[0] != hints:
            last = self._last = hints, self._predicted(hints)
        return last[1]

    def alone(self) -> Float32:
        """a*, b* [h, w, 2] without hints."""
        if self._alone is None:
            self._alone = self._framed.chroma()
        return self._alone

    def variants(self, count: int, hints: Hints | None = None) -> list[Float32]:
        """Several plausible a*, b* [h, w, 2]; raises the exceptions of `View.variants`."""
        found = self._framed.variants(count, self._planes(hints))
        plain = hints and hints.without_things
        if plain is not None and (bounds := self._bounds(plain)) is not None:
            without = self._framed.variants(count, self._planes(plain.unbounded))
            found = [_within(bounds, *pair) for pair in zip(found, without, strict=True)]
        return found

    def certainty(self, hints: Hints | None = None) -> Float32:
        """The method's confidence [h, w], in [0, 1]; raises UsageError if it has no measure."""
        return self._framed.certainty(self._planes(hints))

    def thing(self, place: tuple[Length, Length]) -> Float32 | None:
        """The thing at a place x, y [h, w], in [0, 1]; None if the method knows no things.

        Raises
        ------
        PhotoError
            If it lies outside the picture.
        """
        hints = Hints((Hint(*place, "gray", thing=True),))
        planes = self._framed.spread(Dots.of(hints.points, self._size), self._planes(hints))
        return None if planes is None else Spread(planes, None).mine

    def nearness(self, hints: Hints | None) -> Float32 | None:
        """Nearness to hints [h, w], 1 in them; None without hints."""
        far = unknown(self._planes(None if hints is None else hints.stated))
        return None if far is None else 1 - far

    def _predicted(self, hints: Hints | None) -> Float32:
        everything = self._framed.chroma(self._planes(hints))
        if not hints:
            return everything
        spread = self._spread(hints)
        if spread is None:
            hints = hints.without_things
        bounds = self._bounds(hints)
        if spread is not None:
            bounds = spread.bounds if bounds is None else np.maximum(bounds, spread.bounds)
        if bounds is None:
            return everything
        outside = self._outside_of(hints)
        chroma = _within(bounds, everything, outside)
        return chroma if spread is None else spread.filled(chroma, outside)

    def _spread(self, hints: Hints) -> Spread | None:
        """What the dots of things colour; None if there are none, or the method knows no things."""
        things = hints.things
        if not things:
            return None
        dots = Dots.of(things.points, self._size)
        dots = changes(dots, self._framed.small, self._outside_of(hints))
        planes = self._framed.spread(dots, self._planes(hints))
        if planes is None:
            return None
        others = hints.shapes.within(OWN_AREA).bounds(self._size, self._framed.small)
        return Spread(planes, others)

    def _outside_of(self, hints: Hints) -> Float32:
        """The chroma outside the bounded hints, cached for trying several colours."""
        unbounded = hints.unbounded
        kept = self._outside
        if kept is None or kept[0] != unbounded:
            kept = self._outside = unbounded, self._framed.chroma(self._planes(unbounded))
        return kept[1]

    def _bounds(self, hints: Hints) -> Float32 | None:
        return hints.bounds(self._size, self._framed.small)

    def _planes(self, hints: Hints | None) -> Float32 | None:
        """The hints as the method takes them, drawn once although several steps need them."""
        if not hints:
            return None
        drawn = self._drawn
        if drawn is None or drawn[0] != hints:
            drawn = self._drawn = hints, hints.planes(self._size, self._framed.small)
            drawn[1].flags.writeable = False
        return drawn[1]


def _within(bounds: Float32, inside: Float32, outside: Float32) -> Float32:
    """Blend chroma [h, w, 2]: `inside` where bounds [h, w] are 1, `outside` where they are 0."""
    return outside + bounds[..., None] * (inside - outside)
