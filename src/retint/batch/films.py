"""Films in a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from retint import files
from retint.batch.naming import Job
from retint.batch.outcome import Colored
from retint.batch.unit import InColorError
from retint.credentials import Original, Signing, check_type
from retint.errors import PhotoError
from retint.film.containers import media_type
from retint.film.film import Film
from retint.film.making import Progress
from retint.film.options import FilmOptions
from retint.film.statement import titled
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
    sign: Signing | None = None
    """Adds Content Credentials to films."""

    def __call__(self, job: Job, finished: Callable[[Path], None], *, recolor: bool) -> Colored:
        request = self.request
        film = Film(
            job.source, request.pipeline, self.options, request.finish, memory=request.memory
        )
        if not recolor and film.scan.in_color:
            raise InColorError
        if self.options.preview:
            if self.sign is not None:
                raise PhotoError("a contact sheet is not signed; leave out `sign` or `preview`")
            sheet = files.from_pillow(film.sheet())
            files.write_all([sheet], [job.target], lambda made: finished(made[0]))
            return _colored(film)
        if self.sign is not None:
            check_type(media_type(job.target), job.target.name)
        if request.variants > 1 or request.chroma_only or request.confidence:
            raise PhotoError("`variants`, `chroma_only` and `confidence` apply to photographs only")
        film.try_out(job.target)
        hints = self.hints(film.source.time_of_frame)
        if self.remember is not None and hints:
            film = film.remembering(hints)
        how = film.how(hints, request.reference)
        record = titled(film.statement(how).record) if request.provenance else None
        remarks: tuple[str, ...] = ()

        def complete(made: Path) -> None:
            nonlocal remarks
            if self.sign is not None:  # the last change of the file
                original = Original(job.source.name, job.source, media_type(job.source))
                kind = media_type(job.target)
                remarks = self.sign.film(made, job.target.name, kind, original, record)
            finished(made)

        with self.shown(film.shots[-1].stop) as progress:
            film.colorize(
                job.target, hints, request.reference,
                resume=self.resume, overwrite=True, progress=progress, finished=complete,
                states=request.provenance and not request.record_beside,
            )  # fmt: skip
        if self.remember is not None and hints and film.memory is not None:
            film.memory.write(self.remember)
        return replace(_colored(film, remarks), record=record)


def _colored(film: Film, remarks: tuple[str, ...] = ()) -> Colored:
    lost = film.lost
    said = (*lost, *film.remarks, *remarks)
    return Colored(film.source.layout.size, said, damaged=bool(lost))
