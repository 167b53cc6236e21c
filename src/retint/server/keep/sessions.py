"""Uploaded pictures, kept in memory with a limit on size and time."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from retint import files
from retint.credentials import Original
from retint.files import Photo
from retint.picture.pipeline import Pipeline, View
from retint.server.keep.errands import Errand, GoneError, current
from retint.server.problems import Problem
from retint.server.settings import Settings

KEPT = 24
"""Number of intermediate results kept per picture."""
WORKING_BYTES = 40_000_000
"""Estimated size of those: views at the working size, and chroma."""
LONGEST_SIDE = 65_000
"""Maximum side in pixels of a JPEG, the format for display."""

T = TypeVar("T")


@dataclass
class KeptPicture:
    """A picture, its preview, and intermediate results."""

    id: str
    photo: Photo
    preview: Photo
    """The picture with a limited number of pixels, 8 bits, opaque."""
    used: float
    original: Original | None = None
    """The uploaded file, if results may be signed."""
    _made: OrderedDict[Any, tuple[Future[Any], Errand | None]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def bytes(self) -> int:
        """Memory used by the picture."""
        pages = (self.preview, self.photo, *self.photo.pages)
        pixels = sum(each.pixels.nbytes for each in pages)
        alpha = sum(each.alpha.nbytes for each in pages if each.alpha is not None)
        metadata = sum(each.metadata.size for each in pages)
        file = len(self.photo.jpeg.content) if self.photo.jpeg is not None else 0
        original = self.original.memory if self.original is not None else 0
        return pixels + alpha + metadata + file + original + WORKING_BYTES

    def view(self, pipeline: Pipeline) -> View:
        """A method's view of the picture, shared by all its results."""
        return self.cached(("view", id(pipeline)), lambda: pipeline.open(self.photo))

    def cached(self, key: Any, make: Callable[[], T]) -> T:
        """Return the cached value for a key, or make it now; the least recently used value is
        dropped.

        Concurrent requests for the same key wait for one computation, and others are not blocked.
        The computation has the priority of those that wait for it; if all of them are cancelled,
        the next request computes the value.
        """
        me = current()
        while True:
            with self._lock:
                found, owner = self._made.get(key, (None, None))
                mine = found is None
                if found is None:
                    found = Future()
                    self._made[key] = found, me
                    while len(self._made) > KEPT:
                        self._made.popitem(last=False)
                self._made.move_to_end(key)
            if mine:
                made: T = self._make(key, found, make)
                return made
            if me is None or owner is None:
                kept: T = found.result()
                return kept
            try:
                awaited: T = me.result_of(found, owner)
                return awaited
            except GoneError:
                if not me.is_wanted:
                    raise

    def _make(self, key: Any, future: Future[T], make: Callable[[], T]) -> T:
        try:
            made = make()
        except BaseException as error:
            with self._lock:
                if self._made.get(key, (None,))[0] is future:
                    del self._made[key]
            future.set_exception(error)
            raise
        future.set_result(made)
        return made


class Sessions:
    """All sessions; thread-safe."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._sessions: OrderedDict[str, KeptPicture] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._sessions)

    @property
    def bytes(self) -> int:
        """Memory used by all pictures."""
        return sum(each.bytes for each in list(self._sessions.values()))

    def open(self, photo: Photo, original: Original | None = None) -> KeptPicture:
        """Keep a picture; the least recently used ones are dropped to make space.

        Raises
        ------
        Problem
            413 if there is not enough space.
        """
        preview = display_copy(photo, self._settings.preview_pixels)
        session = KeptPicture(secrets.token_urlsafe(16), photo, preview, self._clock(), original)
        if session.bytes > self._settings.session_bytes:
            raise Problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "the picture is too large for the server's memory limit",
            )
        with self._lock:
            self._forget_old()
            while self.bytes + session.bytes > self._settings.session_bytes:
                self._sessions.popitem(last=False)
            self._sessions[session.id] = session
        return session

    def get(self, id: str) -> KeptPicture:
        """The session with that id; raises Problem 404 if there is none."""
        with self._lock:
            self._forget_old()
            session = self._sessions.get(id)
            if session is None:
                raise Problem(
                    HTTPStatus.NOT_FOUND, "the picture is no longer stored; send it again"
                )
            session.used = self._clock()
            self._sessions.move_to_end(id)
            return session

    def close(self, id: str) -> None:
        """Delete a session."""
        with self._lock:
            self._sessions.pop(id, None)

    def _forget_old(self) -> None:
        oldest = self._clock() - self._settings.session_seconds
        for id, session in list(self._sessions.items()):
            if session.used < oldest:
                del self._sessions[id]


def display_copy(photo: Photo, most: int) -> Photo:
    """The photo reduced to `most` pixels, 8 bits, without opacity, pages and metadata."""
    picture = files.to_pillow(replace(photo, alpha=None, pages=()))
    width, height = picture.size
    if width * height > most or max(width, height) > LONGEST_SIDE:
        scale = min((most / (width * height)) ** 0.5, LONGEST_SIDE / max(width, height))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    return Photo(np.asarray(picture), format="WEBP")
