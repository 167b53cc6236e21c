"""The routes for pictures."""

from __future__ import annotations

import io
from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated

import numpy as np
from fastapi import FastAPI, Query, Request, Response
from pydantic import BaseModel, Field

from retint import files
from retint.color.names import surveyed
from retint.colorizers import DEFAULT, is_varied, method_class, method_names, takes_hints
from retint.credentials import Original, original_of
from retint.errors import PhotoError
from retint.files import Photo
from retint.files.formats import MARK
from retint.picture import geometry
from retint.picture.outline import outlines
from retint.picture.page import degrees_of
from retint.picture.toned import is_in_color
from retint.server.api import wishes
from retint.server.api.coloring import Studio
from retint.server.api.openapi import A_PICTURE, ANSWERS, as_query, picture_body
from retint.server.api.option_fields import OWN
from retint.server.api.pictures import answer, display_response
from retint.server.api.wishes import Coloring, SessionColoring, Size
from retint.server.gate import bodies
from retint.server.keep import palette
from retint.server.keep.sessions import KeptPicture, display_copy
from retint.server.settings import Settings

Across = Annotated[
    float, Query(ge=0, le=1, description="Horizontal position as a share of the width")
]
Down = Annotated[float, Query(ge=0, le=1, description="Vertical position as a share of the height")]


class MethodInfo(BaseModel):
    """A method."""

    name: str
    summary: str
    default: bool
    baseline: bool = Field(description="Whether it only serves for comparison in evaluations")
    hints: bool = Field(description="Whether it takes color hints and reference pictures")
    things: bool = Field(description="Whether a hint can color the thing that it lies on")
    varied: bool = Field(description="Whether other seeds give other colors")
    options: list[str] = Field(description="Its options besides those of all methods")


class SessionInfo(BaseModel):
    """A picture in memory."""

    id: str
    width: int
    height: int
    format: str
    coloured: bool = Field(
        description="Whether the uploaded picture had any color, including toning"
    )
    in_color: bool = Field(
        description="Whether the uploaded picture was in color, and not only toned"
    )
    expires: float = Field(description="Seconds after its last use until it is deleted")


class Colors(BaseModel):
    """Likely colors at a position, the most likely first."""

    colors: list[str]


class Outline(BaseModel):
    """The thing at a position."""

    lines: list[list[tuple[float, float]]] = Field(
        description="Closed lines around it, x and y as fractions of the width and of the height; "
        "none where no thing was found"
    )


def add_routes(api: FastAPI, settings: Settings, studio: Studio) -> None:
    """Add the routes for pictures."""
    sessions, workshop = studio.sessions, studio.workshop

    def read(content: bytes) -> Photo:
        if not content:
            raise PhotoError("the body is empty; send a picture")
        return files.read(io.BytesIO(content), max_pixels=settings.max_pixels)

    def kept(content: bytes, photo: Photo) -> Original | None:
        return original_of(content, photo) if settings.signing is not None else None

    def finished(
        photo: Photo,
        original: Original | None,
        wish: Coloring,
        others: Iterable[Photo],
        session: KeptPicture | None = None,
    ) -> Response:
        """Color all pages of a picture, with its metadata and provenance; `original` is its file,
        if it is kept for signatures.
        """
        signing = studio.signing(wish)
        request = studio.request(wish, others)
        format_ = wish.format_of(photo)
        view = None if session is None else session.view(request.pipeline)
        result = request(photo, format_, view)
        if signing is not None and original is not None:
            title = f"{original.name}{MARK}{format_.endings[0]}"
            result = signing(result, original, [title], format_)
        (colored,) = result.pictures
        remarks = (*photo.all_remarks, *result.remarks)
        return answer(files.encode(colored, format_), format_, remarks)

    @api.post(
        "/v1/colorize",
        response_class=Response,
        responses=ANSWERS | A_PICTURE,
        openapi_extra=picture_body(Coloring, reference=True) | as_query(Coloring),
    )
    async def colorize(request: Request) -> Response:
        """Color a picture: the body itself, or the field `file` of a form; options go beside it."""
        body = await bodies.read_picture(request)
        wish = wishes.parse(body.fields)

        def work() -> Response:
            others = (read(each) for each in body.references)  # one at a time, to limit memory
            photo = read(body.picture)
            return finished(photo, kept(body.picture, photo), wish, others)

        return await workshop.run(work, request)

    @api.post(
        "/v1/sessions",
        status_code=HTTPStatus.CREATED,
        responses=ANSWERS,
        openapi_extra=picture_body(None, reference=False),
    )
    async def open_session(request: Request) -> SessionInfo:
        """Upload a picture to color it repeatedly with changing hints."""
        body = await bodies.read_picture(request)

        def keep() -> KeptPicture:
            photo = read(body.picture)
            return sessions.open(photo, kept(body.picture, photo))

        session = await workshop.run(keep, request)
        height, width = session.photo.size
        in_color = await workshop.run(lambda: is_in_color(session.preview), request)
        return SessionInfo(
            id=session.id, width=width, height=height, format=session.photo.format,
            coloured=session.photo.pixels.ndim == 3, in_color=in_color,
            expires=settings.session_seconds,
        )  # fmt: skip

    @api.delete("/v1/sessions/{id}", status_code=HTTPStatus.NO_CONTENT, responses=ANSWERS)
    async def close_session(id: str) -> None:
        """Delete a picture from memory."""
        sessions.close(id)

    @api.get("/v1/sessions/{id}/original", response_class=Response, responses=ANSWERS | A_PICTURE)
    async def original(request: Request, id: str, size: Size = Size.PREVIEW) -> Response:
        """The uploaded picture, upright, in a format for browsers."""
        session = sessions.get(id)
        return await workshop.run(
            lambda: display_response(_display(session, settings, size)), request
        )

    @api.post("/v1/sessions/{id}/colorize", response_class=Response, responses=ANSWERS | A_PICTURE)
    async def colorize_session(id: str, wish: SessionColoring, request: Request) -> Response:
        """Color an uploaded picture: its preview, or the full picture."""
        session = sessions.get(id)
        others = studio.photos_of(wish.reference)

        def work() -> Response:
            if wish.size == Size.FILE:
                return finished(session.photo, session.original, wish, others, session)
            photo = _display(session, settings, wish.size)
            view, chroma, hints = studio.predicted(session, wish)
            graded = view.graded(chroma, wish.finish, hints)
            shown = view.over(photo).merged(graded, wish.finish, wish.retouch)
            degrees = degrees_of(wish.finish, view)
            placed = geometry.placed(shown, wish.finish, degrees, session.photo.size)
            return display_response(placed)

        if wish.patient:
            return await workshop.run_behind(request, work)
        return await workshop.run(work, request)

    @api.post(
        "/v1/sessions/{id}/confidence", response_class=Response, responses=ANSWERS | A_PICTURE
    )
    async def confidence(id: str, wish: SessionColoring, request: Request) -> Response:
        """The method's confidence for each pixel of the preview: black is a guess."""
        session = sessions.get(id)

        def work() -> Response:
            view = session.view(studio.pipeline(wish)).over(session.preview)
            levels = (view.certainty(wish.parsed_hints) * 255 + 0.5).astype(np.uint8)
            return display_response(Photo(levels))

        return await workshop.run(work, request)

    @api.post("/v1/sessions/{id}/specks", response_class=Response, responses=ANSWERS | A_PICTURE)
    async def specks(id: str, wish: SessionColoring, request: Request) -> Response:
        """What `repair` detects as damage on the preview: white on black."""
        session = sessions.get(id)

        def work() -> Response:
            view = session.view(studio.pipeline(wish)).over(session.preview)
            return display_response(Photo(view.damage(wish.finish.repair, wish.retouch)))

        return await workshop.run(work, request)

    @api.get("/v1/sessions/{id}/colors", responses=ANSWERS)
    async def colors(
        request: Request,
        id: str,
        x: Across,
        y: Down,
    ) -> Colors:
        """Likely colors at a position, from the network's prediction."""
        session = sessions.get(id)

        def work() -> list[str]:
            return palette.likely(session, workshop.pipeline(DEFAULT), (x, y))

        return Colors(colors=await workshop.run(work, request))

    @api.get("/v1/sessions/{id}/thing", responses=ANSWERS)
    async def thing(request: Request, id: str, x: Across, y: Down) -> Outline:
        """The outline of the thing that a dot with `thing` colors at a position."""
        session = sessions.get(id)

        def work() -> Outline:
            view = session.view(workshop.pipeline(DEFAULT))
            mask = view.prediction.thing((f"{100 * x}%", f"{100 * y}%"))
            lines = [] if mask is None else outlines(mask)
            return Outline(lines=[each.round(4).tolist() for each in lines])

        return await workshop.run(work, request)

    @api.get("/v1/color-names")
    async def color_names() -> dict[str, str]:
        """Color names: "#rrggbb" by name."""
        return surveyed()

    @api.get("/v1/methods")
    async def methods() -> list[MethodInfo]:
        """The available methods."""
        given = dict(settings.method_weights)
        return [
            _method_info(name)
            for name in method_names()
            if method_class(name).shipped or name in given
        ]


def _method_info(name: str) -> MethodInfo:
    kind = method_class(name)
    known = set(kind.Options.described())
    if kind.passes_on_to:
        default = kind.Options.described()[kind.passes_on_to].default
        known |= set(method_class(default).Options.described())
    return MethodInfo(
        name=name, summary=kind.summary, default=name == DEFAULT, baseline=kind.baseline,
        hints=takes_hints(kind), things=kind.look_class.knows_things, varied=is_varied(kind),
        options=sorted(known & OWN.keys()),
    )  # fmt: skip


def _display(session: KeptPicture, settings: Settings, size: Size) -> Photo:
    """The session's photo for display in a browser."""
    if size == Size.PREVIEW:
        return session.preview
    # Not cached, since it would double the memory of a session beyond what is counted.
    return display_copy(session.photo, settings.max_pixels)
