"""Computes a*, b* for the frames of a shot, in windows that bound the memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from retint.color.buffers import Buffers
from retint.color.lab import Float32
from retint.color.srgb import translated
from retint.color.ycbcr import Layout, Levels, shrunk
from retint.errors import UsageError
from retint.files import Photo
from retint.film import held
from retint.film.flow import Flow, Motion
from retint.film.planes import luma_of, with_chroma
from retint.film.showing import ROOM, Seen, Sight, shown, shown_beside, weight_of
from retint.film.stages import COLOR_PATIENCE, Aside, pulse
from retint.film.steady import Answer, Trail, steadied
from retint.picture.finish import Finish, Output
from retint.picture.pipeline import Pipeline, enlarger
from retint.picture.stripes import STRIPE_PIXELS
from retint.threads import threads_or_all

if TYPE_CHECKING:
    import av

WINDOW = 24
"""Frames whose colours are averaged together."""
AHEAD = 12
"""Further frames that are included, so that there is no seam at the end of a window."""
BESIDE = 4
"""Frames whose chroma is computed in parallel."""
LEAST_WINDOW, LEAST_AHEAD = 1, 1
"""Minimum of both, for frames so large that fewer fit in memory."""
DERIVED = 52
"""Bytes for each pixel of the working size that a frame takes besides its own: lightness, answer,
motion to the next frame, trail and mean.
"""

Planes = tuple[Levels, Levels]
"""The two chroma planes of a frame."""
Made = TypeVar("Made")


@dataclass(frozen=True)
class Frames:
    """Converts the frames of a film to photos that a method can colour, and back."""

    layout: Layout
    box: tuple[slice, slice]
    """The picture without bars."""
    turn: int
    """Quarter turns anticlockwise that make it upright."""

    @property
    def upright(self) -> tuple[int, int]:
        """Height and width of those photos."""
        rows, columns = self.box
        height, width = rows.stop - rows.start, columns.stop - columns.start
        return (width, height) if self.turn % 2 else (height, width)

    @property
    def upright_whole(self) -> tuple[int, int]:
        """Their height and width with bars."""
        height, width = self.layout.size
        return (width, height) if self.turn % 2 else (height, width)

    @property
    def upright_box(self) -> tuple[slice, slice]:
        """The picture without bars in them."""
        inside = np.zeros(self.layout.size, np.bool_)
        inside[self.box] = True
        rows, columns = np.nonzero(np.rot90(inside, self.turn))
        return slice(rows[0], rows[-1] + 1), slice(int(columns.min()), int(columns.max()) + 1)

    def photo(self, frame: av.VideoFrame) -> Photo:
        """The picture in a frame, upright: grey, 8 or 16 bits."""
        pixels = translated(self._grey_levels, luma_of(frame)[self.box])
        return Photo(np.ascontiguousarray(np.rot90(pixels, self.turn)), bare=True)

    @cached_property
    def _grey_levels(self) -> NDArray[Any]:
        """Lookup table from luma to the photo's levels."""
        share = self.layout.share(np.arange(1 << self.layout.bits))
        dtype = self.layout.dtype
        return (share * np.float32(np.iinfo(dtype).max) + np.float32(0.5)).astype(dtype)

    def chroma_planes(
        self, frame: av.VideoFrame, small: Float32, chroma: Float32, finish: Finish
    ) -> Planes:
        """The two chroma planes for a*, b* [h, w, 2] at the working size."""
        layout = self.layout
        luma = luma_of(frame)
        height, width = layout.chroma_size
        middle = 1 << (layout.bits - 1)
        planes: list[Any] = [np.full((height, width), middle, layout.dtype) for _ in range(2)]
        box = self._chroma_box()
        rows, columns = box
        inner = luma[rows.start * layout.down : rows.stop * layout.down,
                     columns.start * layout.across : columns.stop * layout.across]  # fmt: skip
        size = rows.stop - rows.start, columns.stop - columns.start
        shrunken = shrunk(inner, size)
        small, chroma = np.rot90(small, -self.turn), np.rot90(chroma, -self.turn)
        upsampler = enlarger(small, chroma, finish, size)
        boxed = [plane[box] for plane in planes]
        step = max(1, STRIPE_PIXELS // size[1])
        for top in range(0, size[0], step):
            stripe = slice(top, min(top + step, size[0]))
            lightness = layout.lightness(shrunken[stripe])
            levels = inner[stripe.start * layout.down : stripe.stop * layout.down]
            found = layout.chroma(levels, upsampler(stripe, lightness), lightness, self._buffers)
            for plane, part in zip(boxed, found, strict=True):
                plane[stripe] = part
        return planes[0], planes[1]

    @cached_property
    def _buffers(self) -> Buffers:
        return Buffers()

    def _chroma_box(self) -> tuple[slice, slice]:
        """Rows and columns of the picture in the chroma planes."""
        height, width = self.layout.chroma_size
        rows, columns = self.box
        down, across = self.layout.down, self.layout.across
        return (
            slice(rows.start // down, min(height, -(-rows.stop // down))),
            slice(columns.start // across, min(width, -(-columns.stop // across))),
        )


def steady_chroma(
    frames: Iterable[av.VideoFrame], how: Frames, see: Sight, room: int | None = None
) -> Iterator[tuple[av.VideoFrame, Float32, Float32]]:
    """Yield each frame of a shot with its L* [h, w] and a*, b* [h, w, 2] at the working size.

    Parameters
    ----------
    room
        Bytes of the frames that are held, by default `held.JOINED`.
    """
    yield from _steady(shown(frames, how.photo, see), held.JOINED if room is None else room)


def _steady(shown: Iterable[Seen], room: int) -> Iterator[tuple[av.VideoFrame, Float32, Float32]]:
    flow = Flow()
    frames: deque[av.VideoFrame] = deque()  # not yielded yet; later ones need no memory
    window: list[tuple[Float32, Answer | None]] = []  # lightness and answer
    onward, ahead = WINDOW, AHEAD
    motions: list[Motion] = []
    before: Trail | None = None
    fresh = 0  # index in the window of the first frame that was not yielded yet
    for number, seen in enumerate(shown):
        if window:
            motions.append(flow(window[-1][0], seen.lightness))
        window.append((seen.lightness, seen.answer))
        frames.append(seen.frame)
        if number == 0:
            one = held.weight(seen.frame) + DERIVED * seen.lightness.size
            onward, ahead = _window(one, room)
        if len(window) - fresh == onward + ahead:
            joined, trails = steadied([answer for _, answer in window], motions, before)
            last = fresh + onward
            for (lightness, _), chroma in zip(window[fresh:last], joined[fresh:last], strict=True):
                yield frames.popleft(), lightness, chroma
            # The last yielded frame stays, since the next trail starts there.
            before = trails[last - 1]
            window, motions, fresh = window[last - 1 :], motions[last - 1 :], 1
    if len(window) > fresh:
        joined, _ = steadied([answer for _, answer in window], motions, before)
        for (lightness, _), chroma in zip(window[fresh:], joined[fresh:], strict=True):
            yield frames.popleft(), lightness, chroma


def colored(
    frames: Iterable[av.VideoFrame], how: Frames, see: Sight, finish: Finish, threads: int = 0,
    beside: int = 1,
) -> Iterator[av.VideoFrame]:  # fmt: skip
    """Yield the frames of a shot in colour.

    Parameters
    ----------
    beside
        Frames that are shown to the method at the same time; more than 1 only if `see` does not
        depend on the order.
    """

    def finished(frame: av.VideoFrame, planes: Planes) -> av.VideoFrame:
        return with_chroma(frame, how.layout, planes)

    # Networks run for the next frames while the colours of the last ones are averaged.
    shown_here = shown_beside(frames, how.photo, see, beside)
    with Aside(
        shown_here, "colouring", weigh=weight_of, most=ROOM,
        patience=COLOR_PATIENCE,
    ) as shown:  # fmt: skip
        found = _steady(shown, held.JOINED)
        yield from finish_beside(found, how, finish, finished, held.BESIDE, threads)


def finish_beside(
    found: Iterator[tuple[av.VideoFrame, Float32, Float32]], how: Frames, finish: Finish,
    made: Callable[[av.VideoFrame, Planes], Made], room: int, threads: int = 0,
) -> Iterator[Made]:  # fmt: skip
    """Yield what is made of each frame and its chroma planes, several of which are computed in
    parallel.

    Parameters
    ----------
    found
        From `steady_chroma`.
    room
        Bytes of the frames in parallel.
    """

    def finished(each: tuple[av.VideoFrame, Float32, Float32]) -> Made:
        return made(each[0], how.chroma_planes(*each, finish))

    beside = 1  # until the size of a frame is known
    with ThreadPoolExecutor(threads_or_all(threads)) as pool:
        while some := list(islice(found, beside)):
            pulse()
            beside = held.how_many(room, held.weight(some[0][0]), BESIDE)
            waiting = pool.map(finished, some)
            del some  # frames that have been given away need no memory
            yield from waiting
            del waiting


def _window(one: int, room: int) -> tuple[int, int]:
    """Frames of so many bytes that are averaged together, and further frames that are included."""
    together = held.how_many(room, one, WINDOW + AHEAD, LEAST_WINDOW + LEAST_AHEAD)
    ahead = max(LEAST_AHEAD, together * AHEAD // (WINDOW + AHEAD))
    return together - ahead, ahead


def check(pipeline: Pipeline, finish: Finish) -> None:
    """Raise UsageError for options that do not apply to films."""
    if reason := finish.misfit(Output.FILM):
        raise UsageError(reason)
    pipeline.check(finish)
