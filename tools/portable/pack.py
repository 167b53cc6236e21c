"""Packs a folder so that the same content gives the same bytes."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest that zip files know, for all files."""
LEVEL = 6
"""Of compression."""


def pack(folder: Path, target: Path) -> None:
    """Write the folder, with its name, as `.tar.gz` or `.zip`, as the target's name says."""
    if target.suffix == ".zip":
        _zipped(folder, target)
    else:
        _tarred(folder, target)


def _paths(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.rglob("*")):
        yield path, path.relative_to(folder.parent).as_posix()


def _tarred(folder: Path, target: Path) -> None:
    def plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.mtime, info.uid, info.gid, info.uname, info.gname = 0, 0, 0, "", ""
        info.mode = 0o755 if info.isdir() or info.mode & 0o100 else 0o644
        return info

    with (
        target.open("wb") as file,
        gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path, name in _paths(folder):
            archive.add(path, name, recursive=False, filter=plain)


def _zipped(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for path, name in _paths(folder):
            if path.is_file():
                info = zipfile.ZipInfo(name, TIME)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, path.read_bytes())
