"""Uploaded films: in a private folder of limited size, of which one is coloured at a time."""

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
from retint.film.film import Film
from retint.film.making import Progress
from retint.picture.pipeline import Pipeline
from retint.server.keep import folders
from retint.server.problems import Problem
from retint.server.settings import Settings

SWEPT_EVERY = 60.0
"""Seconds between deletions of unused films."""
WEIGHED_EVERY = 50
"""Frames between measurements of the folder's size."""
WEIGHING_SECONDS = 1.0
"""Seconds for which a measurement of the folder, without films being uploaded, is reused."""
STOPPING_SECONDS = 15.0
"""Maximum time for a film to stop; after it the work is abandoned."""
MOST_GIVEN_UP = 4
"""Maximum number of abandoned films whose threads still run; beyond it no new one is started."""
GIVEN_UP = "it did not respond and was abandoned"

Rest = Callable[[Callable[[], bool]], None]
"""Lets others go first until its argument returns True."""


class StoppedError(Exception):
    """Raised when a film was stopped."""


@dataclass
class FilmJob:
    """The work of colouring a film, running or finished."""

    target: Path
    film: Film
    """The film with the options of the job."""
    state: str = "working"
    """Later "done", "failed" or "stopped"."""
    frames: int = 0
    error: str = ""
    heard: float = 0.0
    """Time of its last progress."""
    stop: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    """Whether its thread has ended, independent of the state."""

    @property
    def works(self) -> bool:
        """Whether it is still running."""
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
        self._job: FilmJob | None = None
        self._given_up: list[FilmJob] = []

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
                raise PhotoError("the request was cancelled")
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
            self._tell_to_stop(kept.job)
        shutil.rmtree(kept.folder, ignore_errors=True)
        self._weighed = None

    def stop(self, id: str) -> None:
        """Stop the work on a film and wait until it ends, or abandon it after `STOPPING_SECONDS`.

        Raises Problem 404 if there is no such film.
        """
        job = self.get(id).job
        if job is not None:
            self._tell_to_stop(job)
            if not job.ended.wait(STOPPING_SECONDS):
                self.give_up(job)

    def _tell_to_stop(self, job: FilmJob) -> None:
        if not job.stop.is_set():
            job.stop.set()
            # With a timer, since the client may never send another request.
            timer = threading.Timer(STOPPING_SECONDS, self.give_up, [job])
            timer.daemon = True
            timer.start()

    def give_up(self, job: FilmJob) -> None:
        """Abandon a film that does not stop, so that others can start."""
        with self._lock:
            if not job.works or job.ended.is_set():
                return
            job.state, job.error = "failed", GIVEN_UP
            self._given_up.append(job)

    def start(
        self,
        kept: KeptFilm,
        film: Film,
        ending: str,
        make: Callable[[Path, Progress], Path],
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
        with self._lock:
            busy = self._job
            if busy is not None and self._clock() - busy.heard > self._settings.film_seconds:
                self._tell_to_stop(busy)
            if busy is not None and busy.works:
                raise Problem(
                    HTTPStatus.CONFLICT,
                    "only one film is processed at a time; wait for it, or stop it",
                )
            self._given_up = [each for each in self._given_up if not each.ended.is_set()]
            if len(self._given_up) >= MOST_GIVEN_UP:
                raise Problem(
                    HTTPStatus.CONFLICT,
                    "too many abandoned films are still running; try again later",
                )
            job = self._job = kept.job = FilmJob(
                self._target(kept, ending), film, heard=self._clock()
            )
        threading.Thread(target=self._make, args=(kept, job, make, rest), daemon=True).start()
        return job

    def _target(self, kept: KeptFilm, ending: str) -> Path:
        """The same path each time, so that parts of a stopped run are found, unless an abandoned
        thread still uses it. An earlier result of another type is deleted.
        """
        target = kept.folder / f"colour{ending}"
        if kept.job is not None and kept.job.target != target:
            with suppress(OSError):  # it is being downloaded, on Windows
                kept.job.target.unlink(missing_ok=True)
        if all(each.target != target for each in self._given_up):
            return target
        return kept.folder / f"colour-{secrets.token_hex(4)}{ending}"

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
                raise PhotoError("the colored film is too large to be stored")

        try:
            make(job.target, report)
            self._end(job, "done")
        except StoppedError:
            self._end(job, "stopped")
        except RetintError as error:
            self._end(job, "failed", str(error))
        except Exception:
            self._end(job, "failed", "internal server error; see the server's log")
            raise  # logged by the hook of threading
        finally:
            job.ended.set()
            if kept.id not in self._films:  # the film was deleted, and its folder may exist again
                shutil.rmtree(kept.folder, ignore_errors=True)

    def _end(self, job: FilmJob, state: str, error: str = "") -> None:
        with self._lock:
            if job.works:
                job.state, job.error = state, error

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
