"""The driver: an index, a pool of actors, a manifest."""

from __future__ import annotations

import logging
import os
import re
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from retint import children
from retint.cluster import index
from retint.cluster.index import MANIFEST, Index, Row
from retint.cluster.places import Place
from retint.cluster.work import FAILED, Colorize, RunConfig, said_before
from retint.errors import UsageError
from retint.extras import required

ROWS = 8
"""Pictures that an actor is given at a time."""
RESTARTS = 3
"""How often an actor that died, and what it was at, are tried again."""
FLUSH_ROWS, FLUSH_SECONDS = 500, 10.0
"""How many results, and how long, wait before they are written down."""
OBJECT_STORE = 200_000_000
"""Bytes of Ray's shared memory on one machine: only rows of text go through it."""


PART = re.compile(rf"{MANIFEST}/(\d{{6}})/\d+-\d+\.parquet")
"""How a file of the manifest is called."""


@dataclass
class Summary:
    """What became of all."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Row] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class Cluster:
    """Where the work is done."""

    address: str = ""
    """Of a running Ray; empty for one that is started here."""
    cpus: int = 2
    """For each actor."""
    gpus: float = 0.0
    actors: int = 0
    """At most; 0 for as many as there is room for."""


@contextmanager
def started(cluster: Cluster) -> Iterator[int]:
    """Ray, for as long as it is needed; how many actors there is room for."""
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    if not cluster.address:
        _keep_local()
    with required("cluster"):
        import ray
    # Ray lets its workers import from the working folder, where anybody's modules may lie.
    with children.guarded(), chdir(children.folder()):
        _begin(ray, cluster)
    try:
        resources: Any = ray.cluster_resources  # it has no types
        cpus = resources().get("CPU", 1)
        room = max(1, int(cpus // cluster.cpus))
        yield min(room, cluster.actors) if cluster.actors else room
    finally:
        ray.shutdown()


def _keep_local() -> None:
    """Keep the Ray that is about to be imported and started on this computer.

    Otherwise it listens on all addresses of the computer, and whoever reaches it can run code.
    """
    # Ray's own switch for macOS and Windows, where it is the default; it works on Linux too.
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    # Other users of this computer are kept out by a token, which else lies in the home folder.
    os.environ["RAY_AUTH_MODE"] = "token"
    os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)


def _begin(ray: Any, cluster: Cluster) -> None:
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    if cluster.address:
        try:
            ray.init(address=cluster.address, **quiet)
        except Exception as error:
            said = str(error).splitlines()[0][:200]
            raise UsageError(f"no Ray at {cluster.address}: {said}") from None
        return
    # "local": no other Ray is joined that has left its address in the system's temporary folder.
    ray.init(
        address="local", include_dashboard=False, object_store_memory=OBJECT_STORE,
        num_cpus=max(os.cpu_count() or 1, cluster.cpus), **quiet,
    )  # fmt: skip


def colorize(config: RunConfig, listed: Index, cluster: Cluster) -> Iterator[list[Row]]:
    """Do all of the index, but for what earlier runs have done; rows as they are done.

    They are in the manifest within `FLUSH_SECONDS`, and when this ends.
    """
    from pyarrow.fs import FSSpecHandler, PyFileSystem

    results = Place(config.results)
    results.sweep()
    # Actors work in another folder.
    options = {k: v.absolute() if isinstance(v, Path) else v for k, v in config.options.items()}
    config = replace(
        config, source=Place(config.source).absolute, results=results.absolute, options=options,
        before=_parts(results),
    )  # fmt: skip
    if not listed.count:
        return
    with started(cluster) as actors:
        import ray

        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.max_errored_blocks = 0  # a block that fails would take good neighbours with it
        rows = ray.data.read_parquet(
            [listed.place.path(name) for name in listed.names],
            filesystem=PyFileSystem(FSSpecHandler(listed.place.fs)),
        ).repartition(target_num_rows_per_block=ROWS)
        done = rows.map_batches(
            Colorize, fn_constructor_args=(replace(config, threads=cluster.cpus),),
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=actors), batch_size=ROWS,
            num_cpus=cluster.cpus, num_gpus=cluster.gpus or None,
            max_restarts=RESTARTS, max_task_retries=RESTARTS,
        )  # fmt: skip
        writer = _Writer(results)
        try:
            for batch in done.iter_batches(batch_size=None, batch_format="pyarrow"):
                table: Any = batch
                found: list[Row] = table.to_pylist()
                writer.add(found)
                yield found
        finally:
            writer.flush()


class _Writer:
    """Results into the manifest, shard by shard, each part a file of its own."""

    def __init__(self, results: Place) -> None:
        self._results = results
        self._run = f"{time.time_ns():020d}"
        self._waiting: defaultdict[int, list[Row]] = defaultdict(list)
        self._written = 0
        self._since = time.monotonic()

    def add(self, rows: list[Row]) -> None:
        for row in rows:
            self._waiting[row["shard"]].append(row)
        waiting = sum(map(len, self._waiting.values()))
        if waiting >= FLUSH_ROWS or time.monotonic() - self._since > FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        for shard, rows in self._waiting.items():
            name = f"{MANIFEST}/{shard:06d}/{self._run}-{self._written:06d}.parquet"
            self._results.write(name, index.table_bytes(rows))
            self._written += 1
        self._waiting.clear()
        self._since = time.monotonic()


def _parts(results: Place) -> dict[str, list[str]]:
    """The manifest's files by shard, the older ones first."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    if not results.fs.exists(results.path(MANIFEST)):
        return {}
    for path in results.fs.find(results.path(MANIFEST)):
        name = str(path)[len(results.root) :].lstrip("/")
        if part := PART.fullmatch(name):
            found[str(int(part[1]))].append(name)
    return {shard: sorted(names) for shard, names in found.items()}


def manifest(results: Place) -> Iterator[Row]:
    """The last word on every picture, shard by shard."""
    for names in _parts(results).values():
        rows: dict[str, Row] = {}
        for name in sorted(names):
            rows |= said_before(results.read(name))
        yield from rows.values()


def summed(batches: Iterator[list[Row]], shown: Any) -> Summary:
    """Count what became of all; `shown` is told each row."""
    summary, began = Summary(), time.monotonic()
    for rows in batches:
        for row in rows:
            summary.counts[row["status"]] += 1
            if row["status"] == FAILED:
                summary.failures.append(row)
            shown(row)
    summary.seconds = time.monotonic() - began
    return summary
