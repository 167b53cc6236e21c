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
from retint.cluster.work import FAILED, Colorize, RunConfig, earlier_rows
from retint.errors import UsageError
from retint.extras import required

ROWS = 8
"""Pictures per batch of an actor."""
RESTARTS = 3
"""Number of retries for an actor that died and for its batch."""
FLUSH_ROWS, FLUSH_SECONDS = 500, 10.0
"""Number of results, and seconds, after which they are written to the manifest."""
OBJECT_STORE = 200_000_000
"""Bytes of Ray's shared memory per machine: only rows of text are exchanged."""


PART = re.compile(rf"{MANIFEST}/(\d{{6}})/\d+-\d+\.parquet")
"""Name pattern of the manifest's files."""


@dataclass
class Summary:
    """Counts and failures of a run."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Row] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class Cluster:
    """Where the work runs."""

    address: str = ""
    """Address of a running Ray cluster; if empty, one is started here."""
    cpus: int = 2
    """CPUs per actor."""
    gpus: float = 0.0
    actors: int = 0
    """Maximum number of actors; 0 for as many as fit."""


@contextmanager
def started(cluster: Cluster) -> Iterator[int]:
    """Connect to Ray, or start it, for the duration of the context; yields the number of actors
    that fit.
    """
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    if not cluster.address:
        _keep_local()
    with required("cluster"):
        import ray
    # Ray lets its workers import from the working directory, which may contain untrusted modules.
    with children.guarded(), chdir(children.folder()):
        _begin(ray, cluster)
    try:
        resources: Any = ray.cluster_resources  # it is untyped
        cpus = resources().get("CPU", 1)
        room = max(1, int(cpus // cluster.cpus))
        yield min(room, cluster.actors) if cluster.actors else room
    finally:
        ray.shutdown()


def _keep_local() -> None:
    """Restrict the Ray that is about to be started to this computer.

    By default it listens on all addresses, and anyone who reaches it can run code.
    """
    # Ray's own switch for macOS and Windows, where it is the default; it also works on Linux.
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    # A token keeps out other users of this computer; by default it would be stored in the home
    # folder.
    os.environ["RAY_AUTH_MODE"] = "token"
    os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)


def _begin(ray: Any, cluster: Cluster) -> None:
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    if cluster.address:
        try:
            ray.init(address=cluster.address, **quiet)
        except Exception as error:
            said = str(error).splitlines()[0][:200]
            raise UsageError(f"cannot connect to Ray at {cluster.address}: {said}") from None
        return
    # "local" prevents joining another Ray whose address is stored in the temporary folder.
    ray.init(
        address="local", include_dashboard=False, object_store_memory=OBJECT_STORE,
        num_cpus=max(os.cpu_count() or 1, cluster.cpus), **quiet,
    )  # fmt: skip


def colorize(config: RunConfig, listed: Index, cluster: Cluster) -> Iterator[list[Row]]:
    """Process the index, except what earlier runs have done; yields rows as they are finished.

    Rows are in the manifest within `FLUSH_SECONDS`, and all of them when this ends.
    """
    from pyarrow.fs import FSSpecHandler, PyFileSystem

    results = Place(config.results)
    results.sweep()
    # Actors work in another directory.
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
        context.max_errored_blocks = 0  # a failed block would take other rows with it
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
    """Writes results to the manifest, shard by shard, each part as a new file."""

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
    """The manifest's files by shard, oldest first."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    if not results.fs.exists(results.path(MANIFEST)):
        return {}
    for path in results.fs.find(results.path(MANIFEST)):
        name = str(path)[len(results.root) :].lstrip("/")
        if part := PART.fullmatch(name):
            found[str(int(part[1]))].append(name)
    return {shard: sorted(names) for shard, names in found.items()}


def manifest(results: Place) -> Iterator[Row]:
    """The latest row of every picture, shard by shard."""
    for names in _parts(results).values():
        rows: dict[str, Row] = {}
        for name in sorted(names):
            rows |= earlier_rows(results.read(name))
        yield from rows.values()


def count_outcomes(batches: Iterator[list[Row]], shown: Any) -> Summary:
    """Count the outcomes; `shown` is called with each row."""
    summary, began = Summary(), time.monotonic()
    for rows in batches:
        for row in rows:
            summary.counts[row["status"]] += 1
            if row["status"] == FAILED:
                summary.failures.append(row)
            shown(row)
    summary.seconds = time.monotonic() - began
    return summary
