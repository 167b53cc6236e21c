"""Routes for reference pictures: which ones a picture follows, and those of the server."""

from __future__ import annotations

from fastapi import FastAPI, Request
from pydantic import BaseModel, Field

from retint.picture.matched_hints import places_of
from retint.server.api.coloring import Studio, ids_of
from retint.server.api.openapi import ANSWERS
from retint.server.api.wishes import SessionColoring


class Following(BaseModel):
    """What follows a reference picture."""

    reference: str = Field(description="Id of its session; empty for a picture of the server")
    name: str = Field(description="Name of a picture of the server; empty for others")
    places: list[tuple[float, float]] = Field(
        description="Places of the picture that take their colors from it: x and y as shares of "
        "the width and of the height"
    )


class ReferencesInfo(BaseModel):
    """The folder of references."""

    pictures: int = Field(description="Number of pictures that can be references")


def add_reference_routes(api: FastAPI, studio: Studio) -> None:
    """Add the routes; that of the server's own pictures only if it has some."""

    @api.post("/v1/sessions/{id}/followed", responses=ANSWERS)
    async def followed_by(id: str, wish: SessionColoring, request: Request) -> list[Following]:
        """The places of an uploaded picture that follow each picture of `reference`, and then those
        that follow pictures of the server, if `references` says that they count.
        """
        session = studio.sessions.get(id)

        def work() -> list[Following]:
            source = studio.source(session, wish)
            if source is None:
                return []
            places = places_of(session.view(studio.pipeline(wish)), source.followed)
            ids = ids_of(wish.reference)
            ids += [""] * (len(source.names) - len(ids))
            return [
                Following(
                    reference=own,
                    name=name,
                    places=[(x, y) for which, x, y in places if which == k],
                )
                for k, (own, name) in enumerate(zip(ids, source.names, strict=True))
            ]

        return await studio.workshop.run(work, request)

    count = studio.album.references
    if count is None:
        return

    @api.get("/v1/references")
    async def references() -> ReferencesInfo:
        """The server's own pictures that can be references."""
        return ReferencesInfo(pictures=count)
