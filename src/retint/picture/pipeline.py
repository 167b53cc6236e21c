"""The pipeline from `Photo` to `Photo` that every colouring uses.

Lightness is computed from the pixels at full resolution, stripe by stripe, twice: once to shrink it
to the method's working size, and once to merge it, unchanged, with the enlarged chroma.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retint.color import lab
from retint.color.lab import Float32
from retint.color.resize import cubic, linear, shrink, working_size
from retint.color.upsampling import GuidedUpsampler
from retint.colorizers import Colorizer, paints
from retint.colorizers.parts.framed import Framed
from retint.errors import UsageError
from retint.files import Photo
from retint.hints import Hints
from retint.picture.dots import OWN_AREA, Spread
from retint.picture.finish import AS_IT_COMES, Finish
from retint.picture.repair import repaired
from retint.steps import checkpoint
from retint.threads import threads_or_all

STRIPE_PIXELS = 1 << 18
"""Pixels per stripe: few enough for the cache, enough to keep threads from waiting for each other.
"""


@dataclass(frozen=True)
class Pipeline:
    """Colours photos with one method; thread-safe."""

    colorizer: Colorizer
    threads: int = 0
    """CPU threads; 0 uses all."""

    def __call__(
        self, photo: Photo, hints: Hints | None = None, finish: Finish = AS_IT_COMES
    ) -> Photo:
        """Colour a photo: sRGB of the same size and type, with its alpha and metadata.

        Raises
        ------
        UsageError
            If there are hints and the method takes none, or the finish does not apply to it.
        PhotoError
            If a hint lies outside the picture.
        """
        return self.open(photo).colorize(hints, finish)

    def check(self, finish: Finish) -> None:
        """Raise UsageError if the finish does not apply to the method."""
        if finish.raw and not paints(type(self.colorizer)):
            raise UsageError(
                f"`raw` needs a method with an RGB output; {self.colorizer.name} has none"
            )

    def open(self, photo: Photo) -> View:
        """Open a photo to colour it repeatedly."""
        return View(self, photo)

    def shrunk(self, photo: Photo) -> Float32:
        """L* [h, w] of the photo at the working size."""
        size = working_size(photo.size, self.colorizer.native)
        if photo.size[0] * photo.size[1] <= size[0] * size[1]:
            return shrink(lab.lightness(photo.pixels), size)
        # Width first, row by row, so that the lightness of a huge scan is never all in memory.
        narrow = np.empty((photo.size[0], size[1]), dtype=np.float32)

        def convert(rows: slice) -> None:
            lightness = lab.lightness(photo.pixels[rows])
            narrow[rows] = shrink(lightness, (lightness.shape[0], size[1]))

        self.by_stripes(photo.size, convert)
        return shrink(narrow, size)

    def merge(
        self, photo: Photo, upsampler: GuidedUpsampler, saturation: float = 1.0
    ) -> NDArray[Any]:
        """sRGB [H, W, 3] from the photo's lightness and chroma, enlarged stripe by stripe."""
        rgb = np.empty((*photo.size, 3), dtype=photo.pixels.dtype)

        def convert(rows: slice) -> None:
            plane = lab.lightness(photo.pixels[rows])
            chroma = upsampler(rows, plane)
            if saturation != 1:
                chroma = lab.saturated(plane, chroma, saturation)
            lab.merge(plane, chroma, out=rgb[rows])

        self.by_stripes(photo.size, convert)
        return rgb

    def by_stripes(self, size: tuple[int, int], convert: Callable[[slice], None]) -> None:
        """Call `convert` on all rows, stripe by stripe, on all threads."""
        height, width = size
        step = max(1, STRIPE_PIXELS // width)
        stripes = [slice(top, min(top + step, height)) for top in range(0, height, step)]
        threads = min(threads_or_all(self.threads), len(stripes))
        if threads == 1:
            for rows in stripes:
                checkpoint()
                convert(rows)
            return
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(convert, stripes):
                checkpoint()


class View:
    """One photo opened with one method.

    Work that does not depend on hints, such as the network's encoder, is done once. Thread-safe.
    """

    def __init__(self, pipeline: Pipeline, photo: Photo) -> None:
        self.pipeline = pipeline
        self.photo = photo
        self.framed = Framed(pipeline.colorizer, pipeline.shrunk(photo))
        """The photo as the method sees it."""
        self._last: tuple[Hints | None, Float32] | None = None
        self._without: tuple[Hints, Float32] | None = None

    def over(self, photo: Photo) -> View:
        """The same view, with its colours merged with the same picture at another size."""
        view = copy.copy(self)
        view.photo = photo
        return view

    def colorize(self, hints: Hints | None = None, finish: Finish = AS_IT_COMES) -> Photo:
        """Colour the photo with these hints; raises the exceptions of `Pipeline.__call__`."""
        if not finish.raw:
            return self.merged(self.chroma(hints), finish)
        if hints:
            raise UsageError("`raw` shows the network's own output, which takes no hints")
        return self.photo.with_pixels(_enlarge(self.framed.rgb(), self.photo))

    def variants(
        self, count: int, hints: Hints | None = None, finish: Finish = AS_IT_COMES
    ) -> list[Photo]:
        """Return several plausible colourings of the photo.

        Raises
        ------
        UsageError
            If the method gives only one result, or there are hints and it takes none.
        """
        return [self.merged(each, finish) for each in self.chromas(count, hints)]

    def chromas(self, count: int, hints: Hints | None = None) -> list[Float32]:
        """Several plausible a*, b* [h, w, 2] at the working size; raises like `variants`."""
        everything = self.framed.variants(count, self._planes(hints))
        hints = hints and hints.without_things
        if hints is None or (bounds := self._bounds(hints)) is None:
            return everything
        without = self.framed.variants(count, self._planes(hints.unbounded))
        return [_within(bounds, *pair) for pair in zip(everything, without, strict=True)]

    def merged(
        self, chroma: Float32, finish: Finish = AS_IT_COMES, left: Hints | None = None
    ) -> Photo:
        """Merge the photo with a*, b* [h, w, 2] of the working size.

        Parameters
        ----------
        left
            Shapes in which no dust or scratches are removed.
        """
        kept = left.mask(self.photo.size) if left and finish.repair else None
        photo = repaired(self.photo, finish.repair, finish.fading, kept)
        small = self.framed.small if photo is self.photo else self.pipeline.shrunk(photo)
        upsampler = enlarger(small, chroma, finish, photo.size)
        return photo.with_pixels(self.pipeline.merge(photo, upsampler, finish.saturation))

    def certainty(self, hints: Hints | None = None) -> Float32:
        """The method's confidence [H, W], in [0, 1].

        Raises
        ------
        UsageError
            If the method has no measure of confidence.
        """
        return linear(self.framed.certainty(self._planes(hints)), self.photo.size)

    def chroma(self, hints: Hints | None = None) -> Float32:
        """a*, b* [h, w, 2] at the working size; raises the exceptions of `Pipeline.__call__`.

        The last result is kept, because a picture that was shown is often saved next.
        """
        last = self._last
        if last is None or last[0] != hints:
            last = self._last = hints, self._answer(hints)
        return last[1]

    def _answer(self, hints: Hints | None) -> Float32:
        everything = self.framed.chroma(self._planes(hints))
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
        answer = _within(bounds, everything, self._unbounded_chroma(hints.unbounded))
        return answer if spread is None else spread.filled(answer)

    def _spread(self, hints: Hints) -> Spread | None:
        """What the dots of things colour; None if there are none, or the method knows no things."""
        things = hints.things
        if not things:
            return None
        planes = self.framed.spread(things.dots(self.photo.size, self.framed.small))
        if planes is None:
            return None
        others = hints.shapes.within(OWN_AREA).bounds(self.photo.size, self.framed.small)
        return Spread(planes, others)

    def _unbounded_chroma(self, hints: Hints) -> Float32:
        """The chroma outside the bounded hints, cached for trying several colours."""
        kept = self._without
        if kept is None or kept[0] != hints:
            kept = self._without = hints, self.framed.chroma(self._planes(hints))
        return kept[1]

    def _bounds(self, hints: Hints) -> Float32 | None:
        return hints.bounds(self.photo.size, self.framed.small)

    def _planes(self, hints: Hints | None) -> Float32 | None:
        return hints.planes(self.photo.size, self.framed.small) if hints else None


def enlarger(
    lightness: Float32, chroma: Float32, finish: Finish, size: tuple[int, int]
) -> GuidedUpsampler:
    """Returns what enlarges chroma from the working size to the size of an output.

    Parameters
    ----------
    lightness, chroma
        L* [h, w] and a*, b* [h, w, 2] at the working size.
    size
        Height and width of the output.
    """
    vivid = np.ascontiguousarray(chroma * np.float32(finish.vividness))
    return GuidedUpsampler(np.ascontiguousarray(lightness), vivid, size)


def _within(bounds: Float32, inside: Float32, outside: Float32) -> Float32:
    """Blend chroma [h, w, 2]: `inside` where bounds [h, w] are 1, `outside` where they are 0."""
    return outside + bounds[..., None] * (inside - outside)


def _enlarge(painted: Float32, photo: Photo) -> NDArray[Any]:
    """sRGB [h, w, 3] in [0, 1], enlarged to the photo's size, in the type of its pixels."""
    rgb = cubic(painted, photo.size).clip(0, 1)
    dtype = photo.pixels.dtype
    if dtype.kind == "u":
        rgb = rgb * np.float32(np.iinfo(dtype).max) + np.float32(0.5)
    return np.asarray(rgb.astype(dtype))
