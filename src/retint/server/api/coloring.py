"""Colours an uploaded picture as a request asks; intermediate results are shared."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import NamedTuple

from retint.color.lab import Float32
from retint.files import Photo
from retint.hints import Hints
from retint.picture.matched_hints import Followed, hints_of
from retint.picture.pipeline import Pipeline, View
from retint.picture.reference import Reference
from retint.server.api.wishes import FilmWish, SessionColoring
from retint.server.keep.sessions import KeptPicture, Sessions
from retint.server.keep.workshop import Workshop


def ids_of(reference: str | list[str]) -> list[str]:
    """The sessions that are references."""
    return ([reference] if reference else []) if isinstance(reference, str) else reference


def photos_of(reference: str | list[str], sessions: Sessions) -> list[Photo]:
    """The pictures of the sessions that are references."""
    return [sessions.get(each).photo for each in ids_of(reference)]


def reference_of(pipeline: Pipeline, photos: Iterable[Photo]) -> Reference | None:
    """The reference of some pictures, if there are any."""
    found = [Reference(pipeline, photo) for photo in photos]
    return Reference.joined(found) if found else None


def film_reference_of(pipeline: Pipeline, wish: FilmWish, sessions: Sessions) -> Reference | None:
    """The reference of a film with its stills, if there are any."""
    plain = reference_of(pipeline, photos_of(wish.reference, sessions))
    found = [] if plain is None else [plain]
    for each in wish.stills:
        picture = sessions.get(each.session)
        read = functools.partial(getattr, picture, "photo")
        found.append(Reference.still(pipeline, read, each.at, f"the still of {each.at}"))
    return Reference.joined(found) if found else None


class Predicted(NamedTuple):
    """What a method predicts for a picture, before it has a look."""

    view: View
    chroma: Float32
    """a*, b* [h, w, 2] at the working size."""
    hints: Hints
    """Those of the request and of its reference pictures."""


def followed(
    session: KeptPicture, wish: SessionColoring, sessions: Sessions, workshop: Workshop
) -> Followed | None:
    """What the places of a picture follow in the reference pictures of a request, if any."""
    others = photos_of(wish.reference, sessions)  # checked before a cached result is returned
    if not others:
        return None
    pipeline = workshop.pipeline(wish.method, wish.options)
    view = session.view(pipeline)
    key = "followed", tuple(ids_of(wish.reference)), wish.method, *wish.options.items()

    def match() -> Followed:
        return Reference.joined(Reference(pipeline, each) for each in others).matches(view)

    return session.cached(key, match)


def predicted(
    session: KeptPicture, wish: SessionColoring, sessions: Sessions, workshop: Workshop
) -> Predicted:
    """The colours that the method of a request predicts."""
    pipeline = workshop.pipeline(wish.method, wish.options)
    view = session.view(pipeline)
    hints = wish.parsed_hints
    asked = wish.method, *wish.options.items()
    found = followed(session, wish, sessions, workshop)
    if found is not None:
        key = tuple(ids_of(wish.reference))
        hints = session.cached(("reference", key, *asked), lambda: hints_of(view, found)) + hints
    chroma = session.cached(("chroma", *asked, hints), lambda: view.chroma(hints))
    return Predicted(view, chroma, hints)
