"""The index of a cluster run: source and target of each picture, as sharded Parquet."""

from __future__ import annotations

import hashlib
import io
import posixpath
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from retint.batch.names import (
    is_named_as_original,
    is_of_another_type,
    is_sidecar,
    with_sidecars,
)
from retint.batch.naming import Naming, distinct
from retint.cluster import sidecars
from retint.cluster.places import Entry, Place
from retint.errors import PhotoError, UsageError
from retint.files.formats import SIDECAR

OWN = "_retint"
"""Folder of the index and the manifest, below the results."""
FOLDER = f"{OWN}/index"
MANIFEST = f"{OWN}/manifest"
SHARDS = 4096
"""Number of shards of the manifest; an actor has the rows of one in memory."""
READ_ROWS = 4096
"""Rows of an index file that are in memory as Python objects."""
COLUMNS = ("id", "shard", "source", "target", "size", "stamp")
SIDECARS = "sidecars"
"""A further column, of lists: the XMP sidecars of the source. An existing index may lack it."""

Row = dict[str, Any]


def rows(source: Place, naming: Naming, ignored: Counter[str] | None = None) -> Iterator[Row]:
    """One row per picture, folder by folder, with the names of `retint SRC -o DST`.

    Parameters
    ----------
    ignored
        Counts the files of other types, by suffix.
    """
    for folder, entries in source.folders(naming.enters):
        pictures = [each for each in entries if _is_original(each, naming)]
        if ignored is not None:
            ignored.update(_other_types(entries, naming))
        names = [PurePosixPath(each.name) for each in pictures]
        others = [each.name for each in entries if each.name.lower().endswith(SIDECAR)]
        plain = [_target(str(each), naming, each.stem) for each in names]
        targets = distinct(plain, [_target(str(each), naming, each.name) for each in names])
        for entry, target in zip(pictures, targets, strict=True):
            yield {"id": identity(entry.name), "shard": shard_of(folder), "source": entry.name,
                   "target": target, "size": entry.size, "stamp": entry.stamp,
                   SIDECARS: sidecars.of(entry.name, others)}  # fmt: skip


def identity(name: str) -> str:
    """The id of a source."""
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:24]


def shard_of(folder: str) -> int:
    """The manifest shard of a folder's pictures, independent of other folders."""
    return int(identity(folder)[:8], 16) % SHARDS


@dataclass(frozen=True)
class Index:
    """Parquet files of rows, and the number of rows."""

    place: Place
    names: tuple[str, ...]
    count: int


def write(found: Iterator[Row], results: Place, file_rows: int) -> Index:
    """Write the index with that many rows per file; only the rows of one file are in memory."""
    names: list[str] = []
    count = 0
    while some := list(islice(found, file_rows)):
        names.append(f"{FOLDER}/{len(names):06d}.parquet")
        results.write(names[-1], table_bytes(some))
        count += len(some)
    return Index(results, tuple(names), count)


def ready(address: str) -> Index:
    """Open an existing index, a Parquet file or a folder of them; raises UsageError."""
    place = Place(address)
    try:
        if place.fs.isfile(place.root):
            place = Place(posixpath.dirname(address.rstrip("/")))
            names = [posixpath.basename(address)]
        else:
            place.check()
            names = [each.name for _, found in place.folders() for each in found]
        count = sum(_count(place.read(each)) for each in names)
    except (KeyError, OSError, PhotoError, ValueError) as error:
        raise UsageError(f"{address} is not an index: {str(error).splitlines()[0][:200]}") from None
    return Index(place, tuple(names), count)


def _count(content: bytes) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(io.BytesIO(content))
    if missing := set(COLUMNS) - set(file.schema.names):
        raise KeyError(f"no column {sorted(missing)[0]}")
    for name in ("id", "source", "target", "stamp"):
        kind = file.schema_arrow.field(name).type
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            raise ValueError(f"{name} is not text")
    return int(file.metadata.num_rows)


def table_bytes(rows_: list[Row]) -> bytes:
    """Write rows as a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows_), buffer)
    return buffer.getvalue()


def read_rows(content: bytes) -> list[Row]:
    """Read rows from a Parquet file."""
    import pyarrow.parquet as pq

    found: list[Row] = pq.read_table(io.BytesIO(content)).to_pylist()
    return found


def units(content: bytes, rows_: int) -> Iterator[bytes]:
    """Split an index file into units of work of that many rows, each as a Parquet file."""
    import pyarrow.parquet as pq

    waiting: list[Row] = []
    file = pq.ParquetFile(io.BytesIO(content))
    columns = [each for each in (*COLUMNS, SIDECARS) if each in file.schema_arrow.names]
    for batch in file.iter_batches(READ_ROWS, columns=columns):
        waiting += batch.to_pylist()
        whole = len(waiting) - len(waiting) % rows_
        for begin in range(0, whole, rows_):
            yield table_bytes(waiting[begin : begin + rows_])
        del waiting[:whole]
    if waiting:
        yield table_bytes(waiting)


def _other_types(entries: list[Entry], naming: Naming) -> Iterator[str]:
    """Suffixes of the files of other types, including films."""
    names = [posixpath.basename(each.name) for each in entries]
    known = with_sidecars(names)
    for entry, name in zip(entries, names, strict=True):
        if not naming.selects(entry.name) or is_sidecar(name, known):
            continue
        if is_of_another_type(name) or not entry.readable:
            yield PurePosixPath(name).suffix.lower()


def _is_original(entry: Entry, naming: Naming) -> bool:
    name = posixpath.basename(entry.name)
    return entry.readable and is_named_as_original(name) and naming.selects(entry.name)


def _target(name: str, naming: Naming, stem: str) -> str:
    ending = naming.ending(Path(name))
    return posixpath.join(posixpath.dirname(name), f"{stem}{ending}")
