"""One run that colours a film: reading, colouring and encoding in parallel stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retint.files.atomic import put_new
from retint.film import held
from retint.film.joining import Joining
from retint.film.parts import Parts
from retint.film.scan import Shot
from retint.film.source import Source
from retint.film.stages import COLOR_PATIENCE, Aside
from retint.film.trial import check_room
from retint.film.writing import Encoder

if TYPE_CHECKING:
    import av

TOLD_EVERY = 50
"""Packets between progress reports while a film is joined."""

Progress = Callable[[int, int], None]
"""Called with the number of finished frames and the number of the shot: after each frame, and
several times a second in between. An exception aborts the work.
"""


@dataclass(frozen=True)
class Making:
    """One run that colours a film."""

    source: Source
    shots: list[Shot]
    colored: Callable[[Shot, Iterator[av.VideoFrame]], Iterator[av.VideoFrame]]
    """Returns the coloured frames of a shot."""
    parts: Parts
    encoder: Encoder
    progress: Progress

    def check_room(self, target: Path) -> None:
        """Raise PhotoError if the disk has no room for the shots that are not finished."""
        shots = [shot for k, shot in enumerate(self.shots) if self.parts.frames(k) is None]
        if shots:
            check_room(target, self.source, self.encoder, shots)

    def color(self) -> None:
        """Colour all shots that are not finished."""
        with self.source.frames() as frames:
            for number, shot in enumerate(self.shots):
                own = islice(frames, shot.stop - shot.start)
                if self.parts.frames(number) == shot.stop - shot.start:
                    for done, _ in enumerate(own, shot.start):  # decoded to reach what follows
                        self.progress(done, number)
                else:
                    self._encode(self.colored(shot, own), number)
                self.progress(shot.stop, number)

    def _encode(self, shown: Iterator[av.VideoFrame], number: int) -> None:
        before = done = self.shots[number].start

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
        joining: Joining,
        target: Path,
        finished: Callable[[Path], None],
        *,
        overwrite: bool,
    ) -> None:
        """Join all shots to a film; also raises OSError."""
        shots = range(len(self.shots))
        paths = [self.parts.path(each) for each in shots if self.parts.frames(each)]
        whole = self.parts.new()

        def tell() -> None:
            self.progress(self.shots[-1].stop, shots[-1])

        try:
            steps = joining.join(paths, whole)
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


def nobody(*_: Any) -> None:
    """A callback that does nothing."""
