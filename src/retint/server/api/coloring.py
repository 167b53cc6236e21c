"""Colours pictures as a request asks; intermediate results of uploaded ones are shared."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from retint.color.lab import Float32
from retint.credentials import Signing
from retint.errors import UsageError
from retint.files import Photo
from retint.film.film import Film
from retint.hints import Hints
from retint.picture import request as asked
from retint.picture.finish import Finish
from retint.picture.matched_hints import Followed, hints_of
from retint.picture.memory import Placed, free_of
from retint.picture.pipeline import Pipeline, View
from retint.picture.reference import Reference
from retint.server.api.wishes import FilmWish, SessionColoring, SharedWish, Wish
from retint.server.keep.album import Album
from retint.server.keep.sessions import KeptPicture, Sessions
from retint.server.keep.workshop import Workshop


class Predicted(NamedTuple):
    """What a method predicts for a picture, before it has a look."""

    view: View
    chroma: Float32
    """a*, b* [h, w, 2] at the working size."""
    hints: Hints
    """Those of the request, remembered ones, and those of its reference pictures."""


class Source(NamedTuple):
    """What a picture follows in reference pictures."""

    followed: Followed
    names: list[str]
    """Names of the pictures, in the order of `followed`; empty for those that the request names."""


def ids_of(reference: str | list[str]) -> list[str]:
    """The sessions that are references."""
    return ([reference] if reference else []) if isinstance(reference, str) else reference


@dataclass(frozen=True)
class Studio:
    """Uploaded pictures, loaded methods, and what the server's owner lends."""

    sessions: Sessions
    workshop: Workshop
    album: Album
    _signing: Signing | None = None

    def signing(self, wish: SharedWish) -> Signing | None:
        """What signs files, if a request asks for it; raises UsageError if nothing does."""
        if not wish.sign:
            return None
        if self._signing is None:
            raise UsageError("this server has no certificate to sign with")
        return self._signing

    def pipeline(self, wish: SharedWish) -> Pipeline:
        """The method of a request."""
        return self.workshop.pipeline(wish.method, wish.options)

    def photos_of(self, reference: str | list[str]) -> list[Photo]:
        """The pictures of the sessions that are references."""
        return [self.sessions.get(each).photo for each in ids_of(reference)]

    def request(
        self, wish: Wish, others: Iterable[Photo] = (), finish: Finish | None = None
    ) -> asked.Request:
        """Everything that a request asks of a photo.

        Parameters
        ----------
        others
            Reference pictures.
        finish
            By default that of the request.
        """
        pipeline = self.pipeline(wish)
        memory = self.album.memory(pipeline) if wish.remember else None
        return asked.Request(
            pipeline, finish or wish.finish, wish.parsed_hints,
            self._reference(pipeline, others, wish), retouch=wish.retouch, memory=memory,
        )  # fmt: skip

    def film(self, film: Film, wish: FilmWish) -> tuple[Film, Reference | None]:
        """A film as a request asks, and its references with its stills, if there are any."""
        pipeline = self.pipeline(wish)
        film = film.otherwise(pipeline, wish.finish, wish.film)
        if wish.remember:
            film = dataclasses.replace(film, memory=self.album.memory(pipeline))
        plain = self._reference(pipeline, self.photos_of(wish.reference), wish)
        found = [] if plain is None else [plain]
        for each in wish.stills:
            picture = self.sessions.get(each.session)
            read = functools.partial(getattr, picture, "photo")
            found.append(Reference.still(pipeline, read, each.at, f"the still of {each.at}"))
        return film, Reference.joined(found) if found else None

    def source(self, session: KeptPicture, wish: SessionColoring) -> Source | None:
        """What the places of a picture follow in the reference pictures of a request, if any."""
        others = self.photos_of(wish.reference)  # checked before a cached result is returned
        pipeline = self.pipeline(wish)
        if not others and not wish.references:
            return None
        view = session.view(pipeline)

        def match() -> Source:
            reference = self._reference(pipeline, others, wish)
            assert reference is not None
            near = reference.near(view)
            return Source(near.matches(view), near.names)

        return session.cached(("followed", *_asked(wish), *_references(wish)), match)

    def remembered(self, session: KeptPicture, wish: SessionColoring) -> list[Placed]:
        """What is remembered, at its places in a picture, except where the request has hints."""
        pipeline = self.pipeline(wish)
        view, memory = session.view(pipeline), self.album.memory(pipeline)
        key = "remembered", memory.sha256, *_asked(wish)
        return free_of(view, session.cached(key, lambda: memory.placed(view)), wish.parsed_hints)

    def predicted(self, session: KeptPicture, wish: SessionColoring) -> Predicted:
        """The colours that the method of a request predicts."""
        view = session.view(self.pipeline(wish))
        hints = wish.parsed_hints
        source = self.source(session, wish)
        if source is not None:
            key = "reference", *_asked(wish), *_references(wish)
            hints = session.cached(key, lambda: hints_of(view, source.followed)) + hints
        if wish.remember:
            known = self.remembered(session, wish)
            hints = Hints(tuple(each.hint for each in known)) + hints
        key = "chroma", *_asked(wish), hints
        return Predicted(view, session.cached(key, lambda: view.chroma(hints)), hints)

    def _reference(
        self, pipeline: Pipeline, photos: Iterable[Photo], wish: SharedWish
    ) -> Reference | None:
        found = [Reference(pipeline, photo) for photo in photos]
        if wish.references:
            found.append(self.album.reference(pipeline))
        return Reference.joined(found) if found else None


def _asked(wish: SharedWish) -> tuple[Any, ...]:
    """The method of a request and its options, for keys."""
    return wish.method, *wish.options.items()


def _references(wish: SessionColoring) -> tuple[Any, ...]:
    """The reference pictures of a request, for keys."""
    return wish.references, *ids_of(wish.reference)
