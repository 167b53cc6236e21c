"""Which hints belong to which shot of a film, and where they are in its frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from retint.color.lab import Float32
from retint.errors import PhotoError
from retint.files import Photo
from retint.film import held
from retint.film.coloring import Frames
from retint.film.options import FilmOptions, moment
from retint.film.scan import Shot
from retint.film.source import Source
from retint.film.stages import pulse
from retint.film.times import time_of
from retint.film.tracking import Timed, Tracks
from retint.hints import Hints
from retint.picture.finish import Finish
from retint.picture.pipeline import Pipeline
from retint.picture.reference import Reference

EVERY_CELLS = 4
"""Cells between the hints from a reference, each of which is followed through its shot."""
MOST_FOLLOWED = 4000
"""Maximum number of frames of a shot through which hints are followed; L* of all of them is in
memory.
"""
ROUNDED = 0.0015
"""Seconds by which the time of a frame may differ from its number divided by the frame rate:
Matroska rounds times to milliseconds.
"""


@dataclass(frozen=True)
class Hinting:
    """Follows hints through the shots of a film."""

    source: Source
    shots: list[Shot]
    frames: Frames
    pipeline: Pipeline
    finish: Finish
    options: FilmOptions

    def check(self, hints: Sequence[Timed]) -> None:
        """Raise PhotoError for a hint beyond the end; it would have no effect.

        Hints outside the selected part belong to other parts of the film.
        """
        stop = self.shots[-1].end
        for each in hints:
            if stop <= each.time < self.options.span[1]:
                raise PhotoError(
                    f"the hint at {each.time:g} s is beyond the end of the film ({stop:g} s)"
                )

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

    def used(self, hints: Sequence[Timed]) -> list[Timed]:
        """The hints that have an effect."""
        found = [each for each in hints if self._shot_of(each.time) is not None]
        if self.options.remember and hints and hints[0] not in found:
            found.insert(0, hints[0])
        return found

    def tracks(
        self, shot: Shot, hints: Sequence[Timed], reference: Reference | None
    ) -> Tracks | None:
        """The hints for each frame of a shot; None if there are none."""
        own = [each for each in hints if self._shot_of(each.time) == shot]
        if self.options.remember and not own and hints:
            reference = self._remembered_reference(hints)
        if not own and reference is None:
            return None
        lightness, times = self._lightness(shot)
        tracks = Tracks(lightness, times)
        if reference is not None:
            photo = frame_at(self.source, self.frames, times[len(times) // 2])
            view = self.pipeline.open(photo)
            known = reference.hints(view, EVERY_CELLS)
            known = Hints(known.anchors + known.points)
            tracks.follow(known, photo.size, times[len(times) // 2])
        for each in own:
            tracks.follow(each.hints, self.frames.upright, each.time)
        return tracks

    def _remembered_reference(self, hints: Sequence[Timed]) -> Reference:
        """The first frame with hints, coloured with them."""
        first = hints[0]
        photo = frame_at(self.source, self.frames, first.time)
        return Reference(self.pipeline, self.pipeline(photo, first.hints, self.finish))

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


def frame_at(source: Source, frames: Frames, time: float) -> Photo:
    """The frame at a time in seconds, grey and upright; raises PhotoError beyond the end, and
    UsageError for an invalid time.
    """
    with source.part(time).frames() as found:
        for frame in found:
            return frames.photo(frame)
    raise PhotoError(f"there is no frame at {time:g} s")
