"""Colour photographs for training."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from retint import files
from retint.errors import PhotoError, RetintError
from retint.files.formats import WRITABLE
from retint.files.hidden import is_within_hidden


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
        self._archives: dict[int, zipfile.ZipFile] = {}
        if root.is_dir():
            found = [p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()]
        elif zipfile.is_zipfile(root):
            with zipfile.ZipFile(root) as archive:
                found = archive.namelist()
        else:
            raise DataError(f"{root}: neither a folder nor a zip file")
        # Archives made on macOS have a metadata file `__MACOSX/._NAME` for each picture.
        names = sorted(
            name
            for name in found
            if (path := PurePosixPath(name)).suffix.lower() in WRITABLE
            and not is_within_hidden(path)
        )
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
            return files.to_pillow(files.read(self._file(name))).convert("RGB")
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

    def _file(self, name: str) -> io.BytesIO | Path:
        if self.root.is_dir():
            return self.root / name
        # One handle per process: a forked loader would share its parent's file position.
        archive = self._archives.get(os.getpid())
        if archive is None:
            archive = self._archives[os.getpid()] = zipfile.ZipFile(self.root)
        return io.BytesIO(archive.read(name))

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_archives": {}}


def _table(root: Path) -> list[dict[str, str]]:
    table = root.with_suffix(".csv")
    if not table.is_file():
        return []
    with table.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
