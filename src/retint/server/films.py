"""Films that somebody works on: in a private folder, so many bytes, one coloured at a time."""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory

from retint.errors import PhotoError, RetintError, TooLargeError
from retint.film.containers import ENDINGS, ending_of
from retint.film.film import Film
from retint.pipeline import Pipeline
from retint.server.problems import Problem
from retint.server.settings import Settings

SWEPT_EVERY = 60.0
"""Seconds after which films that nobody uses any more are looked for."""
WEIGHED_EVERY = 50
"""Frames after which it is looked how large the folder has become."""

Told = Callable[[int, int], None]
"""Takes how many frames are done, and the number of the shot."""


class StoppedError(Exception):
    """Somebody wants it no more."""


@dataclass
class Job:
    """A film that is being coloured, or has been."""

    target: Path
    state: str = "working"
    """Then "done", "failed" or "stopped"."""
    frames: int = 0
    error: str = ""
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def works(self) -> bool:
        """Whether it still goes on."""
        return self.state == "working"


@dataclass
class KeptFilm:
    """A film in the folder."""

    id: str
    folder: Path
    film: Film
    used: float
    job: Job | None = None

    @property
    def frames(self) -> int:
        """How many there are."""
        return self.film.shots[-1].stop

    @property
    def ending(self) -> str:
        """Of the name of what it becomes."""
        return ending_of(self.film.path, lossless=self.film.options.lossless)


class Films:
    """All of them; may be used from several threads."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._films: dict[str, KeptFilm] = {}
        self._lock = threading.RLock()
        self._root: TemporaryDirectory[str] | None = None

    def __len__(self) -> int:
        return len(self._films)

    @property
    def bytes(self) -> int:
        """What the folder takes of the disk."""
        if self._root is None:
            return 0
        found = 0
        for path in Path(self._root.name).rglob("*"):
            try:
                found += path.stat().st_size if path.is_file() else 0
            except OSError:
                continue  # it was renamed or removed meanwhile
        return found

    def place(self, name: str) -> Path:
        """Where a film of that name may be written to; those that were used least make room.

        Raises
        ------
        Problem
            422 for a name that is no film's, 503 where there is no room.
        """
        ending = Path(name).suffix.lower()
        if ending not in ENDINGS:
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY, f"the name of a film ends in {', '.join(ENDINGS)}"
            )
        with self._lock:
            self.forget_old()
            if self._root is None:
                # Only its owner can look into it, and it is gone with the server.
                self._root = TemporaryDirectory(prefix="retint-films-")
                threading.Thread(target=self._sweep, daemon=True).start()
            while self.bytes + self._settings.film_bytes > self._settings.films_bytes:
                idle = [each for each in self._films.values() if not self._works(each)]
                if not idle:
                    raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "there is no room for a film now")
                self.close(min(idle, key=lambda each: each.used).id)
            folder = Path(self._root.name) / secrets.token_urlsafe(16)
            folder.mkdir(mode=0o700)
            return folder / f"film{ending}"

    def keep(
        self, path: Path, pipeline: Pipeline, rest: Callable[[], None] | None = None
    ) -> KeptFilm:
        """Keep what has been written to such a place, once it was looked at; `rest` is called
        before each frame.

        Raises
        ------
        PhotoError
            Where it is no film that can be read, TooLargeError where it is too long.
        """
        film = Film(path, pipeline)
        height, width = film.source.layout.size
        most = int(self._settings.film_pixels / (height * width))

        def look(number: int) -> None:
            if number >= most:
                raise TooLargeError(f"a film of that size may have {most:,} frames here")
            if number % WEIGHED_EVERY == 0 and not path.exists():
                raise PhotoError("nobody waits for the film any more")
            if rest is not None:
                rest()

        if film.source.length * float(film.source.rate) > most:
            look(most)
        film.look(look)
        look(0)
        kept = KeptFilm(path.parent.name, path.parent, film, self._clock())
        with self._lock:
            self._films[kept.id] = kept
        return kept

    def discard(self, path: Path) -> None:
        """Forget a place that was not kept."""
        shutil.rmtree(path.parent, ignore_errors=True)

    def get(self, id: str) -> KeptFilm:
        """The film of that name; raises Problem, 404, where there is none any more."""
        with self._lock:
            self.forget_old()
            kept = self._films.get(id)
            if kept is None:
                raise Problem(HTTPStatus.NOT_FOUND, "the film is not kept any more; open it again")
            kept.used = self._clock()
            return kept

    def close(self, id: str) -> None:
        """Forget one; what is being made of it ends."""
        with self._lock:
            kept = self._films.pop(id, None)
        if kept is None:
            return
        if kept.job is not None:
            kept.job.stop.set()
        shutil.rmtree(kept.folder, ignore_errors=True)

    def start(self, kept: KeptFilm, make: Callable[[Path, Told], Path]) -> Job:
        """Colour a film on a thread of its own; `make` takes the target and what it tells.

        Raises
        ------
        Problem
            409 while any film is being coloured.
        """
        with self._lock:
            if any(self._works(each) for each in self._films.values()):
                raise Problem(
                    HTTPStatus.CONFLICT, "one film at a time is coloured; wait for it, or stop it"
                )
            job = kept.job = Job(kept.folder / f"colour{kept.ending}")
        threading.Thread(target=self._make, args=(kept, job, make), daemon=True).start()
        return job

    def _make(self, kept: KeptFilm, job: Job, make: Callable[[Path, Told], Path]) -> None:
        def told(frames: int, _shot: int) -> None:
            job.frames = frames
            kept.used = self._clock()
            if job.stop.is_set():
                raise StoppedError
            if frames % WEIGHED_EVERY == 0 and self.bytes > self._settings.films_bytes:
                raise PhotoError("the film in colour is too large to be kept here")

        try:
            make(job.target, told)
            job.state = "done"
        except StoppedError:
            job.state = "stopped"
        except RetintError as error:
            job.state, job.error = "failed", str(error)
        except Exception:
            job.state, job.error = "failed", "a fault of the server; its log says more"
            raise  # into the log, by threading's own hook
        finally:
            if kept.id not in self._films:  # it was closed, and its folder may be there again
                shutil.rmtree(kept.folder, ignore_errors=True)

    def forget_old(self) -> None:
        """Forget what nobody has used for long."""
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
