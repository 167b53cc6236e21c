"""Uploaded films, in a private folder of limited size."""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path

from retint.errors import PhotoError, TooLargeError
from retint.film.containers import ENDINGS, ending_of
from retint.film.film import Film
from retint.picture.pipeline import Pipeline
from retint.server.keep import folders
from retint.server.keep.film_jobs import FilmJob, FilmJobs, Make, Rest
from retint.server.problems import CANCELLED, Problem
from retint.server.settings import Settings

SWEPT_EVERY = 60.0
"""Seconds between deletions of unused films."""
WEIGHED_EVERY = 50
"""Frames between measurements of the folder's size."""
WEIGHING_SECONDS = 1.0
"""Seconds for which a measurement of the folder, without films being uploaded, is reused."""


@dataclass
class KeptFilm:
    """A film in the folder."""

    id: str
    folder: Path
    film: Film
    used: float
    job: FilmJob | None = None

    @property
    def frames(self) -> int:
        """Number of frames."""
        return self.film.shots[-1].stop

    @property
    def ending(self) -> str:
        """Suffix of the result's file name."""
        return ending_of(self.film.path, lossless=self.film.options.lossless)


class Films:
    """All uploaded films; thread-safe."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._films: dict[str, KeptFilm] = {}
        self._lock = threading.RLock()
        self._root: Path | None = None
        self._arriving: dict[Path, int] = {}
        """Films being uploaded, with the bytes reserved for each."""
        self._weighed: tuple[float, int] | None = None
        self._jobs = FilmJobs(settings.film_seconds, clock)

    def __len__(self) -> int:
        return len(self._films)

    @property
    def bytes(self) -> int:
        """Size of the folder, including bytes reserved for uploads."""
        return self._stored_bytes() + sum(self._arriving.values())

    def place(self, name: str, size: int = 0) -> Path:
        """Return the path for a new film of that name and expected size.

        Raises
        ------
        Problem
            422 if the name is not that of a film, 503 if there is no space.
        """
        ending = Path(name).suffix.lower()
        if ending not in ENDINGS:
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                f"the name of a film must end in {', '.join(ENDINGS)}",
            )
        with self._lock:
            self.forget_old()
            if self._root is None:
                self._root = folders.create()
                threading.Thread(target=self._sweep, daemon=True).start()
            self._make_room(size)
            folder = self._root / secrets.token_urlsafe(16)
            folder.mkdir(mode=0o700)
            path = folder / f"film{ending}"
            self._arriving[path] = 0
            return path

    def grant(self, path: Path, more: int) -> None:
        """Reserve space for more bytes of an upload before they are written.

        Raises
        ------
        Problem
            503 if there is none, even after unused films are deleted.
        """
        with self._lock:
            self._make_room(more)
            self._arriving[path] += more

    def _make_room(self, more: int) -> None:
        """Delete the least recently used films to make space."""
        while self.bytes + more > self._settings.films_bytes:
            idle = [each for each in self._films.values() if not self._works(each)]
            if not idle:
                raise Problem(
                    HTTPStatus.SERVICE_UNAVAILABLE,
                    "there is no space for another film at the moment",
                )
            self.close(min(idle, key=lambda each: each.used).id)

    def _stored_bytes(self) -> int:
        """Size of the folder without uploads in progress."""
        now = time.monotonic()
        if self._root is None:
            return 0
        if self._weighed is not None and now - self._weighed[0] < WEIGHING_SECONDS:
            return self._weighed[1]
        found = 0
        for path in self._root.rglob("*"):
            with suppress(OSError):  # renamed or removed in the meantime
                found += path.stat().st_size if path.is_file() and path not in self._arriving else 0
        self._weighed = now, found
        return found

    def keep(
        self, path: Path, pipeline: Pipeline, rest: Callable[[], None] | None = None
    ) -> KeptFilm:
        """Scan an uploaded film and keep it; `rest` is called before each frame.

        Raises
        ------
        PhotoError
            If it is not a readable film; TooLargeError if it is too long.
        """
        film = Film(path, pipeline)
        height, width = film.source.layout.size
        most = int(self._settings.film_pixels / (height * width))

        def look(number: int) -> None:
            if number >= most:
                raise TooLargeError(f"a film of that frame size may have at most {most:,} frames")
            if number % WEIGHED_EVERY == 0 and not path.exists():
                raise PhotoError(CANCELLED)
            if rest is not None:
                rest()

        if film.source.length * float(film.source.rate) > most:
            look(most)
        film.look(look)
        look(0)
        kept = KeptFilm(path.parent.name, path.parent, film, self._clock())
        with self._lock:
            self._films[kept.id] = kept
            self._end_upload(path)
        return kept

    def discard(self, path: Path) -> None:
        """Delete an upload that was not kept."""
        shutil.rmtree(path.parent, ignore_errors=True)
        with self._lock:
            self._end_upload(path)

    def _end_upload(self, path: Path) -> None:
        self._arriving.pop(path, None)
        self._weighed = None

    def get(self, id: str) -> KeptFilm:
        """The film with that id; raises Problem 404 if there is none."""
        with self._lock:
            self.forget_old()
            kept = self._films.get(id)
            if kept is None:
                raise Problem(HTTPStatus.NOT_FOUND, "the film is no longer stored; open it again")
            kept.used = self._clock()
            return kept

    def close(self, id: str) -> None:
        """Delete a film and stop its work."""
        with self._lock:
            kept = self._films.pop(id, None)
        if kept is None:
            return
        if kept.job is not None:
            self._jobs.tell_to_stop(kept.job)
        shutil.rmtree(kept.folder, ignore_errors=True)
        self._weighed = None

    def stop(self, id: str) -> None:
        """Stop the work on a film and wait until it ends, or abandon it after `STOPPING_SECONDS`.

        Raises Problem 404 if there is no such film.
        """
        job = self.get(id).job
        if job is not None:
            self._jobs.stop(job)

    def start(
        self,
        kept: KeptFilm,
        film: Film,
        ending: str,
        make: Make,
        rest: Rest = lambda _: None,
    ) -> FilmJob:
        """Colour a film on its own thread; `make` takes the target and a progress callback.

        `film` is the kept one with the options of the job, and `ending` the suffix of the result.
        `rest` is called after each frame, and returns early once its argument returns True.

        Raises
        ------
        Problem
            409 while any film is being coloured.
        """

        def heard(job: FilmJob) -> None:
            kept.used = job.heard
            if job.frames % WEIGHED_EVERY == 0 and self.bytes > self._settings.films_bytes:
                raise PhotoError("the colored film is too large to be stored")

        def ended() -> None:
            if kept.id not in self._films:  # the film was deleted, and its folder may exist again
                shutil.rmtree(kept.folder, ignore_errors=True)

        with self._lock:
            place = partial(self._target, kept, ending)
            kept.job = self._jobs.start(film, place, make, rest, heard, ended)
            return kept.job

    @staticmethod
    def _target(kept: KeptFilm, ending: str) -> Path:
        """The same path each time, so that parts of a stopped run are found. An earlier result of
        another type is deleted.
        """
        target = kept.folder / f"colour{ending}"
        if kept.job is not None and kept.job.target != target:
            with suppress(OSError):  # it is being downloaded, on Windows
                kept.job.target.unlink(missing_ok=True)
        return target

    def forget_old(self) -> None:
        """Delete films that were not used for long."""
        oldest = self._clock() - self._settings.session_seconds
        with self._lock:
            for id, kept in list(self._films.items()):
                if kept.used < oldest and not self._works(kept):
                    self.close(id)

    def _sweep(self) -> None:
        while True:
            time.sleep(SWEPT_EVERY)
            self.forget_old()

    @staticmethod
    def _works(kept: KeptFilm) -> bool:
        return kept.job is not None and kept.job.works
