"""The route for a picture before and after it was coloured, in one file."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic import Field

from retint import files
from retint.picture import geometry
from retint.picture.pair import HTML, Layout, Pair
from retint.server.api.coloring import Studio
from retint.server.api.openapi import A_PICTURE, ANSWERS, PICTURE
from retint.server.api.option_fields import LONGEST_TEXT
from retint.server.api.wishes import SessionColoring
from retint.server.problems import Problem

A_PAIR: dict[int | str, dict[str, Any]] = {
    200: {**A_PICTURE[200], "content": {**A_PICTURE[200]["content"], HTML: PICTURE}}
}


class PairColoring(SessionColoring):
    """How to color an uploaded picture, and how to show it beside the original; `format` applies to
    pictures side by side.
    """

    layout: Layout = Layout.SIDE_BY_SIDE
    title: str = Field("", max_length=LONGEST_TEXT, description="Title of the slider")


def add_pair_routes(api: FastAPI, studio: Studio) -> None:
    """Add the route."""

    @api.post("/v1/sessions/{id}/pair", response_class=Response, responses=ANSWERS | A_PAIR)
    async def pair(id: str, wish: PairColoring, request: Request) -> Response:
        """The original and the colored picture in one file: side by side, in a page of HTML with a
        divider, or as an animated WebP that fades from one to the other.
        """
        if wish.sign:
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY, "a picture beside its original is not signed"
            )
        session = studio.sessions.get(id)
        others = studio.photos_of(wish.reference)

        def work() -> Response:
            finish = replace(wish.finish, lightness="recompressed")
            photo = replace(session.photo, pages=(), duration=0)
            coloring = studio.request(wish, others, finish)
            view = session.view(coloring.pipeline).over(photo)
            result = coloring(photo, view=view)
            before = geometry.placed(photo, replace(finish, label=""), result.turned[0])
            both = Pair(before, result.photos[0], result.record)
            format = wish.format_of(files.Photo(photo.pixels, format="JPEG"))
            file = both.encoded(wish.layout, format, finish.quality, wish.title)
            return Response(file.content, media_type=file.media_type)

        return await studio.workshop.run(work, request)
