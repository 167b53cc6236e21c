"""The routes for films."""

from __future__ import annotations

import base64
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from anyio import to_thread
from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from retint import files
from retint.colorizers import DEFAULT
from retint.credentials import Original, check_type
from retint.credentials.results import UNNAMED
from retint.files.formats import MARK
from retint.film.containers import media_type
from retint.film.film import Film
from retint.film.making import Progress
from retint.film.statement import titled
from retint.film.tracking import Timed
from retint.picture.reference import Reference
from retint.server.api.coloring import Studio
from retint.server.api.openapi import A_PICTURE, ANSWERS, film_body, problem_answers
from retint.server.api.pictures import jpeg
from retint.server.api.wishes import FilmColoring, FilmLook, Second
from retint.server.gate import bodies
from retint.server.keep.film_jobs import FilmJob
from retint.server.keep.films import Films, KeptFilm
from retint.server.keep.sessions import display_copy
from retint.server.problems import Problem

FOLLOWER_PIXELS = 200_000
"""Pixels of the small pictures of a shot."""
FILM_ANSWERS = ANSWERS | problem_answers(HTTPStatus.CONFLICT, HTTPStatus.INSUFFICIENT_STORAGE)
A_FILM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"video/*": {"schema": {"type": "string", "format": "binary"}}}}
}


class ShotInfo(BaseModel):
    """A shot."""

    begin: float = Field(description="Time of its first frame, in seconds")
    end: float = Field(description="Time of the first frame after it, in seconds")
    middle: float = Field(description="Time of its middle frame, in seconds")


class JobInfo(BaseModel):
    """Progress of coloring a film."""

    state: str = Field(description="working, done, failed or stopped")
    frames: int = Field(description="Number of finished frames")
    total: int = Field(description="Number of frames of the part that is colored")
    begin: float = Field(description="Time in the film of its first frame, in seconds")
    ending: str = Field(description="Suffix of the result's file name")
    lost: list[str] = Field(description="What could not be kept, and remarks on signatures")
    error: str


class FilmInfo(BaseModel):
    """A stored film."""

    id: str
    width: int
    height: int
    frames: int
    ending: str = Field(description="Suffix of the result's file name, unless another is asked for")
    in_color: bool = Field(description="Whether the film was already in color")
    shots: list[ShotInfo]
    lost: list[str] = Field(description="What could not be read")
    job: JobInfo | None


class StillsInfo(BaseModel):
    """Pictures of a shot."""

    pictures: list[str] = Field(description="JPEG, in base64")


def add_film_routes(api: FastAPI, films: Films, studio: Studio) -> None:
    """Add the routes for films."""
    workshop = studio.workshop

    def wished(kept: KeptFilm, wish: FilmColoring) -> tuple[Film, Reference | None]:
        return studio.film(kept.film, wish)

    @api.post(
        "/v1/films",
        status_code=HTTPStatus.CREATED,
        responses=FILM_ANSWERS,
        openapi_extra=film_body(),
    )
    async def open_film(
        request: Request,
        name: Annotated[str, Query(max_length=255, description="File name, for its suffix")],
    ) -> FilmInfo:
        """Upload a film as the request body, to scan its shots and color it."""
        pipeline = await workshop.run(lambda: workshop.pipeline(DEFAULT))
        path = await workshop.run(lambda: films.place(name, bodies.declared(request.headers)))
        try:
            await bodies.save(request, path, lambda more: films.grant(path, more))
            kept = await workshop.run_film(
                lambda: films.keep(path, pipeline, workshop.give_way), request
            )
        except BaseException:
            films.discard(path)
            raise
        return _film_info(kept)

    @api.get("/v1/films/{id}", responses=ANSWERS)
    async def film(id: str) -> FilmInfo:
        """Information about a film and the progress of coloring it."""
        return _film_info(films.get(id))

    @api.delete("/v1/films/{id}", status_code=HTTPStatus.NO_CONTENT, responses=ANSWERS)
    async def close_film(id: str) -> None:
        """Delete a film and its results."""
        films.close(id)

    @api.get("/v1/films/{id}/frame", response_class=Response, responses=ANSWERS | A_PICTURE)
    async def frame(request: Request, id: str, time: Annotated[Second, Query()] = 0.0) -> Response:
        """The frame at a time in seconds, in gray at its exact levels, as PNG."""
        kept = films.get(id)

        def work() -> Response:
            png = files.FORMATS["PNG"]
            return Response(files.encode(kept.film.frame(time), png), media_type=png.media_type)

        return await workshop.run(work, request)

    @api.post("/v1/films/{id}/stills", responses=ANSWERS)
    async def stills(id: str, wish: FilmLook, request: Request) -> StillsInfo:
        """Small color pictures at some times in seconds, with hints followed to those frames."""
        kept = films.get(id)

        def work() -> StillsInfo:
            film, reference = wished(kept, wish)
            hints = wish.timed(film.source.time_of_frame)
            photos = film.followed(hints, wish.at, reference)
            small = [jpeg(display_copy(each, FOLLOWER_PIXELS)) for each in photos]
            return StillsInfo(pictures=[base64.b64encode(each).decode() for each in small])

        return await workshop.run_behind(request, work)

    @api.post("/v1/films/{id}/colorize", status_code=HTTPStatus.ACCEPTED, responses=FILM_ANSWERS)
    async def colorize_film(id: str, wish: FilmColoring, request: Request) -> FilmInfo:
        """Start coloring a film; `GET /v1/films/{id}` returns the progress. Shots that an earlier
        run with the same options has finished are kept.
        """
        kept = films.get(id)

        def prepare() -> tuple[str, Film, Reference | None, list[Timed]]:
            ending = wish.ending_of(kept.film.path)
            if studio.signing(wish) is not None:
                title = _title(ending)
                check_type(media_type(Path(title)), title)
            film, reference = wished(kept, wish)
            hints = wish.timed(film.source.time_of_frame)
            film.hinting(hints, reference).check()
            return ending, film, reference, hints

        ending, film, reference, hints = await workshop.run(prepare, request)

        def make(target: Path, progress: Progress) -> tuple[str, ...]:
            signing = studio.signing(wish)
            record = titled(film.statement(film.how(hints, reference)).record)
            remarks: tuple[str, ...] = ()

            def complete(made: Path) -> None:
                nonlocal remarks
                if signing is not None:  # the last change of the file
                    kind, source = media_type(target), film.path
                    original = Original(UNNAMED, source, media_type(source))
                    remarks = signing.film(made, _title(target.suffix), kind, original, record)

            film.colorize(
                target,
                hints,
                reference,
                resume=True,
                overwrite=True,
                progress=progress,
                finished=complete,
            )
            return remarks

        films.start(kept, film, ending, make, workshop.give_way)
        return _film_info(kept)

    @api.delete("/v1/films/{id}/colorize", status_code=HTTPStatus.NO_CONTENT, responses=ANSWERS)
    async def stop_film(id: str) -> None:
        """Stop coloring a film; finished shots are kept.

        The response arrives when the work has ended, or was abandoned because it did not respond.
        """
        await to_thread.run_sync(films.stop, id, abandon_on_cancel=True)

    @api.get("/v1/films/{id}/source", response_class=FileResponse, responses=ANSWERS | A_FILM)
    async def source(id: str) -> Response:
        """The film as it was uploaded."""
        return FileResponse(films.get(id).film.path)

    @api.get("/v1/films/{id}/file", response_class=FileResponse, responses=FILM_ANSWERS | A_FILM)
    async def file(id: str) -> Response:
        """The colored film."""
        job = films.get(id).job
        if job is None or job.state != "done":
            raise Problem(HTTPStatus.CONFLICT, "the film is not finished yet")
        return FileResponse(job.target)  # without a file name: the client chooses one


def _title(ending: str) -> str:
    """Name of a signed film: the client's name for it is not known here."""
    return f"{UNNAMED}{MARK}{ending}"


def _film_info(kept: KeptFilm) -> FilmInfo:
    height, width = kept.film.how_frames.upright
    return FilmInfo(
        id=kept.id, width=width, height=height, frames=kept.frames,
        ending=kept.ending, in_color=kept.film.scan.in_color,
        shots=[
            ShotInfo(begin=each.begin, end=each.end, middle=each.middle) for each in kept.film.shots
        ],
        lost=kept.film.lost, job=_job_info(kept.job),
    )  # fmt: skip


def _job_info(job: FilmJob | None) -> JobInfo | None:
    if job is None:
        return None
    return JobInfo(
        state=job.state, frames=job.frames, total=job.film.shots[-1].stop,
        begin=job.film.shots[0].begin, ending=job.target.suffix,
        lost=[*job.film.lost, *job.remarks],
        error=job.error,
    )  # fmt: skip
