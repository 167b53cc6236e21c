"""Which file becomes which, as sharded Parquet: written once, read by whoever does the work."""

from __future__ import annotations

import hashlib
import io
import posixpath
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import Any

from retint.batch.jobs import MARK, Naming
from retint.cluster.places import Entry, Place
from retint.files.formats import READABLE

FOLDER = "_retint/index"
"""Below the results."""
MANIFEST = "_retint/manifest"
DONE = "_retint/index/complete"
"""Written last: an index without it is begun anew."""
COLUMNS = ("id", "shard", "source", "target", "size", "stamp")

Row = dict[str, Any]


def rows(source: Place, naming: Naming, results: Place) -> Iterator[Row]:
    """A row for each picture, folder by folder; names go as `retint SRC -o DST` has them."""
    inside = results.root[len(source.root) :].strip("/") if source.holds(results) else None
    for folder, entries in source.folders():
        if inside is not None and (folder + "/").startswith(inside + "/"):
            continue
        pictures = [each for each in entries if _is_original(each, naming)]
        plain = [_target(each.name, naming, PurePosixPath(each.name).stem) for each in pictures]
        often = Counter(plain)
        for entry, target in zip(pictures, plain, strict=True):
            if often[target] > 1:
                target = _target(entry.name, naming, PurePosixPath(entry.name).name)
            yield {"id": identity(entry.name), "shard": 0, "source": entry.name, "target": target,
                   "size": entry.size, "stamp": entry.stamp}  # fmt: skip


def identity(name: str) -> str:
    """What a source is known by."""
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:24]


def write(found: Iterator[Row], results: Place, shard_rows: int) -> list[str]:
    """Write the index in shards; their names. One shard at a time is in memory."""
    names: list[str] = []
    shard: list[Row] = []
    for row in found:
        shard.append({**row, "shard": len(names)})
        if len(shard) == shard_rows:
            names.append(_put(shard, len(names), results))
            shard = []
    if shard:
        names.append(_put(shard, len(names), results))
    results.write(DONE, "\n".join(names).encode())
    return names


def known(results: Place) -> list[str] | None:
    """The shards of a complete index; None where there is none."""
    if not results.exists(DONE):
        return None
    return results.read(DONE).decode().split()


def table_bytes(rows_: list[Row]) -> bytes:
    """Rows as a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows_), buffer)
    return buffer.getvalue()


def read_rows(content: bytes) -> list[Row]:
    """A Parquet file as rows."""
    import pyarrow.parquet as pq

    found: list[Row] = pq.read_table(io.BytesIO(content)).to_pylist()
    return found


def _put(shard: list[Row], number: int, results: Place) -> str:
    name = f"{FOLDER}/{number:06d}.parquet"
    results.write(name, table_bytes(shard))
    return name


def _is_original(entry: Entry, naming: Naming) -> bool:
    name = posixpath.basename(entry.name)
    ending = PurePosixPath(name).suffix.lower()
    return (
        ending in READABLE
        and not name.startswith("._")
        and not PurePosixPath(name).stem.endswith(MARK)
        and fnmatch(name, naming.pattern)
    )


def _target(name: str, naming: Naming, stem: str) -> str:
    from pathlib import Path

    ending = naming.ending(Path(name))
    return posixpath.join(posixpath.dirname(name), f"{stem}{ending}")
