"""Colour photographs for evaluation, read one at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from retint import files
from retint.color import lab
from retint.errors import PhotoError
from retint.evaluation.metrics import RGB
from retint.files import READABLE
from retint.files.collection import file_in, names_in
from retint.files.formats import RAW_ENDINGS


@dataclass(frozen=True)
class Source:
    """A file for evaluation, and the kind of picture that its collection contains."""

    data: Path
    """The folder or zip file."""
    name: str
    """Its path in there."""
    kind: str
    """From the table beside the folder, or the name of the file's folder."""


def find(data: Path, limit: int = 0) -> list[Source]:
    """Evenly spaced `limit` pictures of a folder or zip file and its subfolders, sorted by name;
    0 for all.

    `NAME.csv` beside the folder NAME, with columns `file` and `source`, states the kind of each.

    Raises
    ------
    PhotoError
        If there are none.
    """
    # Most RAW files are recognized by their suffix, which the stream from a zip file lacks.
    endings = set(READABLE) if data.is_dir() else set(READABLE) - set(RAW_ENDINGS)
    names = sorted(names_in(data, endings), key=PurePosixPath)
    if not names:
        raise PhotoError(f"{data} contains no pictures")
    if 0 < limit < len(names):
        names = [names[k * len(names) // limit] for k in range(limit)]
    kinds = _kinds(data)
    own = data.name if data.is_dir() else data.stem
    return [
        Source(data, name, kinds.get(name, PurePosixPath(name).parent.name or own))
        for name in names
    ]


def read(source: Source, size: int) -> RGB:
    """sRGB [H, W, 3] with a short side of at most `size` pixels.

    Raises
    ------
    PhotoError
        If it cannot be read, or is grey and so has no colours to compare with.
    """
    photo = files.read(file_in(source.data, source.name))
    if photo.pixels.ndim == 2:
        raise PhotoError("it has no colors")
    return shrunk(files.to_pillow(photo).convert("RGB"), size)


def shrunk(picture: Image.Image, size: int) -> RGB:
    """Pixels [H, W, 3] of a picture, reduced to a short side of at most `size`."""
    scale = size / min(picture.size)
    if scale < 1:
        shape = (round(picture.width * scale), round(picture.height * scale))
        picture = picture.resize(shape, Image.Resampling.LANCZOS)
    return np.asarray(picture)


def greyed(original: RGB) -> RGB:
    """The lightness of a picture as in an 8-bit grey file, [H, W]."""
    return lab.grey(original)


def _kinds(data: Path) -> dict[str, str]:
    table = data.with_suffix(".csv")
    if not table.is_file():
        return {}
    with table.open(newline="", encoding="utf-8") as file:
        return dict(_file_and_source(csv.DictReader(file)))


def _file_and_source(rows: csv.DictReader[str]) -> Iterator[tuple[str, str]]:
    for row in rows:
        if row.get("file") and row.get("source"):
            yield row["file"], row["source"]
