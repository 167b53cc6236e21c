"""The HTTP API and the page as one ASGI app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from importlib import resources
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

import retint
from retint.picture.gallery import Seen
from retint.server.api import wishes
from retint.server.api.coloring import Studio
from retint.server.api.film_routes import add_film_routes
from retint.server.api.look_routes import add_look_routes
from retint.server.api.measures import MEDIA_TYPE as MEASURES_TYPE
from retint.server.api.measures import Measures
from retint.server.api.memory_routes import add_memory_routes
from retint.server.api.openapi import extend_document
from retint.server.api.pair_routes import add_pair_routes
from retint.server.api.reading import describe_reading
from retint.server.api.reference_routes import add_reference_routes
from retint.server.api.routes import add_routes
from retint.server.gate.address import Rooted, root_path
from retint.server.gate.admission import Admission
from retint.server.gate.bodies import Bounded
from retint.server.gate.guard import Guard
from retint.server.keep.album import Album
from retint.server.keep.films import Films
from retint.server.keep.sessions import Sessions
from retint.server.keep.workshop import Workshop
from retint.server.problems import INTERNAL, Problem
from retint.server.settings import Settings


def create_app(
    settings: Settings | None = None,
    seen: Seen = lambda *_: None,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[ASGIApp, Guard]:
    """Create the app, and the guard in front of it, which makes the keys that open the page.

    Parameters
    ----------
    seen
        Called while the pictures of the folder of references are looked at.
    say
        Called with each remark about that folder.

    Raises
    ------
    UsageError
        If an origin or the root path is invalid, and those of `Album`.
    """
    settings = settings or Settings()
    settings = replace(settings, root_path=root_path(settings.root_path))
    sessions = Sessions(settings)
    measures = Measures(sessions)
    api = FastAPI(
        title="retint", version=retint.__version__, docs_url=None, redoc_url=None,
        servers=[{"url": settings.root_path}] if settings.root_path else None,
        description="Colorize black-and-white photographs and films.",
    )  # fmt: skip
    _say_problems(api)
    extend_document(api, settings)
    describe_reading(api, settings)
    workshop = Workshop(settings)
    album = Album(settings, workshop, seen)
    for remark in album.remarks:
        say(remark)
    studio = Studio(sessions, workshop, album, settings.signing)
    add_routes(api, settings, studio)
    add_look_routes(api, studio)
    add_pair_routes(api, studio)
    add_reference_routes(api, studio)
    add_memory_routes(api, studio)
    add_film_routes(api, Films(settings), studio)
    _add_house(api, measures)
    admission = Admission(Bounded(api, settings), settings)
    measures.watch(admission)
    guard = Guard(admission, settings)
    return Rooted(measures.around(guard), settings.root_path), guard


def _add_house(api: FastAPI, measures: Measures) -> None:
    """Add the routes that are not about pictures: health, metrics, page."""
    static = Path(str(resources.files("retint.server") / "static"))

    @api.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "ok", "version": retint.__version__}

    @api.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(measures.text(), media_type=MEASURES_TYPE)

    @api.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return Response((static / "docs.html").read_bytes(), media_type="text/html")

    api.mount("/", StaticFiles(directory=static, html=True))


def _say_problems(api: FastAPI) -> None:
    """Return all errors as problems of RFC 9457."""

    @api.exception_handler(Problem)
    async def _(_: Request, problem: Problem) -> JSONResponse:
        return problem.response()

    @api.exception_handler(RequestValidationError)
    async def _(_: Request, error: RequestValidationError) -> JSONResponse:
        return Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY, wishes.first_complaint(error.errors())
        ).response()

    @api.exception_handler(HTTPException)
    async def _(_: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        answer = Problem(status, str(error.detail)).response()
        answer.headers.update(error.headers or {})
        return answer

    @api.exception_handler(Exception)
    async def _(_: Request, __: Exception) -> JSONResponse:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return Problem(status, INTERNAL).response()
