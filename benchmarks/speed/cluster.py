"""Measures cluster runs: compared with `--workers 2`, and the driver with many rows.

    python benchmarks/speed/cluster.py [--pictures 120] [--cpus-per-worker 2]
    python benchmarks/speed/cluster.py --rows 1000000 [--scheduled 20000]

The first command colours pictures of one megapixel; Ray's start-up is reported separately. The
second writes an index with that many rows, of which actors that only sleep process some.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import skimage.data
from PIL import Image

from retint.batch.unit import COLORED
from retint.cluster import index, run
from retint.cluster.machines import Cluster
from retint.cluster.places import Place
from retint.cluster.work import RESULT, UNIT, Batch, RunConfig
from retint.evaluation.memory import megabytes


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=120)
    parser.add_argument("--cpus-per-worker", type=int, default=Cluster.cpus)
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--scheduled", type=int, default=20_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if args.rows:
            on_paper(Path(folder), args.rows, args.scheduled)
        else:
            beside_plain(Path(folder), args.pictures, args.cpus_per_worker)


def beside_plain(folder: Path, pictures: int, cpus: int) -> None:
    source = folder / "in"
    source.mkdir()
    camera = Image.fromarray(skimage.data.camera())  # type: ignore[no-untyped-call]
    grain = np.random.default_rng(0)
    for k in range(pictures):
        levels = np.asarray(camera.resize((1000, 1000))) + grain.normal(0, 4, (1000, 1000))
        Image.fromarray(levels.clip(0, 255).astype(np.uint8)).save(source / f"{k}.jpg", quality=90)
    plain = [sys.executable, "-m", "retint", str(source), "-o", str(folder / "plain"), "--resume",
             "--workers", "2", "--threads", "2", "--quiet"]  # fmt: skip
    began = time.perf_counter()
    subprocess.run(plain, check=True)
    took = time.perf_counter() - began
    job = RunConfig(str(source), str(folder / "out"), None, {}, {}, 10**9)
    listed = index.write(index.rows(Place(job.source), naming()), Place(job.results), 10_000)
    began = time.perf_counter()
    first, count = 0.0, 0
    for rows in run.colorize(job, listed, Cluster(cpus=cpus)):
        if not count:
            first, skipped = time.perf_counter() - began, len(rows)
        count += len(rows)
    whole = time.perf_counter() - began
    warm = (count - skipped) / (whole - first)
    print(f"plain retint --workers 2: {pictures / took:.2f} pictures/s, start-up included")
    print(
        f"cluster, {cpus} CPUs per worker, after start-up: {warm:.2f} pictures/s, "
        f"{warm * took / pictures:.2f} x as many"
    )
    print(f"  from start to the first results: {first:.1f} s; {count} pictures in {whole:.1f} s")


def naming() -> Any:
    from retint.batch.naming import Naming

    return Naming(Path("-"), to_folder=True)


@dataclass
class Sleeps:
    """An actor that sleeps for a millisecond per picture."""

    job: RunConfig

    def __call__(self, batch: Batch) -> Batch:
        return {UNIT: [index.table_bytes(self.rows(each)) for each in batch[UNIT]]}

    def rows(self, content: bytes) -> list[index.Row]:
        found = index.read_rows(content)
        time.sleep(0.001 * len(found))
        done = dict.fromkeys(RESULT, "") | {"status": COLORED, "seconds": 0.001}
        own = ("id", "shard", "source", "target", "stamp")
        return [done | {name: each[name] for name in own} for each in found]


def row(k: int) -> index.Row:
    """Row of the k-th picture, with a thousand per folder."""
    folder = f"{k // 1000:06d}"
    name = f"{folder}/{k}.jpg"
    return {"id": index.identity(name), "shard": index.shard_of(folder), "source": name,
            "target": name, "size": 3_000_000, "stamp": f"{k:032x}"}  # fmt: skip


def on_paper(folder: Path, rows: int, scheduled: int) -> None:
    results = Place(str(folder / "out"))
    began = time.perf_counter()
    made = (row(k) for k in range(rows))
    listed = index.write(made, results, 10_000)
    took = time.perf_counter() - began
    print(f"an index of {rows:,} rows in {len(listed.names)} files: {took:.1f} s, memory of "
          f"the driver: {megabytes()} MB")  # fmt: skip
    setattr(run, "Colorize", Sleeps)  # noqa: B010 - replaces the actors
    job = RunConfig(str(folder), results.address, None, {}, {}, 10**9)
    some = index.Index(results, listed.names[: max(1, scheduled // 10_000)], scheduled)
    began, count = time.perf_counter(), 0
    for batch in run.colorize(job, some, Cluster(cpus=1, actors=2)):
        count += len(batch)
    took = time.perf_counter() - began
    print(f"{count:,} rows through two actors that sleep 1 ms: {took:.1f} s, "
          f"{count / took:.0f} rows/s, memory of the driver: {megabytes()} MB")  # fmt: skip


if __name__ == "__main__":
    main()
