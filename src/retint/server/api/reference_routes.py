"""The route that tells which reference pictures a picture follows."""

from __future__ import annotations

from fastapi import FastAPI, Request
from pydantic import BaseModel, Field

from retint.picture.matched_hints import places_of
from retint.server.api.coloring import followed, ids_of
from retint.server.api.openapi import ANSWERS
from retint.server.api.wishes import SessionColoring
from retint.server.keep.sessions import Sessions
from retint.server.keep.workshop import Workshop


class Following(BaseModel):
    """What follows a reference picture."""

    reference: str = Field(description="Id of its session")
    places: list[tuple[float, float]] = Field(
        description="Places of the picture that take their colors from it: x and y as shares of "
        "the width and of the height"
    )


def add_reference_routes(api: FastAPI, sessions: Sessions, workshop: Workshop) -> None:
    """Add the route."""

    @api.post("/v1/sessions/{id}/followed", responses=ANSWERS)
    async def followed_by(id: str, wish: SessionColoring, request: Request) -> list[Following]:
        """The places of an uploaded picture that follow each picture of `reference`."""
        session = sessions.get(id)

        def work() -> list[Following]:
            found = followed(session, wish, sessions, workshop)
            if found is None:
                return []
            view = session.view(workshop.pipeline(wish.method, wish.options))
            places = places_of(view, found)
            return [
                Following(reference=each, places=[(x, y) for which, x, y in places if which == k])
                for k, each in enumerate(ids_of(wish.reference))
            ]

        return await workshop.run(work, request)
