"""The routes for looks, and for variants to choose from."""

from __future__ import annotations

import base64
from dataclasses import replace

from fastapi import FastAPI, Request
from pydantic import BaseModel, Field

from retint.color.resize import linear
from retint.colorizers import DEFAULT
from retint.picture.finish import AS_IT_COMES, Finish
from retint.picture.looks import LOOKS
from retint.picture.plausible import is_plausible
from retint.server.api.coloring import Predicted, Studio
from retint.server.api.openapi import ANSWERS
from retint.server.api.option_fields import OWN
from retint.server.api.pictures import jpeg
from retint.server.api.wishes import SessionColoring
from retint.server.keep.sessions import KeptPicture, display_copy

THUMBNAIL_PIXELS = 40_000
"""Maximum number of pixels of a small picture."""


class LookInfo(BaseModel):
    """A look."""

    name: str
    title: str
    summary: str
    default: bool


class LookPicture(BaseModel):
    """A picture in one look."""

    name: str
    picture: str = Field(description="JPEG, in base64")


class VariantInfo(BaseModel):
    """A variant of a picture."""

    picture: str = Field(description="JPEG, in base64")
    plausible: bool = Field(
        description="Whether its colors hardly contradict those that the default method predicts"
    )


def add_look_routes(api: FastAPI, studio: Studio) -> None:
    """Add the routes for looks and variants."""

    @api.get("/v1/looks")
    async def looks() -> list[LookInfo]:
        """The available looks."""
        return [
            LookInfo(
                name=name, title=each.title, summary=each.summary, default=name == AS_IT_COMES.look
            )
            for name, each in LOOKS.items()
        ]

    @api.post("/v1/sessions/{id}/looks", responses=ANSWERS)
    async def looks_of_session(
        id: str, wish: SessionColoring, request: Request
    ) -> list[LookPicture]:
        """A small picture of an uploaded picture in each look; `look` itself is ignored."""
        session = studio.sessions.get(id)

        def work() -> list[LookPicture]:
            found = studio.predicted(session, wish)
            finishes = {name: replace(wish.finish, look=name, repair=0) for name in LOOKS}
            return [
                LookPicture(name=name, picture=_thumbnail(session, found, finish))
                for name, finish in finishes.items()
            ]

        return await studio.workshop.run_behind(request, work)

    @api.post("/v1/sessions/{id}/variant", responses=ANSWERS)
    async def variant(id: str, wish: SessionColoring, request: Request) -> VariantInfo:
        """A small picture of an uploaded picture, and whether its colors are plausible."""
        session = studio.sessions.get(id)

        def work() -> VariantInfo:
            found = studio.predicted(session, wish)
            usual = wish.model_copy(update={"method": DEFAULT} | dict.fromkeys(OWN))
            guess = studio.predicted(session, usual)
            return VariantInfo(
                picture=_thumbnail(session, found, replace(wish.finish, repair=0)),
                plausible=is_plausible(found.chroma, linear(guess.chroma, found.chroma.shape[:2])),
            )

        return await studio.workshop.run_behind(request, work)


def _thumbnail(session: KeptPicture, found: Predicted, finish: Finish) -> str:
    photo = session.cached("thumbnail", lambda: display_copy(session.preview, THUMBNAIL_PIXELS))
    graded = found.view.graded(found.chroma, finish, found.hints)
    return base64.b64encode(jpeg(found.view.over(photo).merged(graded, finish))).decode()
