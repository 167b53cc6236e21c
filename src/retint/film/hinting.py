"""Which hints and stills belong to which shot of a film, and what they say about its frames."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np

from retint.color.lab import Float32
from retint.errors import PhotoError
from retint.files import Photo
from retint.film import held
from retint.film.carrying import Truth
from retint.film.coloring import Frames
from retint.film.options import FilmOptions, moment
from retint.film.scan import Shot
from retint.film.showing import Sight, sight
from retint.film.source import Source
from retint.film.stages import pulse
from retint.film.stilled import Stilled
from retint.film.stills import Placed, placed, truth_of
from retint.film.times import time_of
from retint.film.tracking import Timed, Tracks
from retint.picture.finish import Finish
from retint.picture.memory import Memory
from retint.picture.pipeline import Pipeline, View
from retint.picture.reference import Reference, taken_from
from retint.threads import threads_or_all

NEAREST = 16
"""Maximum number of stills that a shot is compared with: those nearest in time."""
MOST_FOLLOWED = 4000
"""Maximum number of frames of a shot through which hints are followed; L* of all of them is in
memory.
"""
ROUNDED = 0.0015
"""Seconds by which the time of a frame may differ from its number divided by the frame rate:
Matroska rounds times to milliseconds.
"""


class _Middle(NamedTuple):
    """The middle frame of a shot."""

    number: int
    """Its number in the shot."""
    time: float
    view: View


@dataclass(frozen=True)
class Hinting:
    """Follows hints and stills through the shots of a film."""

    source: Source
    shots: list[Shot]
    frames: Frames
    pipeline: Pipeline
    finish: Finish
    options: FilmOptions
    hints: Sequence[Timed] = ()
    reference: Reference | None = None
    memory: Memory | None = None
    """Hints of other films and pictures, for shots without hints."""
    _matched: list[bool] = field(default_factory=list, init=False, repr=False)
    """Whether a shot matches the reference, for each that was compared."""
    _followed: dict[Shot, dict[str, str]] = field(default_factory=dict, init=False, repr=False)

    def tell(self, followed: Collection[str]) -> None:
        """Add a remark on the pictures of a folder of references that shots follow, by their names,
        or if no shot matches the reference.
        """
        if followed:
            self.source.lost.remark(taken_from(followed))
        elif self.reference is not None and self._matched and not any(self._matched):
            self.source.lost.remark(self.reference.unused)

    def followed(self, shot: Shot) -> dict[str, str]:
        """The pictures of a folder of references that a shot follows, as `Guidance.followed`."""
        return self._followed.get(shot, {})

    def check(self) -> None:
        """Raise PhotoError for a hint or a still beyond the end, which would have no effect, and
        UsageError for two stills of one frame.

        Those outside the selected part belong to other parts of the film.
        """
        times = [("the hint", each.time) for each in self.hints]
        times += [(each.still.name, each.time) for each in self.stills]
        stop = self.shots[-1].end
        for what, time in times:
            if stop <= time < self.options.span[1]:
                raise PhotoError(f"{what} at {time:g} s is beyond the end of the film ({stop:g} s)")

    @cached_property
    def stills(self) -> list[Placed]:
        """The stills in the order of their frames."""
        return [] if self.reference is None else placed(self.reference.stills, self.source)

    def sight(self, shot: Shot) -> Sight:
        """How the frames of a shot are coloured, one after the other."""
        stilled, tracks, _ = self._guides(shot)
        return stilled or sight(self.pipeline, self.options.every, tracks, self.finish)

    def sight_beside(self, shot: Shot) -> tuple[Sight, int]:
        """The same, and how many frames at once.

        Several frames with one thread each take less time than one frame with all threads.
        """
        stilled, tracks, _ = self._guides(shot)
        if stilled is not None:  # it needs the frames before
            return stilled, 1
        pipeline, threads = self.pipeline.on_one_thread, threads_or_all(self.pipeline.threads)
        beside = threads if pipeline.colorizer is not self.pipeline.colorizer else 1
        return sight(pipeline, self.options.every, tracks, self.finish), beside

    def chroma(self, shot: Shot, times: Sequence[float]) -> Callable[[View, float], Float32]:
        """What returns a*, b* [h, w, 2] of the frames of a shot at some times in seconds, without
        smoothing over time.
        """
        stilled, tracks, of_frames = self._guides(shot, times)

        def found(view: View, time: float) -> Float32:
            if stilled is not None:
                return stilled.chroma(view, _number(of_frames, time))
            return view.chroma(None if tracks is None else tracks.at(time), self.finish)

        return found

    def tracks(self, shot: Shot) -> Tracks | None:
        """The hints of a person for each frame of a shot; None if there are none."""
        return self._guides(shot)[1]

    def _guides(
        self, shot: Shot, wanted: Sequence[float] = ()
    ) -> tuple[Stilled | None, Tracks | None, list[float]]:
        """The colours of stills and references for a shot, if there are any, its hints likewise,
        and the times of its frames.
        """
        own, reference = self._own(shot), self._nearest(shot)
        if not own and reference is None and self.memory is None:
            return None, None, []
        lightness, times = self._lightness(shot)
        middle = cache(lambda: self._middle(times))
        hints = own or self._remembered(middle)
        tracks = Tracks(lightness, times) if hints else None
        for each in hints:
            assert tracks is not None
            tracks.follow(each.hints, self.frames.upright, each.time)
        if reference is None:
            return None, tracks, times
        stills = [each for each in self.stills if self._shot_of(each.time) == shot]
        truths = self._truths(stills, lightness, times)
        if reference.gallery is not None:
            # Where stills say what is true, similar pictures need not.
            reference = reference.near(None if truths else middle().view)
        truths = truths or self._matches(shot, reference, middle)
        self._matched.append(bool(truths))
        if not truths:
            return None, tracks, times
        numbers = {_number(times, each) for each in wanted}
        every = self.options.every
        stilled = Stilled(
            self.pipeline, self.finish, every, lightness, truths, reference, tracks, numbers
        )
        return stilled, tracks, times

    def _middle(self, times: Sequence[float]) -> _Middle:
        """The middle frame of a shot."""
        number = len(times) // 2
        photo = frame_at(self.source, self.frames, times[number])
        return _Middle(number, times[number], self.pipeline.open(photo))

    def _matches(
        self, shot: Shot, reference: Reference, middle: Callable[[], _Middle]
    ) -> list[Truth]:
        """The middle frame of a shot without stills, coloured from a reference; empty if no place
        matches.
        """
        number, _, view = middle()
        known = reference.guidance(view)
        if not known.hints:
            return []
        self._followed[shot] = known.followed
        return [Truth(number, view.chroma(known.hints, self.finish))]

    def _truths(
        self, stills: Sequence[Placed], lightness: Sequence[Float32], times: Sequence[float]
    ) -> list[Truth]:
        found = []
        for each in stills:
            number = _number(times, each.time)
            if each.time > times[-1] + ROUNDED + 0.5 / float(self.source.rate):
                continue  # in a shot that is too long to be followed
            truth = truth_of(each.still, self.frames, lightness[number], number, self._aspect)
            if truth is None:
                self.source.lost.remark(
                    f"{each.still.name} does not look like {each.still.at}; its colors are used "
                    "where they match, as those of any reference picture"
                )
            else:
                found.append(truth)
        return found

    @property
    def _aspect(self) -> float:
        """Width of a pixel of an upright frame, divided by its height."""
        aspect = float(self.source.aspect or 1) or 1.0
        return 1 / aspect if self.source.turn % 2 else aspect

    def _nearest(self, shot: Shot) -> Reference | None:
        """The reference with those stills only that are nearest to a shot in time."""
        if self.reference is None:
            return None
        nearest = sorted(self.stills, key=lambda each: abs(each.time - shot.middle))[:NEAREST]
        return self.reference.with_stills(each.still for each in nearest)

    def shot_at(self, time: float) -> Shot:
        """The shot at a time in seconds; raises PhotoError if there is no frame, and UsageError for
        an invalid time.
        """
        shot = self._shot_of(moment(time))
        if shot is None:
            raise PhotoError(f"there is no frame at {time:g} s")
        return shot

    def _shot_of(self, time: float) -> Shot | None:
        """The shot that a time in seconds belongs to; None outside the part that is coloured."""
        begin, end = self.options.span
        if not begin <= time + ROUNDED < min(end, self.shots[-1].end) + ROUNDED:
            return None
        earlier = [each for each in self.shots if each.begin <= time + ROUNDED]
        return earlier[-1] if earlier else self.shots[0]

    @property
    def used(self) -> list[Timed]:
        """The hints that have an effect."""
        return [each for each in self.hints if self._shot_of(each.time) is not None]

    def _own(self, shot: Shot) -> list[Timed]:
        """The hints of a shot."""
        return [each for each in self.hints if self._shot_of(each.time) == shot]

    def _remembered(self, middle: Callable[[], _Middle]) -> list[Timed]:
        """Remembered hints for the middle frame of a shot."""
        if self.memory is None:
            return []
        _, time, view = middle()
        found = self.memory.hints(view)
        return [Timed(time, found)] if found else []

    def _lightness(self, shot: Shot) -> tuple[list[Float32], list[float]]:
        """L* of the frames of a shot at the working size, and their times in seconds."""
        begin, end = self.options.span
        found: list[Float32] = []
        times: list[float] = []
        most = MOST_FOLLOWED
        with self.source.part(max(begin, shot.begin), min(end, shot.end)).frames() as frames:
            for frame in frames:
                pulse()
                found.append(self.pipeline.shrunk(self.frames.photo(frame)))
                times.append(time_of(frame))
                most = held.how_many(held.FOLLOWED, found[0].nbytes, most)
                if len(found) == most:
                    break
        return found, times


def _number(times: Sequence[float], time: float) -> int:
    """The number of the frame nearest to a time."""
    return int(np.argmin(np.abs(np.array(times) - time)))


def frame_at(source: Source, frames: Frames, time: float) -> Photo:
    """The frame at a time in seconds, grey and upright; raises PhotoError beyond the end, and
    UsageError for an invalid time.
    """
    with source.part(time).frames() as found:
        for frame in found:
            return frames.photo(frame)
    raise PhotoError(f"there is no frame at {time:g} s")
