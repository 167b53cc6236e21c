"""The HTTP API and the page, as one ASGI app."""

from __future__ import annotations

import io
from dataclasses import replace
from http import HTTPStatus
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

import retint
from retint.colorizers import DEFAULT, METHODS
from retint.errors import PhotoError
from retint.files import photo as photos
from retint.files.photo import Photo
from retint.reference import Reference
from retint.request import Request as Wanted
from retint.server import bodies, palette, wishes
from retint.server.admission import Admission
from retint.server.guard import Guard
from retint.server.measures import MEDIA_TYPE as MEASURES_TYPE
from retint.server.measures import Measures
from retint.server.problems import MEDIA_TYPE as PROBLEM_TYPE
from retint.server.problems import Problem
from retint.server.sessions import Session, Sessions, shown
from retint.server.settings import Settings
from retint.server.wishes import MEDIA_TYPES, Colouring, SessionColouring, Size
from retint.server.workshop import Workshop

SAMPLED = "chroma-diffusion"
"""The method whose colourings make the palette."""
SHOWN_QUALITY = 90
"""Of previews, which are looked at and thrown away."""
PICTURE = {"schema": {"type": "string", "format": "binary"}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    status.value: {
        "description": status.phrase,
        "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status in (
        HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.SERVICE_UNAVAILABLE,
    )
}  # fmt: skip
A_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture", "content": dict.fromkeys(MEDIA_TYPES.values(), PICTURE)}
}


class MethodSaid(BaseModel):
    """A method that can be asked for."""

    name: str
    summary: str
    default: bool
    hints: bool = Field(description="Whether it takes colour hints and a reference")
    varied: bool = Field(description="Whether other seeds give other colours")


class SessionSaid(BaseModel):
    """A picture that is kept."""

    id: str
    width: int
    height: int
    format: str
    coloured: bool = Field(description="Whether it came in colour, or toned")
    expires: float = Field(description="Seconds from its last use")


class Colors(BaseModel):
    """Colours that are likely at a place, the likeliest first."""

    colors: list[str]


def create_app(settings: Settings | None = None) -> tuple[ASGIApp, Guard]:
    """The app, and the guard before it, which knows the key that opens the page."""
    settings = settings or Settings()
    sessions = Sessions(settings)
    measures = Measures(sessions)
    api = FastAPI(
        title="retint", version=retint.__version__, docs_url=None, redoc_url=None,
        description="Colour for black-and-white photographs.",
    )  # fmt: skip
    _say_problems(api)
    _add_routes(api, settings, sessions, Workshop(settings))
    _add_house(api, measures)
    admission = Admission(api, settings)
    measures.watch(admission)
    guard = Guard(admission, settings)
    return measures.around(guard), guard


def _add_routes(api: FastAPI, settings: Settings, sessions: Sessions, workshop: Workshop) -> None:
    """What colours pictures."""

    def read(content: bytes) -> Photo:
        if not content:
            raise PhotoError("the body is empty; send a picture")
        return photos.read(io.BytesIO(content), max_pixels=settings.max_pixels)

    def finished(photo: Photo, wish: Colouring, reference: Photo | None) -> Response:
        """All of a picture, with its metadata and where its colours are from."""
        pipeline = workshop.pipeline(wish.method, wish.seed)
        pipeline = replace(pipeline, vividness=wish.vividness, saturation=wish.saturation)
        known = None if reference is None else Reference(pipeline, reference)
        (coloured,) = Wanted(pipeline, wish.known, known)(photo)
        format_ = wish.format.of(photo)
        return _picture(photos.encode(coloured, format_), format_)

    @api.post(
        "/v1/colorize",
        response_class=Response,
        responses=ANSWERS | A_PICTURE,
        openapi_extra=_picture_body(Colouring, reference=True) | _as_query(Colouring),
    )
    async def colorize(request: Request) -> Response:
        """Colour a picture: the body itself, or the field `file` of a form; options beside it."""
        body = await bodies.read_picture(request, settings)
        wish = wishes.parse(body.fields)

        def work() -> Response:
            reference = read(body.reference) if body.reference else None
            return finished(read(body.picture), wish, reference)

        return await workshop.run(work)

    @api.post(
        "/v1/sessions",
        status_code=HTTPStatus.CREATED,
        responses=ANSWERS,
        openapi_extra=_picture_body(None, reference=False),
    )
    async def open_session(request: Request) -> SessionSaid:
        """Keep a picture, to colour it as often as hints change."""
        body = await bodies.read_picture(request, settings)
        session = await workshop.run(lambda: sessions.open(read(body.picture)))
        height, width = session.photo.size
        return SessionSaid(
            id=session.id, width=width, height=height, format=session.photo.format,
            coloured=session.photo.pixels.ndim == 3, expires=settings.session_seconds,
        )  # fmt: skip

    @api.delete("/v1/sessions/{id}", status_code=HTTPStatus.NO_CONTENT, responses=ANSWERS)
    async def close_session(id: str) -> None:
        """Forget a picture, which nobody may know any more."""
        sessions.close(id)

    @api.get("/v1/sessions/{id}/original", response_class=Response, responses=ANSWERS | A_PICTURE)
    async def original(id: str, size: Size = Size.PREVIEW) -> Response:
        """The picture as it came, upright, as a browser can show it."""
        session = sessions.get(id)
        return await workshop.run(lambda: _shown(_seen(session, settings, size)))

    @api.post("/v1/sessions/{id}/colorize", response_class=Response, responses=ANSWERS | A_PICTURE)
    async def colorize_session(id: str, wish: SessionColouring) -> Response:
        """Colour a picture that is kept: its preview, or all of it."""
        session = sessions.get(id)
        other = sessions.get(wish.reference).photo if wish.reference else None

        def work() -> Response:
            if wish.size == Size.FILE:
                return finished(session.photo, wish, other)
            photo = _seen(session, settings, wish.size)
            return _shown(_colour(session, photo, wish, other))

        return await workshop.run(work)

    def _colour(
        session: Session, photo: Photo, wish: SessionColouring, other: Photo | None
    ) -> Photo:
        """A photo that is the session's at some size, with the colours of the preview."""
        pipeline = workshop.pipeline(wish.method, wish.seed)
        view = session.view(pipeline)
        hints = wish.known
        if other is not None:
            key = ("reference", wish.reference, wish.method)
            known = session.made(key, lambda: Reference(pipeline, other).hints(view))
            hints = known + hints
        decided = ("chroma", wish.method, wish.seed, hints)
        chroma = session.made(decided, lambda: view.chroma(hints))
        chosen = replace(pipeline, vividness=wish.vividness, saturation=wish.saturation)
        return view.through(chosen, photo).merged(chroma)

    @api.post(
        "/v1/sessions/{id}/confidence", response_class=Response, responses=ANSWERS | A_PICTURE
    )
    async def confidence(id: str, wish: SessionColouring) -> Response:
        """How sure the method is of each place of the preview: black for a mere guess."""
        session = sessions.get(id)

        def work() -> Response:
            view = session.view(workshop.pipeline(wish.method, wish.seed))
            levels = (view.certainty(wish.known) * 255 + 0.5).astype(np.uint8)
            return _shown(Photo(levels))

        return await workshop.run(work)

    @api.get("/v1/sessions/{id}/colors", responses=ANSWERS)
    async def colors(
        id: str,
        x: Annotated[float, Query(ge=0, le=1, description="In widths, from the left")],
        y: Annotated[float, Query(ge=0, le=1, description="In heights, from the top")],
    ) -> Colors:
        """Colours that are likely at a place."""
        session = sessions.get(id)

        def work() -> list[str]:
            guess, samples = workshop.pipeline(DEFAULT, 0), workshop.pipeline(SAMPLED, 0)
            return palette.likely(session, guess, samples, (x, y))

        return Colors(colors=await workshop.run(work))

    @api.get("/v1/methods")
    async def methods() -> list[MethodSaid]:
        """The methods that colour pictures."""
        return [
            MethodSaid(
                name=name, summary=method.summary, default=name == DEFAULT,
                hints=method.guided, varied=method.varied,
            )
            for name, method in METHODS.items()
            if method.shipped
        ]  # fmt: skip


def _add_house(api: FastAPI, measures: Measures) -> None:
    """What is not about pictures: health, measures, the page."""
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
    """Every answer that is no success is a problem of RFC 9457."""

    @api.exception_handler(Problem)
    async def _(_: Request, problem: Problem) -> JSONResponse:
        return problem.response()

    @api.exception_handler(RequestValidationError)
    async def _(_: Request, error: RequestValidationError) -> JSONResponse:
        return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, wishes.said(error.errors())).response()

    @api.exception_handler(HTTPException)
    async def _(_: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        answer = Problem(status, str(error.detail)).response()
        answer.headers.update(error.headers or {})
        return answer

    @api.exception_handler(Exception)
    async def _(_: Request, __: Exception) -> JSONResponse:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return Problem(status, "a fault of the server; its log says more").response()

    original = api.openapi

    def openapi() -> dict[str, Any]:
        schema = original()
        schema["components"]["schemas"]["Problem"] = {
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
            },
        }
        return schema

    api.openapi = openapi  # type: ignore[method-assign]


def _seen(session: Session, settings: Settings, size: Size) -> Photo:
    """The session's photo, as a browser can show it."""
    if size == Size.PREVIEW:
        return session.preview
    # Not kept: a session's memory is counted without another copy of all its pixels.
    return shown(session.photo, settings.max_pixels)


def _shown(photo: Photo) -> Response:
    """A picture to be looked at: JPEG, which is encoded fastest."""
    buffer = io.BytesIO()
    photos.to_pillow(photo).save(buffer, "JPEG", quality=SHOWN_QUALITY, subsampling=0)
    return _picture(buffer.getvalue(), "JPEG")


def _picture(content: bytes, format: str) -> Response:
    ending = format.lower()
    # The caller's own name for it is none of ours.
    name = {"Content-Disposition": f'inline; filename="photo.retint.{ending}"'}
    return Response(content, media_type=MEDIA_TYPES[format], headers=name)


def _picture_body(wish: type[BaseModel] | None, *, reference: bool) -> dict[str, Any]:
    """OpenAPI's description of a body that is a picture, or a form with one."""
    fields: dict[str, Any] = {bodies.FILE: {"type": "string", "format": "binary"}}
    if reference:
        fields[bodies.REFERENCE] = {"type": "string", "format": "binary"}
    if wish is not None:
        fields |= _flat(wish)
    form = {"schema": {"type": "object", "required": [bodies.FILE], "properties": fields}}
    raw = {"schema": {"type": "string", "format": "binary"}}
    content = {"multipart/form-data": form, "application/octet-stream": raw}
    return {"requestBody": {"required": True, "content": content}}


def _as_query(wish: type[BaseModel]) -> dict[str, Any]:
    """The same options as parameters of the query."""
    return {
        "parameters": [
            {"name": name, "in": "query", "required": False, "schema": schema}
            for name, schema in _flat(wish).items()
        ]
    }


def _flat(wish: type[BaseModel]) -> dict[str, Any]:
    """Schemas of a model's fields; what is no number or word is JSON in a text."""
    fields = wish.model_json_schema(ref_template="{model}")
    plain: dict[str, Any] = {}
    for name, schema in fields["properties"].items():
        if "anyOf" in schema:
            said = schema.get("description", "")
            schema = {"type": "string", "contentMediaType": "application/json", "description": said}
        elif "$ref" in schema:
            schema = {**fields["$defs"][schema["$ref"]], "default": schema.get("default")}
        plain[name] = schema
    return plain
