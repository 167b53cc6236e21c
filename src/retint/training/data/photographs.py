"""Colour photographs for training."""

from __future__ import annotations

import csv
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from retint import files
from retint.errors import PhotoError, RetintError
from retint.files.collection import file_in, names_in
from retint.files.formats import WRITABLE


class DataError(RetintError):
    """A data set that cannot be used; the message is one line."""


class Photographs:
    """The colour photographs of a folder or a zip file, by name.

    For a set in the layout of the Kaggle landscapes (`color/` and `gray/` side by side), only the
    colour part is used. `NAME.csv` beside the folder NAME, with columns `file`, `original` and
    `source`, states which files come from the same original, and the data set of each.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            names = names_in(root, WRITABLE)
        except PhotoError as error:
            raise DataError(str(error)) from None
        self.names = [n for n in names if "color" in PurePosixPath(n).parts[:-1]] or names
        if not self.names:
            raise DataError(f"{root}: contains no pictures")
        table = _table(root)
        self._original = {row["file"]: row["original"].split("#")[0] for row in table}
        self._source = {row["file"]: row.get("source", "") for row in table}

    def read(self, name: str) -> Image.Image:
        """The picture as RGB, upright.

        Raises
        ------
        DataError
            If it cannot be read.
        """
        try:
            return files.to_pillow(files.read(file_in(self.root, name))).convert("RGB")
        except PhotoError as error:
            raise DataError(f"{name}: {error}") from error

    def split(self, held_out: float, seed: int) -> tuple[list[str], list[str]]:
        """Names for training and validation; crops of one original are on the same side."""
        originals = sorted({self.original(name) for name in self.names})
        np.random.default_rng(seed).shuffle(originals)
        apart = set(originals[: round(len(originals) * held_out)])
        train = [name for name in self.names if self.original(name) not in apart]
        return train, [name for name in self.names if self.original(name) in apart]

    def original(self, name: str) -> str:
        """The original that `name` was cropped from; itself if unknown."""
        return self._original.get(name, name)

    def source(self, name: str) -> str:
        """The data set of `name`; empty if unknown."""
        return self._source.get(name, "")


def _table(root: Path) -> list[dict[str, str]]:
    table = root.with_suffix(".csv")
    if not table.is_file():
        return []
    with table.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
