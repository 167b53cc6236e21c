"""Shows the frames of a shot to a method."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retint.color.lab import Float32
from retint.files import Photo
from retint.film import held
from retint.film.steady import Answer
from retint.hints import Hints
from retint.picture.finish import AS_IT_COMES, Finish
from retint.picture.pipeline import Pipeline

if TYPE_CHECKING:
    import av

SHOWN = 16
"""Frames at most that are being shown, and that wait after that."""
ROOM = held.WAITING // 2
"""Bytes of each of both."""
HintsAt = Callable[[int], Hints]
"""Returns the hints for a frame of the shot, by its number there."""
Sight = Callable[[int, Photo], tuple[Float32, Answer | None]]
"""Returns L* [h, w] of a frame at the working size, and its colours if it has any of its own, given
its number in the shot and the frame.
"""
PhotoOf = Callable[["av.VideoFrame"], Photo]
"""Returns the picture in a frame."""


@dataclass
class Seen:
    """A frame of the window."""

    frame: av.VideoFrame
    lightness: Float32
    answer: Answer | None


def sight(
    pipeline: Pipeline, every: int, hints: HintsAt | None = None, finish: Finish = AS_IT_COMES
) -> Sight:
    """Shows every n-th frame to the method."""

    def see(number: int, photo: Photo) -> tuple[Float32, Answer | None]:
        if number % every:
            return pipeline.shrunk(photo), None
        view = pipeline.open(photo)
        told = hints(number) if hints is not None else None
        return view.framed.small, Answer.predicted(view.chroma(told or None, finish))

    return see


def shown(frames: Iterable[av.VideoFrame], photo: PhotoOf, see: Sight) -> Iterator[Seen]:
    """Show the frames of a shot to the method."""
    for number, frame in enumerate(frames):
        yield Seen(frame, *see(number, photo(frame)))


def shown_beside(
    frames: Iterable[av.VideoFrame], photo: PhotoOf, see: Sight, threads: int
) -> Iterator[Seen]:
    """The same, with several frames at once."""
    pool = ThreadPoolExecutor(threads)
    waiting: deque[tuple[av.VideoFrame, Future[tuple[Float32, Answer | None]]]] = deque()
    try:
        for number, frame in enumerate(frames):
            seeing = pool.submit(copy_context().run, see, number, photo(frame))
            waiting.append((frame, seeing))
            if len(waiting) > held.how_many(ROOM, held.weight(frame), SHOWN):
                yield _first_of(waiting)
        while waiting:
            yield _first_of(waiting)
    finally:
        pool.shutdown(cancel_futures=True)


def _first_of(
    waiting: deque[tuple[av.VideoFrame, Future[tuple[Float32, Answer | None]]]],
) -> Seen:
    frame, seeing = waiting.popleft()
    return Seen(frame, *seeing.result())


def weight_of(seen: Seen) -> int:
    """Bytes of a waiting frame; small frames count as more, so that not too many wait."""
    return max(held.weight(seen.frame), ROOM // SHOWN)
