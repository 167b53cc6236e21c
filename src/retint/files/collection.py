"""Files of a folder or a zip file, by name."""

from __future__ import annotations

import functools
import io
import os
import zipfile
import zlib
from collections.abc import Container
from pathlib import Path, PurePosixPath

from retint.errors import PhotoError
from retint.files.hidden import is_within_hidden


def names_in(root: Path, endings: Container[str]) -> list[str]:
    """Names with these suffixes in a folder or a zip file, sorted; hidden ones are left out.

    Archives made on macOS, for example, have a metadata file `__MACOSX/._NAME` for each picture.

    Raises
    ------
    PhotoError
        If it is neither.
    """
    if root.is_dir():
        found = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
    elif zipfile.is_zipfile(root):
        try:
            with zipfile.ZipFile(root) as archive:
                found = [each.filename for each in archive.infolist() if not each.is_dir()]
        except zipfile.BadZipFile as error:
            raise PhotoError(f"{root}: {error}") from None
    else:
        raise PhotoError(f"{root}: neither a folder nor a zip file")
    return sorted(
        name
        for name in found
        if (path := PurePosixPath(name)).suffix.lower() in endings and not is_within_hidden(path)
    )


def file_in(root: Path, name: str) -> io.BytesIO | Path:
    """A file of a folder or a zip file, to be read as a picture.

    Raises
    ------
    PhotoError
        If it cannot be extracted: damaged, encrypted, or compressed with another method.
    """
    if root.is_dir():
        return root / name
    try:
        return io.BytesIO(_archive(root, os.getpid()).read(name))
    # NotImplementedError is a RuntimeError.
    except (EOFError, KeyError, OSError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise PhotoError(f"cannot be extracted: {error}") from error


@functools.lru_cache(maxsize=4)
def _archive(root: Path, _process: int) -> zipfile.ZipFile:
    """One handle per process: a forked loader would share its parent's file position."""
    return zipfile.ZipFile(root)
