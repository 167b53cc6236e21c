"""The driver: an index, a pool of actors, a manifest."""

from __future__ import annotations

import re
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from retint.batch.unit import FAILED
from retint.cluster import index
from retint.cluster.index import MANIFEST, Index, Row
from retint.cluster.machines import Cluster, started
from retint.cluster.places import Place
from retint.cluster.work import UNIT, Colorize, RunConfig, earlier_rows

ROWS = 8
"""Pictures per unit of work."""
READERS = 2
"""Index files that are read at a time."""
NAME = "name"
"""The column with the names of index files."""
RESTARTS = 3
"""Number of retries for an actor that died and for its batch."""
FLUSH_ROWS, FLUSH_SECONDS = 500, 10.0
"""Number of results, and seconds, after which they are written to the manifest."""

PART = re.compile(rf"{MANIFEST}/(\d{{6}})/\d+-\d+\.parquet")
"""Name pattern of the manifest's files."""


@dataclass
class Summary:
    """Counts and failures of a run."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Row] = field(default_factory=list)
    seconds: float = 0.0


def colorize(config: RunConfig, listed: Index, cluster: Cluster) -> Iterator[list[Row]]:
    """Process the index, except what earlier runs have done; yields rows as they are finished.

    Rows are in the manifest within `FLUSH_SECONDS`, and all of them when this ends.
    """
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
        done = _planned(config, listed, cluster, actors)
        writer = _Writer(results)
        try:
            for batch in done.iter_batches(batch_size=None):
                found = [row for unit in batch[UNIT] for row in index.read_rows(unit)]
                writer.add(found)
                yield found
        finally:
            writer.flush()


def _planned(config: RunConfig, listed: Index, cluster: Cluster, actors: int) -> Any:
    """The data set of finished units; Ray Data processes it while it is read."""
    from ray.data import ActorPoolStrategy, DataContext, TaskPoolStrategy, from_items

    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.max_errored_blocks = 0  # a failed block would take other rows with it
    context.target_max_block_size = 1  # every unit is a block of its own
    # Actors keep their CPUs until the end. Reading must not need one: it could never begin where
    # actors hold all of them.
    names: Any = from_items([{NAME: name} for name in listed.names])
    units = names.map_batches(
        _read_units, fn_args=(listed.place.absolute,), batch_size=1, num_cpus=0,
        compute=TaskPoolStrategy(min(READERS, len(listed.names))),
    )  # fmt: skip
    most = min(actors, -(-listed.count // ROWS))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Ray before 2.64 has no other way to limit restarts
        return units.map_batches(
            Colorize, fn_constructor_args=(replace(config, threads=cluster.cpus),),
            compute=ActorPoolStrategy(min_size=1, max_size=most), batch_size=1,
            num_cpus=cluster.cpus, num_gpus=cluster.gpus or None,
            max_restarts=RESTARTS, max_task_retries=RESTARTS,
        )  # fmt: skip


def _read_units(batch: Any, address: str) -> Iterator[Any]:
    """The units of the index files that a batch names."""
    place = Place(address)
    for name in batch[NAME]:
        for unit in index.units(place.read(str(name)), ROWS):
            yield {UNIT: [unit]}


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
