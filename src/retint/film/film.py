"""`retint film.mp4`: colours a film and keeps everything else."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retint import files
from retint.color.lab import Float32
from retint.errors import ExistsError, PhotoError, reason
from retint.files import Photo
from retint.files.atomic import is_taken, put_new
from retint.files.times import Times
from retint.film import held
from retint.film.beside import lost
from retint.film.coloring import Frames, check, steady_chroma
from retint.film.containers import container_of
from retint.film.joining import Joining
from retint.film.options import FilmOptions, moment
from retint.film.parts import Parts
from retint.film.planes import with_chroma
from retint.film.scan import Scan, Shot, scan
from retint.film.source import Source, time_of
from retint.film.stages import Aside, pulse
from retint.film.tracking import Timed, Tracks
from retint.film.trial import check_folder, check_room, try_out
from retint.film.writing import Encoder
from retint.hints import Hints
from retint.picture import provenance
from retint.picture.finish import AS_IT_COMES, Finish
from retint.picture.pipeline import Pipeline
from retint.picture.reference import Reference
from retint.picture.sheet import Row, contact_sheet
from retint.threads import threads_or_all
from retint.version import __version__

if TYPE_CHECKING:
    import av
    from PIL import Image

MOST_FOLLOWED = 4000
"""Maximum number of frames of a shot through which hints are followed; L* of all of them is in
memory.
"""
SHEET_COLUMNS = 4
EVERY_CELLS = 4
"""Cells between the hints from a reference, each of which is followed through its shot."""
BESIDE = 4
"""Frames whose chroma is computed in parallel."""
COLOR_PATIENCE = 3600.0
"""Maximum seconds for one frame."""
ROUNDED = 0.0015
"""Seconds by which the time of a frame may differ from its number divided by the frame rate:
Matroska rounds times to milliseconds.
"""
TOLD_EVERY = 50
"""Packets between progress reports while a film is joined."""

Progress = Callable[[int, int], None]
"""Called with the number of finished frames and the number of the shot: after each frame, and
several times a second in between. An exception aborts the work.
"""


@dataclass
class Film:
    """An open film."""

    path: Path
    pipeline: Pipeline
    options: FilmOptions = field(default_factory=FilmOptions)
    finish: Finish = AS_IT_COMES
    _scan: Scan | None = field(default=None, repr=False)
    _tried: tuple[Path, Encoder, Joining] | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        check(self.pipeline, self.finish)
        # Frames of one shot must not be shown to the method in different ways.
        self.pipeline = dataclasses.replace(self.pipeline, upright=self.pipeline.upright.decided)
        self.source = Source(self.path, self.options.deinterlace, self.options.span)

    @property
    def scan(self) -> Scan:
        """Results of a first pass over all frames."""
        return self._scan or self.look()

    def look(self, seen: Callable[[int], None] | None = None) -> Scan:
        """Run that pass now, and report each frame's number to `seen`."""
        self._scan = scan(self.source, seen)
        return self._scan

    @property
    def shots(self) -> list[Shot]:
        """Its shots, in order."""
        return self.scan.shots

    @property
    def lost(self) -> list[str]:
        """What could not be read or kept, one line each."""
        return list(self.source.lost)

    @property
    def remarks(self) -> list[str]:
        """What was converted, by which nothing is lost, one line each."""
        return self.source.lost.remarks

    @property
    def how_frames(self) -> Frames:
        """The converter between frames and photos."""
        return Frames(self.source.layout, self.scan.box, self.source.turn)

    def otherwise(self, pipeline: Pipeline, finish: Finish = AS_IT_COMES) -> Film:
        """The same film with another method or finish; it is not scanned again.

        Raises UsageError for options that do not apply to films.
        """
        return dataclasses.replace(self, pipeline=pipeline, finish=finish)

    def frame(self, time: float) -> Photo:
        """The frame at a time in seconds, grey and upright; raises PhotoError beyond the end, and
        UsageError for an invalid time.
        """
        with self.source.part(time).frames() as frames:
            for frame in frames:
                return self.how_frames.photo(frame)
        raise PhotoError(f"there is no frame at {time:g} s")

    def still(self, time: float, hints: Hints | None = None) -> Image.Image:
        """The frame at a time in seconds in colour, coloured like a photograph."""
        return files.to_pillow(self.pipeline(self.frame(time), hints, self.finish))

    def followed(
        self, hints: Sequence[Timed], times: Sequence[float], reference: Reference | None = None
    ) -> list[Photo]:
        """The frames at some times in seconds as they will be in the film, without smoothing over
        time: with the hints of their shots, followed to their position.

        Raises PhotoError for a time beyond the end, also of a hint.
        """
        self._check_times(hints)
        tracks: dict[Shot, Tracks | None] = {}
        found = []
        for time in times:
            shot = self._shot_at(time)
            if shot not in tracks:
                tracks[shot] = self.tracks(shot, hints, reference)
            own = tracks[shot]
            told = own.at(time) if own is not None else None
            found.append(self.pipeline(self.frame(time), told, self.finish))
        return found

    def _check_times(self, hints: Sequence[Timed]) -> None:
        """Raise PhotoError for a hint beyond the end; it would have no effect.

        Hints outside the selected part belong to other parts of the film.
        """
        stop = self.shots[-1].end
        for each in hints:
            if stop <= each.time < self.options.span[1]:
                raise PhotoError(
                    f"the hint at {each.time:g} s is beyond the end of the film ({stop:g} s)"
                )

    def _shot_at(self, time: float) -> Shot:
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

    def _used(self, hints: Sequence[Timed]) -> list[Timed]:
        """The hints that have an effect."""
        found = [each for each in hints if self._shot_of(each.time) is not None]
        if self.options.remember and hints and hints[0] not in found:
            found.insert(0, hints[0])
        return found

    def colorize(
        self,
        target: str | os.PathLike[str],
        hints: Sequence[Timed] = (),
        reference: Reference | None = None,
        *,
        resume: bool = False,
        overwrite: bool = False,
        keep_times: bool = False,
        progress: Progress | None = None,
        finished: Callable[[Path], None] | None = None,
    ) -> Path:
        """Write the film in colour.

        Parameters
        ----------
        hints
            Hints; each colours its object throughout its shot.
        reference
            Picture whose palette is used for the whole film.
        resume
            Continue with the shots that an unfinished run has left beside the target.
        keep_times
            Whether the file gets the modification and access times of the source.
        progress
            Progress callback; an exception aborts the work on all threads, and finished shots stay.
        finished
            Called with the complete film before it gets the target's name.

        Raises
        ------
        PhotoError
            If the film cannot be read, a hint is beyond its end, the target cannot be written, or
            another run is writing it.
        UsageError
            If the options or the target's name are invalid.
        """
        target = Path(target)
        encoder, joining = self.try_out(target)
        if target.exists() and target.samefile(self.path):
            raise PhotoError(f"{target} is the source itself; originals are never overwritten")
        if is_taken(target) and not overwrite:
            raise ExistsError.of(target)
        self._check_times(hints)
        how = self.how(hints, reference)
        times = Times.of(self.path) if keep_times else None
        joining = dataclasses.replace(joining, how=how)
        parts = Parts(target, {**how, "source": _identity(self.path)})
        making = _Making(self, parts, encoder, joining, progress or _nobody)
        try:
            with parts.held(resume=resume):
                making.check_room(target)
                making.color(hints, reference)
                for what in lost(self.source.beside, encoder.codec):
                    self.source.lost.say(f"{encoder.codec} does not write {what}")
                making.join(target, finished or _nobody, overwrite=overwrite)
                parts.remove()
        except FileExistsError:  # it appeared in the meantime
            raise ExistsError.of(target) from None
        except OSError as error:
            raise PhotoError(f"cannot write {target}: {reason(error)}") from error
        if times is not None:
            times.give(target)
        return target

    def try_out(self, target: Path) -> tuple[Encoder, Joining]:
        """Try what can fail before the film is scanned and coloured, once for each target.

        Raises PhotoError if the film cannot be written there, and UsageError for its name.
        """
        if self._tried is None or self._tried[0] != target:
            container = container_of(target, lossless=self.options.lossless)
            check_folder(target)
            encoder = Encoder(self.source, container, self.options)
            joining = try_out(self.source, encoder, Joining(self.source, container, {}))
            self._tried = target, encoder, joining
        return self._tried[1:]

    def sheet(self) -> Image.Image:
        """A contact sheet with one coloured still per shot."""
        stills = [(each, self.still(each.middle)) for each in self.shots]
        rows = []
        for k in range(0, len(stills), SHEET_COLUMNS):
            some = stills[k : k + SHEET_COLUMNS]
            name = ", ".join(f"{shot.begin:.1f}-{shot.end:.1f} s" for shot, _ in some)
            rows.append(Row(name, [still for _, still in some]))
        return contact_sheet([""] * min(len(stills), SHEET_COLUMNS), rows)

    def how(
        self, hints: Sequence[Timed] = (), reference: Reference | None = None
    ) -> dict[str, Any]:
        """Everything besides the film that the colours depend on, as JSON values; hints outside the
        part that is coloured are not among it.
        """
        found = provenance.how(self.pipeline, self.finish)
        found["software"] = f"retint {__version__}"
        if own := self.options.chosen():
            found["film"] = own
        size = self.source.layout.size
        if used := self._used(hints):
            found["hints"] = [{"time": each.time, **each.hints.content(size)} for each in used]
        if reference is not None:
            found["reference"] = reference.sha256
        return found

    def colored_shot(
        self,
        shot: Shot,
        frames: Iterator[av.VideoFrame],
        hints: Sequence[Timed],
        reference: Reference | None,
    ) -> Iterator[av.VideoFrame]:
        """The coloured frames of a shot."""
        how = self.how_frames
        tracks = self.tracks(shot, hints, reference)
        found = steady_chroma(self.pipeline, frames, how, self.options.every, tracks, self.finish)

        def finished(each: tuple[av.VideoFrame, Float32, Float32]) -> av.VideoFrame:
            frame, small, chroma = each
            planes = how.chroma_planes(frame, small, chroma, self.finish)
            return with_chroma(frame, self.source.layout, planes)

        beside = 1  # until the size of a frame is known
        with ThreadPoolExecutor(threads_or_all(self.pipeline.threads)) as pool:
            while some := list(islice(found, beside)):
                pulse()
                yield from pool.map(finished, some)
                beside = held.how_many(held.BESIDE, held.weight(some[0][0]), BESIDE)

    def tracks(
        self, shot: Shot, hints: Sequence[Timed], reference: Reference | None
    ) -> Tracks | None:
        """The hints for each frame of a shot."""
        own = [each for each in hints if self._shot_of(each.time) == shot]
        if self.options.remember and not own and hints:
            reference = self._remembered_reference(hints)
        if not own and reference is None:
            return None
        lightness, times = self._lightness(shot)
        tracks = Tracks(lightness, times)
        if reference is not None:
            photo = self.frame(times[len(times) // 2])
            view = self.pipeline.open(photo)
            known = reference.hints(view, EVERY_CELLS)
            known = Hints(known.anchors + known.points)
            tracks.follow(known, photo.size, times[len(times) // 2])
        for each in own:
            tracks.follow(each.hints, self.how_frames.upright, each.time)
        return tracks

    def _remembered_reference(self, hints: Sequence[Timed]) -> Reference:
        """The first frame with hints, coloured with them."""
        first = hints[0]
        photo = self.frame(first.time)
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
                found.append(self.pipeline.shrunk(self.how_frames.photo(frame)))
                times.append(time_of(frame))
                most = held.how_many(held.FOLLOWED, found[0].nbytes, most)
                if len(found) == most:
                    break
        return found, times


@dataclass(frozen=True)
class _Making:
    """One run that colours a film, with reading, colouring and encoding in parallel stages."""

    film: Film
    parts: Parts
    encoder: Encoder
    joining: Joining
    progress: Progress

    def check_room(self, target: Path) -> None:
        """Raise PhotoError if the disk has no room for the shots that are not finished."""
        shots = [shot for k, shot in enumerate(self.film.shots) if self.parts.frames(k) is None]
        if shots:
            check_room(target, self.film.source, self.encoder, shots)

    def color(self, hints: Sequence[Timed], reference: Reference | None) -> None:
        """Colour all shots that are not finished."""
        with self.film.source.frames() as frames:
            for number, shot in enumerate(self.film.shots):
                own = islice(frames, shot.stop - shot.start)
                if self.parts.frames(number) == shot.stop - shot.start:
                    for done, _ in enumerate(own, shot.start):  # decoded to reach what follows
                        self.progress(done, number)
                else:
                    shown = self.film.colored_shot(shot, own, hints, reference)
                    self._encode(shown, number)
                self.progress(shot.stop, number)

    def _encode(self, shown: Iterator[av.VideoFrame], number: int) -> None:
        before = done = self.film.shots[number].start

        def tell() -> None:
            self.progress(done, number)

        with (
            Aside(
                shown, "colouring", weigh=held.weight, most=held.WAITING, patience=COLOR_PATIENCE
            ) as coloured_frames,
            Aside(
                self.encoder.write(coloured_frames, self.parts, number), "encoding", waiting=tell
            ) as counts,
        ):
            for count in counts:
                done = before + count
                tell()

    def join(
        self,
        target: Path,
        finished: Callable[[Path], None],
        *,
        overwrite: bool,
    ) -> None:
        """Join all shots to a film; also raises OSError."""
        shots = range(len(self.film.shots))
        paths = [self.parts.path(each) for each in shots if self.parts.frames(each)]
        whole = self.parts.new()

        def tell() -> None:
            self.progress(self.film.shots[-1].stop, shots[-1])

        try:
            steps = self.joining.join(paths, whole)
            with Aside(steps, "joining", waiting=tell) as joined:
                for step, _ in enumerate(joined):
                    if step % TOLD_EVERY == 0:
                        tell()
            finished(whole)
            if overwrite:
                whole.replace(target)
            else:
                put_new(whole, target)
        finally:
            whole.unlink(missing_ok=True)


def _nobody(*_: Any) -> None:
    pass


def _identity(path: Path) -> list[Any]:
    """Values that change when a file changes."""
    status = path.stat()
    return [str(path.resolve()), status.st_size, status.st_mtime_ns]
