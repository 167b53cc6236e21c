"""XMP sidecars: files beside a picture with the metadata that programs do not write into it.

Adobe's programs name them after the picture without its suffix (photo.xmp), darktable and digiKam
after its whole name (photo.jpg.xmp).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL.ExifTags import Base

from retint.batch.jobs import SIDECAR
from retint.errors import reason
from retint.files import xmp
from retint.files.atomic import is_taken
from retint.files.deep.tiff_directory import Reader
from retint.files.times import Times
from retint.files.turn import UPRIGHT, Turn
from retint.files.xmp.rdf import MAX_BYTES
from retint.film.joining import read_provenance

SPELLINGS = (SIDECAR, SIDECAR.upper())


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

    An existing one is replaced if `overwrite` is set, or if it differs in the record only.

    Parameters
    ----------
    record
        The provenance record to add, if any.
    turn
        The orientation that was applied to the pixels.
    orientation
        The new EXIF orientation of pixels that did not move; 0 if it did not change.
    """
    found: list[Copy] = []
    remarks = []
    for path, is_whole in _beside(source):
        try:
            times, content = Times.of(path), _content(path)
        except OSError as error:
            remarks.append(f"its sidecar {path.name} was not copied: {reason(error)}")
            continue
        if not xmp.is_valid(content):
            remarks.append(f"its sidecar {path.name} was not copied: it is not XMP")
            continue
        plain = xmp.of_new_pixels(content, turn)
        plain = xmp.with_orientation(plain, orientation) if orientation else plain
        signed = plain if record is None else xmp.with_provenance(plain, record)
        for target in targets:
            own = target.with_name((target.name if is_whole else target.stem) + SIDECAR)
            taken = is_taken(own)
            if taken and own.resolve() == path.resolve():
                remarks.append(f"{own} is the sidecar of the source as well, and was not changed")
            elif taken and not (overwrite or _is_like(own, plain)):
                remarks.append(f"{own} exists and was not replaced")
            else:
                found.append(Copy(own, signed, times, taken or overwrite))
    return found, remarks


def record_of_film(target: Path) -> dict[str, Any]:
    """The provenance record of a coloured film, as XMP names its parts."""
    return {name.title(): value for name, value in (read_provenance(target) or {}).items()}


def turn_of_raw(source: Path, size: tuple[int, int]) -> Turn:
    """The orientation that was applied to a RAW file developed to that height and width."""
    height, width = size
    try:
        with source.open("rb") as file:
            reader = Reader.of(file)
            found = reader.directory(reader.first, [Base.Orientation])[0]
    except (OSError, ValueError, struct.error):  # not every kind is TIFF inside
        return UPRIGHT
    orientation = found[Base.Orientation].number if found else 1
    return Turn.to(width, height, orientation) if 1 < orientation <= 8 else UPRIGHT


def _beside(source: Path) -> Iterator[tuple[Path, bool]]:
    """The sidecars of a picture, and whether they have its whole name."""
    for is_whole, name in ((False, source.stem), (True, source.name)):
        for spelling in SPELLINGS:
            path = source.with_name(name + spelling)
            if path != source and path.is_file():
                yield path, is_whole
                break
        if not source.suffix:
            return


def _content(path: Path) -> bytes:
    """At most as much as a packet may have, and a byte more."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _is_like(path: Path, content: bytes) -> bool:
    """Whether a file contains the same except for the provenance record."""
    with suppress(OSError):
        if path.is_file() and not path.is_symlink():
            return xmp.is_same(xmp.without_provenance(_content(path)), content)
    return False
