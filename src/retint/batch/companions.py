"""Further files beside a result, on request: an XMP sidecar of its own, and the original."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from retint.batch.naming import Job
from retint.batch.sidecars import Copy, exists, name_of
from retint.errors import UsageError
from retint.files import xmp
from retint.files.atomic import is_taken
from retint.files.times import Times


def check_mark(mark: str) -> None:
    """Raise UsageError if a text cannot be part of the names of kept originals."""
    if not mark.isprintable() or any(each in mark for each in "/\\"):
        raise UsageError("`keep_original` is a part of a file name, such as .original")


def new_sidecars(
    job: Job, record: Mapping[str, Any], known: Collection[Path], *, overwrite: bool
) -> tuple[list[Copy], list[str]]:
    """Sidecars with the record for results that get none from their sources, and remarks.

    Parameters
    ----------
    known
        Sidecars that will be written anyway.
    """
    if known:
        return [], []
    content = xmp.with_provenance(b"", record)
    return _copies(
        {target.with_name(name_of(target, is_whole=False)): content for target in job.targets},
        job.source, overwrite=overwrite,
    )  # fmt: skip


def original(job: Job, mark: str, *, overwrite: bool) -> tuple[list[Copy], list[str]]:
    """A copy of the source beside its result, named NAME + mark + its suffix, and remarks.

    Parameters
    ----------
    mark
        See `check_mark`.
    """
    target = job.target.with_name(f"{job.source.stem}{mark}{job.source.suffix}")
    if target.resolve() == job.source.resolve():
        return [], []
    return _copies({target: job.source.read_bytes()}, job.source, overwrite=overwrite)


def _copies(
    contents: Mapping[Path, bytes], source: Path, *, overwrite: bool
) -> tuple[list[Copy], list[str]]:
    times = Times.of(source)
    found, remarks = [], []
    for target, content in contents.items():
        taken = is_taken(target)
        if taken and not overwrite and not _is_same(target, content):
            remarks.append(exists(target))
        else:
            found.append(Copy(target, content, times, taken or overwrite))
    return found, remarks


def _is_same(path: Path, content: bytes) -> bool:
    """Whether a file has that content, apart from a provenance record."""
    if not path.is_file() or path.is_symlink():
        return False
    existing = path.read_bytes()
    return existing == content or xmp.is_same(
        xmp.without_provenance(existing), xmp.without_provenance(content)
    )
