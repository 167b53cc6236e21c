"""Routes for remembered hints, which the server keeps in a file if its owner has named one."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated

from fastapi import FastAPI, Request
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from retint.hints.length import pixels
from retint.picture.remembered import ID_LENGTH, Remembered
from retint.server.api.coloring import Studio
from retint.server.api.openapi import ANSWERS
from retint.server.api.wishes import SessionColoring
from retint.server.problems import Problem

LONGEST_NAME = 255
"""Maximum length of the name of a picture."""


class RememberedColor(BaseModel):
    """A remembered color."""

    id: str
    picture: str = Field(description="Name of the picture that it was chosen for")
    color: str

    @classmethod
    def of(cls, entry: Remembered) -> RememberedColor:
        """What clients are told of an entry."""
        return cls(id=entry.id, picture=entry.picture, color=entry.hint.color)


class PlacedColor(RememberedColor):
    """A remembered color at its place in a picture."""

    x: float = Field(description="Horizontal position as a share of the width")
    y: float = Field(description="Vertical position as a share of the height")


class Remembering(SessionColoring):
    """How an uploaded picture is colored; the points of its hints are remembered."""

    name: str = Field(max_length=LONGEST_NAME, description="Name of the picture")


def add_memory_routes(api: FastAPI, studio: Studio) -> None:
    """Add the routes if the server remembers."""
    album, workshop = studio.album, studio.workshop
    if not album.remembers:
        return

    @api.get("/v1/remembered", responses=ANSWERS)
    async def remembered(request: Request) -> list[RememberedColor]:
        """All remembered colors, the oldest first."""
        entries = await workshop.run(lambda: album.entries, request)
        return [RememberedColor.of(each) for each in entries]

    @api.delete("/v1/remembered/{id}", status_code=HTTPStatus.NO_CONTENT, responses=ANSWERS)
    async def forget(id: Annotated[str, InPath(max_length=ID_LENGTH)], request: Request) -> None:
        """Forget a color."""
        if not await workshop.run(lambda: album.forget(id), request):
            raise Problem(HTTPStatus.NOT_FOUND, "this color is not remembered")

    @api.post("/v1/sessions/{id}/remember", responses=ANSWERS)
    async def remember(id: str, wish: Remembering, request: Request) -> list[RememberedColor]:
        """Remember the points of the hints, in place of those that are remembered of the picture;
        returns all remembered colors.
        """
        session = studio.sessions.get(id)

        def work() -> list[RememberedColor]:
            view = session.view(studio.pipeline(wish))
            album.remember(view, wish.parsed_hints, _plain(wish.name))
            return [RememberedColor.of(each) for each in album.entries]

        return await workshop.run(work, request)

    @api.post("/v1/sessions/{id}/remembered", responses=ANSWERS)
    async def remembered_in(id: str, wish: SessionColoring, request: Request) -> list[PlacedColor]:
        """The remembered colors that an uploaded picture gets, with their places."""
        session = studio.sessions.get(id)

        def work() -> list[PlacedColor]:
            return [
                PlacedColor(
                    **RememberedColor.of(each.entry).model_dump(),
                    x=pixels(each.hint.x, 1),
                    y=pixels(each.hint.y, 1),
                )
                for each in studio.remembered(session, wish)
            ]

        return await workshop.run(work, request)


def _plain(name: str) -> str:
    """The name of a file without its folders, which some clients send."""
    return PurePosixPath(PureWindowsPath(name).as_posix()).name or "picture"
