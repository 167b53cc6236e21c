"""XMP sidecars: files beside a picture with the metadata that programs do not write into it.

Adobe's programs name them after the picture without its suffix (photo.xmp), darktable and digiKam
after its whole name (photo.jpg.xmp).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from PIL.ExifTags import Base

from retint.errors import reason
from retint.files import Photo, xmp
from retint.files.atomic import is_taken, too_long
from retint.files.deep.tiff_directory import Reader
from retint.files.formats import RAW_ENDINGS, SIDECAR
from retint.files.times import Times
from retint.files.turn import UPRIGHT, Turn
from retint.files.xmp.rdf import MAX_BYTES
from retint.picture.request import Result

SPELLINGS = (SIDECAR, SIDECAR.upper())
NOT_XMP = "it is not XMP"


@dataclass(frozen=True)
class Sidecar:
    """The content of the sidecar of a result."""

    plain: bytes
    """Without the provenance record."""
    signed: bytes
    """With the record, if there is one."""

    @classmethod
    def of(
        cls, content: bytes, record: Mapping[str, Any] | None, turn: Turn, orientation: int = 0
    ) -> Sidecar | None:
        """From the sidecar of a source; None if that is not XMP.

        Parameters
        ----------
        record
            The provenance record to add, if any.
        turn
            The orientation that was applied to the pixels.
        orientation
            The new EXIF orientation of pixels that did not move; 0 if it did not change.
        """
        if not xmp.is_valid(content):
            return None
        plain = xmp.of_new_pixels(content, turn)
        plain = xmp.with_orientation(plain, orientation) if orientation else plain
        return cls(plain, plain if record is None else xmp.with_provenance(plain, record))

    def replaces(self, existing: bytes) -> bool:
        """Whether an existing file differs in the record only."""
        return xmp.is_same(xmp.without_provenance(existing), self.plain)


@dataclass(frozen=True)
class Copy:
    """The sidecar of a result, to be written."""

    target: Path
    content: bytes
    times: Times
    """Those of the sidecar of the source."""
    replaces: bool
    """Whether an existing file may be replaced."""


def copies(
    source: Path,
    targets: Sequence[Path],
    record: Mapping[str, Any] | None,
    turn: Turn = UPRIGHT,
    orientation: int = 0,
    *,
    overwrite: bool,
) -> tuple[list[Copy], list[str]]:
    """The sidecars of results, and remarks about those that are not written.

    An existing one is replaced if `overwrite` is set, or if it differs in the record only. For the
    other parameters, see `Sidecar.of`.
    """
    found: list[Copy] = []
    remarks = []
    for path, is_whole in _beside(source):
        try:
            times, content = Times.of(path), _content(path)
        except OSError as error:
            remarks.append(not_copied(path.name, reason(error)))
            continue
        sidecar = Sidecar.of(content, record, turn, orientation)
        if sidecar is None:
            remarks.append(not_copied(path.name, NOT_XMP))
            continue
        for target in targets:
            own = target.with_name(name_of(target, is_whole=is_whole))
            taken = is_taken(own)
            if why := too_long(own):
                remarks.append(not_copied(path.name, why))
            elif taken and own.resolve() == path.resolve():
                remarks.append(f"{own} is also the sidecar of the source, so it was not changed")
            elif taken and not (overwrite or _is_like(own, sidecar)):
                remarks.append(exists(own))
            else:
                found.append(Copy(own, sidecar.signed, times, taken or overwrite))
    return found, remarks


def name_of(target: PurePath, *, is_whole: bool) -> str:
    """The name of the sidecar of a result, which has its whole name or the one without suffix."""
    return (target.name if is_whole else target.stem) + SIDECAR


def not_copied(name: str, why: str) -> str:
    """A remark about the sidecar of a source."""
    return f"its sidecar {name} was not copied: {why}"


def exists(own: object) -> str:
    """A remark about the sidecar of a result."""
    return f"{own} exists and was not replaced"


def placing(
    photo: Photo, result: Result, name: PurePath, opened: Callable[[], BinaryIO]
) -> tuple[Turn, int]:
    """What was applied to the positions of a photo in its result, and the orientation of a result
    whose pixels did not move; 0 if it is that of the photo.

    Parameters
    ----------
    name, opened
        Name and content of the source.
    """
    picture = result.pictures[0]
    degrees = result.turned[0] if result.turned else 0
    if not isinstance(picture, Photo):
        own = photo.jpeg.orientation if photo.jpeg is not None else 1
        return UPRIGHT, Turn(own).then(degrees).orientation if degrees else 0
    if name.suffix.lower() in RAW_ENDINGS:
        with opened() as stream:
            turn = turn_of_raw(stream, photo.size).then(degrees)
        return replace(turn, cut=picture.turn.cut), 0
    return picture.turn, 0


def turn_of_raw(source: BinaryIO, size: tuple[int, int]) -> Turn:
    """The orientation that was applied to a RAW file developed to that height and width."""
    height, width = size
    try:
        reader = Reader.of(source)
        found = reader.directory(reader.first, [Base.Orientation])[0]
    except (OSError, ValueError, struct.error):  # not every kind is TIFF inside
        return UPRIGHT
    orientation = found[Base.Orientation].number if found else 1
    return Turn.to(width, height, orientation) if 1 < orientation <= 8 else UPRIGHT


def own_sidecars(source: Path) -> set[Path]:
    """Resolved paths of the sidecars of a picture."""
    return {path.resolve() for path, _ in _beside(source)}


def _beside(source: Path) -> Iterator[tuple[Path, bool]]:
    """The sidecars of a picture, and whether they have its whole name."""
    for is_whole, name in ((False, source.stem), (True, source.name)):
        for spelling in SPELLINGS:
            path = source.with_name(name + spelling)
            # Unlike the method of paths, this answers for names that are too long.
            if path != source and os.path.isfile(path):  # noqa: PTH113
                yield path, is_whole
                break
        if not source.suffix:
            return


def _content(path: Path) -> bytes:
    """The content, up to one byte more than a packet may have."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _is_like(path: Path, sidecar: Sidecar) -> bool:
    """Whether a sidecar replaces a file."""
    with suppress(OSError):
        if path.is_file() and not path.is_symlink():
            return sidecar.replaces(_content(path))
    return False
