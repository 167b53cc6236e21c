"""Further files beside a result, on request: an XMP sidecar of its own, and the original."""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from retint.batch.naming import Job
from retint.batch.sidecars import Copy, exists, name_of, own_sidecars
from retint.errors import UsageError, reason
from retint.files import xmp
from retint.files.atomic import is_taken, partials
from retint.files.times import Times
from retint.files.xmp.rdf import MAX_BYTES


def check_mark(mark: str) -> None:
    """Raise UsageError if a text cannot be part of the names of kept originals."""
    if not mark.isprintable() or any(each in mark for each in "/\\") or mark.startswith("--"):
        raise UsageError("`keep_original` must be part of a file name, such as .original")


def new_sidecars(
    job: Job, record: Mapping[str, Any], known: Collection[Path]
) -> tuple[list[Copy], list[str]]:
    """Sidecars with the record for results that get none from their sources, and remarks.

    An existing one is replaced only if it differs in nothing but the record.

    Parameters
    ----------
    known
        Sidecars that will be written anyway.
    """
    if known:
        return [], []
    content, times = xmp.with_provenance(b"", record), Times.of(job.source)
    found, remarks = [], []
    for result in job.targets:
        target = result.with_name(name_of(result, is_whole=False))
        taken = is_taken(target)
        if target.resolve() in own_sidecars(job.source):
            continue  # there is a remark about it
        if not taken or _is_same(target, content):
            found.append(Copy(target, content, times, taken))
        else:
            remarks.append(exists(target))
    return found, remarks


def original(job: Job, *, overwrite: bool) -> tuple[list[Copy], list[str]]:
    """The copy of a picture beside its result, if requested, and remarks.

    Parameters
    ----------
    overwrite
        Whether another file may be replaced, unless it is a source or a result.
    """
    wanted, remarks = _is_wanted(job, overwrite=overwrite)
    if job.copy is None or not wanted:
        return [], remarks
    replaces = is_taken(job.copy) or overwrite
    return [Copy(job.copy, job.source.read_bytes(), Times.of(job.source), replaces)], remarks


def copy_film(job: Job, *, overwrite: bool) -> list[str]:
    """Copy a film beside its result, if requested; returns remarks. Parameters as of `original`."""
    wanted, remarks = _is_wanted(job, overwrite=overwrite)
    if job.copy is not None and wanted:
        times = Times.of(job.source)
        try:
            with partials([job.copy], new=() if overwrite else [job.copy]) as (partial,):
                shutil.copyfile(job.source, partial)
            times.put(job.copy)
        except OSError as error:
            remarks.append(f"its original was not copied: {reason(error)}")
    return remarks


def _is_wanted(job: Job, *, overwrite: bool) -> tuple[bool, list[str]]:
    """Whether an original is to be copied, and remarks if it cannot be."""
    if job.copy is None or _is_equal(job.copy, job.source):
        return False, []
    if job.copy_problem:
        return False, [f"its original was not copied: {job.copy} is {job.copy_problem}"]
    if is_taken(job.copy) and not overwrite:
        return False, [exists(job.copy)]
    return True, []


def _is_equal(path: Path, source: Path) -> bool:
    """Whether a path is a file with the content of another, not a link."""
    return path.is_file() and not path.is_symlink() and filecmp.cmp(path, source, shallow=False)


def _is_same(path: Path, content: bytes) -> bool:
    """Whether a file has that content, apart from a provenance record."""
    if not path.is_file() or path.is_symlink():
        return False
    with path.open("rb") as file:
        existing = file.read(MAX_BYTES + 1)  # larger ones are no sidecars
    return existing == content or xmp.is_same(
        xmp.without_provenance(existing), xmp.without_provenance(content)
    )
