"""The work of colouring films: one at a time, each on its own thread."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from retint.errors import RetintError
from retint.film.film import Film
from retint.film.making import Progress
from retint.server.problems import INTERNAL, Problem

STOPPING_SECONDS = 15.0
"""Maximum time for a film to stop; after it the work is abandoned."""
MOST_GIVEN_UP = 4
"""Maximum number of abandoned films whose threads still run; beyond it no new one is started."""
GIVEN_UP = "it did not respond and was abandoned"

Make = Callable[[Path, Progress], tuple[str, ...]]
"""Colours a film, given the target and a progress callback; returns remarks of one line each."""
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
    remarks: tuple[str, ...] = ()
    heard: float = 0.0
    """Time of its last progress."""
    stop: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    """Whether its thread has ended, independent of the state."""

    @property
    def works(self) -> bool:
        """Whether it is still running."""
        return self.state == "working"


class FilmJobs:
    """The work on all films; thread-safe.

    Parameters
    ----------
    seconds
        Time without progress after which a film is told to stop when another is to start.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._job: FilmJob | None = None
        self._given_up: list[FilmJob] = []

    def start(
        self, film: Film, place: Callable[[], Path], make: Make,
        rest: Rest, heard: Callable[[FilmJob], None], ended: Callable[[], None],
    ) -> FilmJob:  # fmt: skip
        """Colour a film on its own thread.

        Parameters
        ----------
        film
            The film with the options of the job.
        place
            Returns the path of the result; another one is taken while an abandoned thread still
            uses it.
        make
            Takes the target and a progress callback.
        heard
            Called after each frame; may raise RetintError.
        ended
            Called when the thread ends.

        Raises
        ------
        Problem
            409 while any film is being coloured.
        """
        with self._lock:
            busy = self._job
            if busy is not None and self._clock() - busy.heard > self._seconds:
                self.tell_to_stop(busy)
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
            target = place()
            if any(each.target == target for each in self._given_up):
                target = target.with_stem(f"{target.stem}-{secrets.token_hex(4)}")
            job = self._job = FilmJob(target, film, heard=self._clock())
        threading.Thread(
            target=self._run, args=(job, make, rest, heard, ended), daemon=True
        ).start()
        return job

    def _run(
        self, job: FilmJob, make: Make, rest: Rest,
        heard: Callable[[FilmJob], None], ended: Callable[[], None],
    ) -> None:  # fmt: skip
        def report(frames: int, _shot: int) -> None:
            rest(job.stop.is_set)
            if job.stop.is_set():
                raise StoppedError
            job.frames = frames
            job.heard = self._clock()
            heard(job)

        try:
            job.remarks = make(job.target, report)
            self._end(job, "done")
        except StoppedError:
            self._end(job, "stopped")
        except RetintError as error:
            self._end(job, "failed", str(error))
        except Exception:
            self._end(job, "failed", INTERNAL)
            raise  # logged by the hook of threading
        finally:
            job.ended.set()
            ended()

    def _end(self, job: FilmJob, state: str, error: str = "") -> None:
        with self._lock:
            if job.works:
                job.state, job.error = state, error

    def stop(self, job: FilmJob) -> None:
        """Stop the work and wait until it ends, or abandon it after `STOPPING_SECONDS`."""
        self.tell_to_stop(job)
        if not job.ended.wait(STOPPING_SECONDS):
            self.give_up(job)

    def tell_to_stop(self, job: FilmJob) -> None:
        """Let the work stop at its next frame; it is abandoned after `STOPPING_SECONDS`."""
        if not job.stop.is_set():
            job.stop.set()
            # With a timer, since the client may never send another request.
            timer = threading.Timer(STOPPING_SECONDS, self.give_up, [job])
            timer.daemon = True
            timer.start()

    def give_up(self, job: FilmJob) -> None:
        """Abandon work that does not stop, so that other films can start."""
        with self._lock:
            if not job.works or job.ended.is_set():
                return
            job.state, job.error = "failed", GIVEN_UP
            self._given_up.append(job)
