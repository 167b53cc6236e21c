"""What the owner of a server lends to all pictures: a folder of references, and remembered hints.

Clients name neither; a request says whether it uses them.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from retint.colorizers import DEFAULT
from retint.errors import UsageError
from retint.hints import Hints
from retint.picture.gallery import Seen
from retint.picture.memory import MOST, Memory
from retint.picture.pipeline import Pipeline, View
from retint.picture.reference import Reference
from retint.picture.remembered import Remembered
from retint.server.keep.workshop import Workshop
from retint.server.settings import Settings

State = tuple[int, int, int]
"""What differs if a file was changed."""


class Album:
    """The folder and the file; thread-safe.

    Parameters
    ----------
    seen
        Called while the pictures of the folder are looked at, which is done once.

    Raises
    ------
    UsageError
        If the folder is none, or the file contains something else.
    PhotoError
        If no picture of the folder can be a reference.
    """

    def __init__(
        self, settings: Settings, workshop: Workshop, seen: Seen = lambda *_: None
    ) -> None:
        self._workshop = workshop
        self._path = settings.remember
        self._lock = threading.Lock()
        self._known: tuple[State | None, Memory] | None = None
        self._gallery = None
        if settings.references is not None:
            folder = settings.references
            found = Reference.nearest_of(self._pipeline, folder, settings.max_pixels, seen)
            self._gallery = found.gallery
        if self._path is not None:
            self._read(self._path)

    @property
    def references(self) -> int | None:
        """Number of pictures that can be references; None without a folder."""
        return None if self._gallery is None else len(self._gallery.names)

    @property
    def remembers(self) -> bool:
        """Whether there is a file of remembered hints."""
        return self._path is not None

    @property
    def remarks(self) -> tuple[str, ...]:
        """Remarks about the folder, one line each."""
        return () if self._gallery is None else self._gallery.remarks

    def reference(self, pipeline: Pipeline) -> Reference:
        """The pictures of the folder, as references of whatever they are like; raises UsageError if
        there is no folder, or the method takes no references.
        """
        if self._gallery is None:
            raise UsageError("this server has no folder of references")
        return Reference.of_gallery(pipeline, self._gallery)

    def memory(self, pipeline: Pipeline) -> Memory:
        """What is remembered; raises UsageError if nothing can be, or the method takes no hints."""
        with self._lock:
            return replace(self._read(self._own_path), pipeline=pipeline)

    def remember(self, view: View, hints: Hints, picture: str) -> int:
        """Add the points of a picture, in place of those that are remembered of it; returns their
        number.

        Raises
        ------
        UsageError
            If none of them can be remembered, or there would be too many.
        PhotoError
            If the file cannot be written.
        """
        if not hints.points:
            raise UsageError("only dots are remembered, and there is none")
        with self._lock:
            path = self._own_path
            memory = replace(self._read(path), pipeline=view.pipeline)
            if len(memory.without_picture(view, picture).entries) + len(hints.points) > MOST:
                raise UsageError(f"at most {MOST:,} colors are remembered; remove some first")
            added = memory.with_hints(view, hints, picture)
            own = sum(each not in memory.entries for each in added.entries)
            if not own:
                raise UsageError("no dot lies on the picture itself, so none is remembered")
            added.write(path)
            return own

    def forget(self, id: str) -> bool:
        """Forget one; returns whether it was remembered. Raises PhotoError if the file cannot be
        written.
        """
        with self._lock:
            path = self._own_path
            memory = self._read(path)
            kept = memory.without(id)
            if kept is memory:
                return False
            kept.write(path)
            return True

    @property
    def entries(self) -> tuple[Remembered, ...]:
        """All that is remembered, the oldest first; raises UsageError if nothing can be."""
        with self._lock:
            return tuple(self._read(self._own_path).entries)

    @property
    def _own_path(self) -> Path:
        if self._path is None:
            raise UsageError("this server remembers no colors")
        return self._path

    @property
    def _pipeline(self) -> Pipeline:
        return self._workshop.pipeline(DEFAULT)

    def _read(self, path: Path) -> Memory:
        """What the file contains, which its owner may change at any time."""
        state = _state(path)
        if self._known is None or self._known[0] != state:
            self._known = state, Memory.read(self._pipeline, path)
        return self._known[1]


def _state(path: Path) -> State | None:
    try:
        found = path.stat()
    except OSError:
        return None  # reading it says why
    return found.st_mtime_ns, found.st_size, found.st_ino
