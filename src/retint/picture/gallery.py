"""A folder of colour photographs, of which the most similar ones are references of a picture.

The similarity of two pictures is that of their class tokens in DINOv2 (`colorizers/parts/
semantics.py`) and by the means of the tokens of their cells. Both of the 8th block, as in
`correspondence`: on val/, it finds a part of the same photograph among others more often than the
last one (docs/references.md).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from retint import files
from retint.color.lab import Float32
from retint.colorizers.parts import semantics
from retint.colorizers.parts.framed import turned
from retint.colorizers.parts.network import Network
from retint.errors import PhotoError, UsageError, reason
from retint.files.collection import names_in
from retint.files.reading import read_reduced
from retint.files.xmp import provenance
from retint.picture import gallery_index
from retint.picture.compared import squeezed_of
from retint.picture.correspondence import BLOCK, SIDE
from retint.picture.exemplar import Exemplar
from retint.picture.gallery_index import Entry, ForeignError, Kind
from retint.picture.pipeline import Pipeline, View
from retint.picture.toned import is_in_color
from retint.threads import threads_or_all
from retint.weights import sha256, shipped

NEAREST = 3
"""Maximum number of references of one picture."""
LEAST_ALIKE = 0.86
"""Minimum likeness of a picture and its references."""
LEAST_SHARE = 0.25
"""Minimum share of the cells of a picture that have a match in one of them: more than for a
reference that a person has chosen (`reference.LEAST_SHARE`), since another person in the same
posture has 0.2. All three were chosen on val/ (docs/references.md).
"""
KEPT = 16
"""References that stay in memory, 3 MB each: pictures of an album that follow each other have many
in common.
"""
NONE = np.empty(0, np.int8)

Seen = Callable[[int, int], None]
"""Called with the number of pictures that were looked at, and of all that will be."""


@dataclass(frozen=True)
class Gallery:
    """Colour photographs, and what each is like; thread-safe."""

    pipeline: Pipeline
    network: Network
    folder: Path
    names: tuple[str, ...]
    """The pictures in colour, as paths below the folder."""
    likenesses: Float32
    """What they are like [names, C]; unit vectors."""
    sha256: str
    """SHA-256 of what decides about the references of a picture."""
    remarks: tuple[str, ...]
    """What is not used, and what could not be kept, one line each."""
    max_pixels: int = files.MAX_PIXELS

    def __post_init__(self) -> None:
        # Not a method with a cache, which would keep the gallery alive.
        object.__setattr__(self, "_opened", lru_cache(maxsize=KEPT)(self._open))

    @classmethod
    def open(
        cls,
        pipeline: Pipeline,
        network: Network,
        folder: Path,
        max_pixels: int = files.MAX_PIXELS,
        seen: Seen = lambda *_: None,
    ) -> Gallery:
        """Look at the pictures of a folder and its subfolders, or read what is known of them.

        Raises
        ------
        UsageError
            If it is not a folder.
        PhotoError
            If it contains no picture in colour.
        """
        if not folder.is_dir():
            raise UsageError(f"`references` must be a folder, and {folder} is not one")
        names = names_in(folder, set(files.READABLE))
        if not names:
            raise PhotoError(f"{folder} contains no pictures")
        entries, remarks = _Looking(pipeline, network, folder, max_pixels, seen).entries(names)
        counts = Counter(each.kind for each in entries.values())
        others = ", ".join(
            f"{counts[kind]:,} {kind.value}" for kind in Kind if counts[kind] and kind != Kind.COLOR
        )
        if not counts[Kind.COLOR]:
            raise PhotoError(f"{folder}: none of its pictures can be a reference: {others}")
        if others:
            remarks.insert(0, f"{folder}: not used as references: {others}")
        own = {name: each for name, each in entries.items() if each.kind == Kind.COLOR}
        likenesses = _unit(np.stack([each.likeness for each in own.values()]).astype(np.float32))
        return cls(
            pipeline, network, folder, tuple(own), likenesses, _sha256_of(own), tuple(remarks),
            max_pixels,
        )  # fmt: skip

    def nearest(self, view: View) -> list[Exemplar]:
        """The pictures that are most like another one, the best first."""
        alike = self.likenesses @ likeness_of(self.network, view)
        found = []
        for k in np.argsort(-alike, kind="stable")[:NEAREST]:
            if alike[k] < LEAST_ALIKE:
                break
            opened: Exemplar | None = self._opened(self.names[k])  # type: ignore[attr-defined]
            if opened is not None:
                found.append(opened)
        return found

    def _open(self, name: str) -> Exemplar | None:
        """One of the pictures; None if it is no longer readable."""
        try:
            photo = files.read(self.folder / name, max_pixels=self.max_pixels)
            return Exemplar.of(self.network, self.pipeline, photo, LEAST_SHARE, name)
        except PhotoError:
            return None


@dataclass(frozen=True)
class _Looking:
    """Looks at the pictures of a folder that are new or changed."""

    pipeline: Pipeline
    network: Network
    folder: Path
    max_pixels: int
    seen: Seen

    def entries(self, names: list[str]) -> tuple[dict[str, Entry], list[str]]:
        """The entry of each picture, and what could not be kept."""
        path, made_by = self.folder / gallery_index.NAME, sha256(shipped(semantics.NAME))
        remarks: list[str] = []
        known: dict[str, Entry] = {}
        is_writable = True
        try:
            known = gallery_index.read(path, made_by, len(names))
        except (ForeignError, OSError) as error:
            is_writable = False
            remarks.append(_not_kept(path, error))
        found = {name: known[name] for name in names if self._is_as_known(name, known)}
        try:
            self._look([name for name in names if name not in found], found)
        finally:  # what was seen until Ctrl-C is kept, too
            # Unreadable files are tried again: an extra may be installed until then.
            kept = {name: each for name, each in found.items() if each.kind != Kind.UNREADABLE}
            if is_writable and kept != known:
                try:
                    gallery_index.write(path, made_by, kept)
                except OSError as error:
                    remarks.append(_not_kept(path, error))
        return {name: found[name] for name in names}, remarks

    def _is_as_known(self, name: str, known: Mapping[str, Entry]) -> bool:
        return name in known and known[name].state == _state(self.folder / name)

    def _look(self, names: list[str], found: dict[str, Entry]) -> None:
        pool = ThreadPoolExecutor(threads_or_all(self.pipeline.threads))
        try:
            for done, entry in enumerate(pool.map(self._entry, names)):
                found[names[done]] = entry
                self.seen(done + 1, len(names))
        finally:
            pool.shutdown(cancel_futures=True)

    def _entry(self, name: str) -> Entry:
        path = self.folder / name
        size, modified = _state(path)
        try:
            photo = read_reduced(path, SIDE, max_pixels=self.max_pixels)
        except PhotoError:
            return Entry(size, modified, Kind.UNREADABLE, NONE)
        if provenance(photo.metadata.xmp) is not None:
            return Entry(size, modified, Kind.OURS, NONE)
        if not is_in_color(photo):
            return Entry(size, modified, Kind.GREY, NONE)
        likeness = likeness_of(self.network, self.pipeline.open(photo))
        return Entry(size, modified, Kind.COLOR, gallery_index.rounded(likeness))


def likeness_of(network: Network, view: View) -> Float32:
    """The description of a picture [C]: a unit vector."""
    upright = np.ascontiguousarray(turned(squeezed_of(view), view.framed.turn))
    tokens = semantics.seen(network, upright)[BLOCK][0]
    # The first token describes the whole picture, the others its cells.
    return _unit(np.concatenate([_unit(tokens[0]), _unit(tokens[1:].mean(axis=0))]))


def _state(path: Path) -> tuple[int, int]:
    """Size of a file and when it was changed; 0 for one that has disappeared."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


def _sha256_of(entries: Mapping[str, Entry]) -> str:
    found = hashlib.sha256()
    for each in sorted(entries.values(), key=lambda each: (each.state, each.likeness.tobytes())):
        found.update(f"{each.state}".encode() + each.likeness.tobytes())
    return found.hexdigest()


def _not_kept(path: Path, error: Exception) -> str:
    why = f"{path}: {reason(error)}" if isinstance(error, OSError) else str(error)
    return f"all pictures of `references` are examined in each run: {why}"


def _unit(vectors: Float32) -> Float32:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.float32(1e-6)), np.float32)
