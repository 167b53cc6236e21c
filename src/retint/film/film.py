"""`retint film.mp4`: colours a film and keeps everything else."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retint import files
from retint.errors import ExistsError, PhotoError, cannot_write
from retint.files import Photo
from retint.files.atomic import is_taken
from retint.files.times import Times
from retint.film.beside import lost
from retint.film.coloring import Frames, check
from retint.film.coloring import colored as colored_frames
from retint.film.containers import container_of
from retint.film.hinting import Hinting, frame_at
from retint.film.joining import Joining
from retint.film.making import Making, Progress, nobody
from retint.film.options import FilmOptions
from retint.film.parts import Parts
from retint.film.scan import Scan, Shot, scan
from retint.film.source import Source
from retint.film.statement import Statement
from retint.film.tracking import Timed
from retint.film.trial import check_folder, try_out
from retint.film.writing import Encoder
from retint.hints import Hints
from retint.picture import provenance
from retint.picture.finish import AS_IT_COMES, Finish
from retint.picture.memory import Memory
from retint.picture.pipeline import Pipeline
from retint.picture.reference import Reference, with_followed
from retint.picture.sheet import Row, contact_sheet
from retint.version import __version__

if TYPE_CHECKING:
    import av
    from PIL import Image

SHEET_COLUMNS = 4


@dataclass
class Film:
    """An open film."""

    path: Path
    pipeline: Pipeline
    options: FilmOptions = field(default_factory=FilmOptions)
    finish: Finish = AS_IT_COMES
    reference: Reference | None = None
    """Pictures to take colours from, unless others are given."""
    memory: Memory | None = None
    """Hints of other films and pictures, for shots without hints."""
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
        """Lossless conversions, one line each."""
        return self.source.lost.remarks

    @property
    def how_frames(self) -> Frames:
        """The converter between frames and photos."""
        return Frames(self.source.layout, self.scan.box, self.source.turn)

    def hinting(self, hints: Sequence[Timed] = (), reference: Reference | None = None) -> Hinting:
        """What follows hints and stills through their shots."""
        return Hinting(
            self.source, self.shots, self.how_frames, self.pipeline, self.finish, self.options,
            hints, reference or self.reference, self.memory,
        )  # fmt: skip

    def otherwise(
        self, pipeline: Pipeline, finish: Finish = AS_IT_COMES, options: FilmOptions | None = None
    ) -> Film:
        """The same film, or a part of it, with another method, finish or options; it is not scanned
        again.

        Raises UsageError for options that do not apply to films, and PhotoError if there are no
        frames in the part.
        """
        options = options or self.options
        scan = self.scan
        if options.span != self.options.span:
            scan = scan.part(*options.span, self.source.stated_length)
        return dataclasses.replace(
            self, pipeline=pipeline, finish=finish, options=options, _scan=scan
        )

    def frame(self, time: float) -> Photo:
        """The frame at a time in seconds, grey and upright; raises PhotoError beyond the end, and
        UsageError for an invalid time.
        """
        return frame_at(self.source, self.how_frames, time)

    def remembering(self, hints: Sequence[Timed]) -> Film:
        """The same film, which colours its shots without hints by those of others as well."""
        memory = self.memory or Memory(self.pipeline)
        for each in self.hinting(hints).used:
            name = f"{self.path.name}, {each.time:g} s"
            memory = memory.with_hints(self.pipeline.open(self.frame(each.time)), each.hints, name)
        return dataclasses.replace(self, memory=memory)

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
        hinting = self.hinting(hints, reference)
        hinting.check()
        shots = [hinting.shot_at(time) for time in times]
        chroma = {
            shot: hinting.chroma(shot, [time for time in times if hinting.shot_at(time) == shot])
            for shot in dict.fromkeys(shots)
        }
        views = [self.pipeline.open(self.frame(time)) for time in times]
        return [
            view.merged(chroma[shot](view, time), self.finish)
            for view, shot, time in zip(views, shots, times, strict=True)
        ]

    def colorize(
        self,
        target: str | os.PathLike[str],
        hints: Sequence[Timed] = (),
        reference: Reference | None = None,
        *,
        resume: bool = False,
        overwrite: bool = False,
        keep_times: bool = False,
        states: bool = True,
        progress: Progress | None = None,
        finished: Callable[[Path], None] | None = None,
    ) -> Path:
        """Write the film in colour.

        Parameters
        ----------
        hints
            Hints; each colours its object throughout its shot.
        reference
            Pictures to take colours from, instead of those that the film was opened with; stills
            among them set the colours of their frames.
        resume
            Continue with the shots that an unfinished run has left beside the target.
        keep_times
            Whether the file gets the modification and access times of the source.
        states
            Whether the file says how it was coloured.
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
        hinting = self.hinting(hints, reference)
        hinting.check()
        how = self.how(hints, reference)
        times = Times.of(self.path) if keep_times else None
        parts = Parts(target, {**how, "source": _identity(self.path)})

        def colored(shot: Shot, frames: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
            see, beside = hinting.sight_beside(shot)
            if used := hinting.followed(shot):
                parts.note(self.shots.index(shot), used)
            threads = self.pipeline.threads
            return colored_frames(frames, self.how_frames, see, self.finish, threads, beside)

        making = Making(self.source, self.shots, colored, parts, encoder, progress or nobody)
        try:
            with parts.locked(resume=resume):
                making.check_room(target)
                making.color()
                used = parts.notes()
                hinting.tell(used)
                for what in lost(self.source.beside, encoder.codec):
                    self.source.lost.say(f"{encoder.codec} does not write {what}")
                stated = self.statement(with_followed(how, used)) if states else None
                joining = dataclasses.replace(joining, statement=stated)
                making.join(joining, target, finished or nobody, overwrite=overwrite)
                parts.remove()
        except FileExistsError:  # it appeared in the meantime
            raise ExistsError.of(target) from None
        except OSError as error:
            raise cannot_write(target, error) from error
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
            joining = Joining(self.source, container, self.statement({}))
            joining = try_out(self.source, encoder, joining)
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

    def statement(self, how: Mapping[str, Any]) -> Statement:
        """What the coloured film states about itself: `how`, and a sentence."""
        return Statement.of(self.source, how, self.finish.caption)

    def how(
        self, hints: Sequence[Timed] = (), reference: Reference | None = None
    ) -> dict[str, Any]:
        """Everything besides the film that the colours depend on, as JSON values; hints outside the
        part that is coloured are not among it.
        """
        used = self.hinting(hints).used
        reference = reference or self.reference
        things = any(each.hints.things for each in used)
        found = provenance.how(self.pipeline, self.finish, things=things)
        found["software"] = f"retint {__version__}"
        if own := self.options.chosen():
            found["film"] = own
        size = self.source.layout.size
        if used:
            found["hints"] = [{"time": each.time, **each.hints.content(size)} for each in used]
        if reference is not None:
            found |= reference.how
            found["weights"] |= provenance.hashes(reference.weights)
        if self.memory is not None:
            found["remembered"] = self.memory.sha256
        return found


def _identity(path: Path) -> list[Any]:
    """Values that change when a file changes."""
    status = path.stat()
    return [str(path.resolve()), status.st_size, status.st_mtime_ns]
