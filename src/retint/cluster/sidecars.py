"""What belongs to a result besides its pixels: XMP sidecars and file times, in any place."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from retint.batch import sidecars
from retint.batch.sidecars import NOT_XMP, SPELLINGS, Sidecar, exists, not_copied
from retint.cluster.places import Place
from retint.errors import ExistsError, PhotoError, reason
from retint.files.formats import SIDECAR
from retint.files.times import Times, not_kept
from retint.files.turn import Turn
from retint.files.xmp.rdf import MAX_BYTES

MOST = 2
"""Sidecars of a picture: one per convention."""


def of(picture: str, names: Iterable[str]) -> list[str]:
    """The sidecars of a picture among the names of its folder, one per convention."""
    path, known = PurePosixPath(picture), set(names)
    found = []
    for stem in dict.fromkeys((path.stem, path.name)):
        own = [posixpath.join(posixpath.dirname(picture), stem + each) for each in SPELLINGS]
        found += [each for each in own if each in known][:1]
    return found


@dataclass(frozen=True)
class Beside:
    """Writes what belongs to the results of a run."""

    source: Place
    results: Place
    overwrite: bool = False
    """Whether existing sidecars are replaced."""
    keep_times: bool = False
    """Whether results get the file times of their sources."""

    def times(self, name: str) -> tuple[Times | None, list[str]]:
        """The times of a source before it is read, if results get them, and remarks."""
        if not self.keep_times:
            return None, []
        try:
            return self.source.times(name), []
        except (OSError, NotImplementedError) as error:
            return None, [not_kept(_why(error))]

    def give(self, name: str, times: Times | None) -> list[str]:
        """Give times to a result; returns remarks."""
        if times is None:
            return []
        try:
            self.results.give_times(name, times)
        except OSError as error:
            return [not_kept(reason(error))]
        return []

    def write(
        self, names: Sequence[str], picture: str, target: str, record: Mapping[str, Any] | None,
        turn: Turn, orientation: int = 0,
    ) -> list[str]:  # fmt: skip
        """Write the sidecars of a result; returns remarks about those that are not written.

        Parameters
        ----------
        names
            The sidecars of the source.
        record, turn, orientation
            See `retint.batch.sidecars.Sidecar.of`.
        """
        remarks = []
        if len(names) > MOST:
            remarks.append(f"the index names {len(names)} sidecars, of which {MOST} are read")
        for name in names[:MOST]:
            own = PurePosixPath(name)
            if own.suffix.lower() != SIDECAR:
                remarks.append(not_copied(own.name, NOT_XMP))
                continue
            is_whole = own.stem == posixpath.basename(picture)
            path = PurePosixPath(target)
            copy = path.with_name(sidecars.name_of(path, is_whole=is_whole)).as_posix()
            try:
                remarks += self._copied(name, copy, record, turn, orientation)
            except ExistsError:
                remarks.append(exists(copy))
            except (OSError, PhotoError) as error:
                remarks.append(not_copied(own.name, _why(error)))
        return remarks

    def _copied(
        self,
        name: str,
        copy: str,
        record: Mapping[str, Any] | None,
        turn: Turn,
        orientation: int,
    ) -> list[str]:
        times, remarks = self.times(name)
        sidecar = Sidecar.of(self.source.read(name, MAX_BYTES + 1), record, turn, orientation)
        if sidecar is None:
            return [not_copied(posixpath.basename(name), NOT_XMP)]
        taken = self.results.exists(copy)
        if taken and not self.overwrite:
            existing = self.results.read(copy, MAX_BYTES + 1)
            if not sidecar.replaces(existing):
                raise ExistsError.of(copy)
        self.results.write(copy, sidecar.signed, new=not (taken or self.overwrite))
        return remarks + self.give(copy, times)


def _why(error: Exception) -> str:
    if isinstance(error, PhotoError):
        return str(error)
    return reason(error) if isinstance(error, OSError) else "their place does not have them"
