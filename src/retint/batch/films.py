"""Films in a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from retint import files
from retint.batch.naming import Job
from retint.batch.outcome import Colored
from retint.batch.unit import InColorError
from retint.errors import PhotoError
from retint.film.film import Film
from retint.film.making import Progress
from retint.film.options import FilmOptions
from retint.film.tracking import Timed, TimeOf
from retint.picture.request import Request


@dataclass(frozen=True)
class FilmMaker:
    """Colours films with the settings of a request."""

    request: Request
    options: FilmOptions
    hints: Callable[[TimeOf], Sequence[Timed]]
    """Returns the hints, given the times of frames."""
    resume: bool
    remember: Path | None
    """File to which hints are added."""
    shown: Callable[[int], AbstractContextManager[Progress]]
    """Shows progress for a number of frames."""

    def __call__(self, job: Job, finished: Callable[[Path], None], *, recolor: bool) -> Colored:
        request = self.request
        film = Film(
            job.source, request.pipeline, self.options, request.finish, memory=request.memory
        )
        if not recolor and film.scan.in_color:
            raise InColorError
        if self.options.preview:
            sheet = files.from_pillow(film.sheet())
            files.write_all([sheet], [job.target], lambda made: finished(made[0]))
            return _colored(film)
        if request.variants > 1 or request.chroma_only or request.confidence:
            raise PhotoError("`variants`, `chroma_only` and `confidence` apply to photographs only")
        film.try_out(job.target)
        hints = self.hints(film.source.time_of_frame)
        if self.remember is not None and hints:
            film = film.remembering(hints)
        with self.shown(film.shots[-1].stop) as progress:
            film.colorize(
                job.target, hints, request.reference,
                resume=self.resume, overwrite=True, progress=progress, finished=finished,
            )  # fmt: skip
        if self.remember is not None and hints and film.memory is not None:
            film.memory.write(self.remember)
        return _colored(film)


def _colored(film: Film) -> Colored:
    lost = film.lost
    return Colored(film.source.layout.size, (*lost, *film.remarks), damaged=bool(lost))
