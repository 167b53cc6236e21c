"""Colour photographs for evaluation, read one at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from retint import files
from retint.color import lab
from retint.errors import PhotoError
from retint.evaluation.metrics import RGB
from retint.files import READABLE
from retint.files.hidden import is_within_hidden


@dataclass(frozen=True)
class Source:
    """A file for evaluation, and the kind of picture that its collection contains."""

    path: Path
    name: str
    """Its path within the folder."""
    kind: str
    """From the table beside the folder, or the name of the file's folder."""


def find(folder: Path, limit: int = 0) -> list[Source]:
    """Evenly spaced `limit` pictures of a folder and its subfolders, sorted by name; 0 for all.

    `NAME.csv` beside the folder NAME, with columns `file` and `source`, states the kind of each.
    """
    if not folder.is_dir():
        raise PhotoError(f"{folder}: no such folder")
    paths = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in READABLE
        and not is_within_hidden(path.relative_to(folder))
        and path.is_file()
    )
    if not paths:
        raise PhotoError(f"{folder}: no pictures in this folder")
    if 0 < limit < len(paths):
        paths = [paths[k * len(paths) // limit] for k in range(limit)]
    kinds = _kinds(folder)
    names = [path.relative_to(folder).as_posix() for path in paths]
    return [
        Source(path, name, kinds.get(name, path.parent.name))
        for path, name in zip(paths, names, strict=True)
    ]


def read(source: Source, size: int) -> RGB:
    """sRGB [H, W, 3] with a short side of at most `size` pixels.

    Raises
    ------
    PhotoError
        If it cannot be read, or is grey and so has no colours to compare with.
    """
    photo = files.read(source.path)
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


def _kinds(folder: Path) -> dict[str, str]:
    table = folder.with_suffix(".csv")
    if not table.is_file():
        return {}
    with table.open(newline="", encoding="utf-8") as file:
        return dict(_file_and_source(csv.DictReader(file)))


def _file_and_source(rows: csv.DictReader[str]) -> Iterator[tuple[str, str]]:
    for row in rows:
        if row.get("file") and row.get("source"):
            yield row["file"], row["source"]
