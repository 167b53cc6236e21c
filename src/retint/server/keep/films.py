"""Films that somebody works on: in a private folder, so many bytes, one coloured at a time."""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from retint.errors import PhotoError, RetintError, TooLargeError
from retint.film.containers import ENDINGS, ending_of
from retint.film.film import Film, Progress
from retint.picture.pipeline import Pipeline
from retint.server.keep import folders
from retint.server.problems import Problem
from retint.server.settings import Settings

SWEPT_EVERY = 60.0
"""Seconds after which films that nobody uses any more are looked for."""
WEIGHED_EVERY = 50
"""Frames after which it is looked how large the folder has become."""
WEIGHING_SECONDS = 1.0
"""For how long what lies in the folder, besides films that are just arriving, is taken as known."""
STOPPING_SECONDS = 15.0
"""How long a film that is told to stop may take to do so; then it is given up."""
MOST_GIVEN_UP = 4
"""Films given up whose threads still work; beyond it no other one is begun."""
GIVEN_UP = "it did not answer, and was given up"

Rest = Callable[[Callable[[], bool]], None]
"""Lets others go first until what it is given answers True."""


class StoppedError(Exception):
    """Somebody wants it no more."""


@dataclass
class FilmJob:
    """A film that is being coloured, or has been."""

    target: Path
    state: str = "working"
    """Then "done", "failed" or "stopped"."""
    frames: int = 0
    error: str = ""
    heard: float = 0.0
    """When it told something last."""
    stop: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    """Its thread has ended, whatever the state says."""

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
    job: FilmJob | None = None

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
        self._root: Path | None = None
        self._arriving: dict[Path, int] = {}
        """Films that are being written, and how much of each there is room for."""
        self._weighed: tuple[float, int] | None = None
        self._job: FilmJob | None = None
        self._given_up: list[FilmJob] = []

    def __len__(self) -> int:
        return len(self._films)

    @property
    def bytes(self) -> int:
        """What the folder takes of the disk, with what films that arrive have been granted."""
        return self._lying() + sum(self._arriving.values())

    def place(self, name: str, size: int = 0) -> Path:
        """Where a film of that name and so many bytes, as far as is known, may be written to.

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
                self._root = folders.create()
                threading.Thread(target=self._sweep, daemon=True).start()
            self._make_room(size)
            folder = self._root / secrets.token_urlsafe(16)
            folder.mkdir(mode=0o700)
            path = folder / f"film{ending}"
            self._arriving[path] = 0
            return path

    def grant(self, path: Path, more: int) -> None:
        """Take room for so many bytes more of a film that arrives, before they are written.

        Raises
        ------
        Problem
            503 where there is none, even if others make room.
        """
        with self._lock:
            self._make_room(more)
            self._arriving[path] += more

    def _make_room(self, more: int) -> None:
        """Those that were used least make room."""
        while self.bytes + more > self._settings.films_bytes:
            idle = [each for each in self._films.values() if not self._works(each)]
            if not idle:
                raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "there is no room for a film now")
            self.close(min(idle, key=lambda each: each.used).id)

    def _lying(self) -> int:
        """Bytes of the folder besides those of films that arrive."""
        now = time.monotonic()
        if self._root is None:
            return 0
        if self._weighed is not None and now - self._weighed[0] < WEIGHING_SECONDS:
            return self._weighed[1]
        found = 0
        for path in self._root.rglob("*"):
            with suppress(OSError):  # it was renamed or removed meanwhile
                found += path.stat().st_size if path.is_file() and path not in self._arriving else 0
        self._weighed = now, found
        return found

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
            self._arrived(path)
        return kept

    def discard(self, path: Path) -> None:
        """Forget a place that was not kept."""
        shutil.rmtree(path.parent, ignore_errors=True)
        with self._lock:
            self._arrived(path)

    def _arrived(self, path: Path) -> None:
        self._arriving.pop(path, None)
        self._weighed = None

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
            self._tell_to_stop(kept.job)
        shutil.rmtree(kept.folder, ignore_errors=True)
        self._weighed = None

    def stop(self, id: str) -> None:
        """Wait until what is being made of a film has ended, or `STOPPING_SECONDS`, and give it up.

        Raises Problem, 404, where there is no such film.
        """
        job = self.get(id).job
        if job is not None:
            self._tell_to_stop(job)
            if not job.ended.wait(STOPPING_SECONDS):
                self.give_up(job)

    def _tell_to_stop(self, job: FilmJob) -> None:
        if not job.stop.is_set():
            job.stop.set()
            # Nobody may come back to see whether it has: so this is not left to a request.
            timer = threading.Timer(STOPPING_SECONDS, self.give_up, [job])
            timer.daemon = True
            timer.start()

    def give_up(self, job: FilmJob) -> None:
        """Let a job be that does not end: others may begin."""
        with self._lock:
            if not job.works or job.ended.is_set():
                return
            job.state, job.error = "failed", GIVEN_UP
            self._given_up.append(job)

    def start(
        self, kept: KeptFilm, make: Callable[[Path, Progress], Path], rest: Rest = lambda _: None
    ) -> FilmJob:
        """Colour a film on a thread of its own; `make` takes the target and a progress callback.

        After each frame `rest` is called, which ends soon where what it is given answers True.

        Raises
        ------
        Problem
            409 while any film is being coloured.
        """
        with self._lock:
            busy = self._job
            if busy is not None and self._clock() - busy.heard > self._settings.film_seconds:
                self._tell_to_stop(busy)
            if busy is not None and busy.works:
                raise Problem(
                    HTTPStatus.CONFLICT, "one film at a time is coloured; wait for it, or stop it"
                )
            self._given_up = [each for each in self._given_up if not each.ended.is_set()]
            if len(self._given_up) >= MOST_GIVEN_UP:
                raise Problem(HTTPStatus.CONFLICT, "films that were given up still take all room")
            job = self._job = kept.job = FilmJob(self._target(kept), heard=self._clock())
        threading.Thread(target=self._make, args=(kept, job, make, rest), daemon=True).start()
        return job

    def _target(self, kept: KeptFilm) -> Path:
        """The same each time, for parts that a stopped run has left; but for what still works."""
        target = kept.folder / f"colour{kept.ending}"
        if all(each.target != target for each in self._given_up):
            return target
        return kept.folder / f"colour-{secrets.token_hex(4)}{kept.ending}"

    def _make(
        self, kept: KeptFilm, job: FilmJob, make: Callable[[Path, Progress], Path], rest: Rest
    ) -> None:
        def report(frames: int, _shot: int) -> None:
            rest(job.stop.is_set)
            if job.stop.is_set():
                raise StoppedError
            job.frames = frames
            job.heard = kept.used = self._clock()
            if frames % WEIGHED_EVERY == 0 and self.bytes > self._settings.films_bytes:
                raise PhotoError("the film in colour is too large to be kept here")

        try:
            make(job.target, report)
            self._end(job, "done")
        except StoppedError:
            self._end(job, "stopped")
        except RetintError as error:
            self._end(job, "failed", str(error))
        except Exception:
            self._end(job, "failed", "a fault of the server; its log says more")
            raise  # into the log, by threading's own hook
        finally:
            job.ended.set()
            if kept.id not in self._films:  # it was closed, and its folder may be there again
                shutil.rmtree(kept.folder, ignore_errors=True)

    def _end(self, job: FilmJob, state: str, error: str = "") -> None:
        with self._lock:
            if job.works:
                job.state, job.error = state, error

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
