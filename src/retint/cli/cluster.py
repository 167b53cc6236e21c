"""`retint cluster`: a million scans, by Ray, from and to object storage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import cloup

from retint.batch.jobs import Naming
from retint.cli.colorize import DIFFUSION, HOW, HYBRID
from retint.cli.console import ALL_DONE, SOME_FAILED, complain, progress
from retint.cli.flags import debug_option, force_option, quiet_option, taken
from retint.colorizers.options import ALL
from retint.errors import UsageError
from retint.extras import required
from retint.files.formats import KEEP, MAX_PIXELS, OFFERED
from retint.picture.finish import Finish

MOST_NAMED = 50
"""Failures that are named; all are in the manifest."""


@cloup.command()
@cloup.argument("source", metavar="SRC")
@HOW
@DIFFUSION
@HYBRID
@cloup.option_group(
    "Of the cluster",
    cloup.option("-o", "--output", required=True, metavar="DST", help="Where the results go."),
    cloup.option("--address", default="", help="Of a running Ray; one is started here without."),
    cloup.option("--cpus-per-worker", type=click.IntRange(1), default=2, show_default=True),
    cloup.option("--gpus-per-worker", type=click.FloatRange(0), default=0.0, show_default=True),
    cloup.option(
        "--max-workers", type=click.IntRange(0), default=0, help="0 for as many as have room."
    ),
    cloup.option(
        "--index-rows", type=click.IntRange(1), default=10_000, show_default=True,
        help="Pictures to a file of the index.",
    ),
    cloup.option(
        "--index", default="", metavar="ADDRESS",
        help="A ready index, a Parquet file or a folder of them, in place of listing SRC.",
    ),
    cloup.option("--retry-failed", is_flag=True, help="Do what has failed before, and no more."),
    cloup.option("--pattern", default="*", help="Of SRC, the pictures of such names."),
    cloup.option("--recolor", is_flag=True, help="Colour anew what is in colour already."),
    cloup.option("--max-pixels", type=click.IntRange(1), default=MAX_PIXELS, show_default=True),
    cloup.option(
        "--format", "format_", type=click.Choice([KEEP, *OFFERED]), default=KEEP,
        show_default=True, help="Of the files that are written.",
    ),
    cloup.option("--no-provenance", is_flag=True),
    cloup.option("--json", "as_json", is_flag=True, help="Print a JSON line for each picture."),
)  # fmt: skip
@force_option
@quiet_option
@debug_option
def cluster(source: str, **given: Any) -> int:
    """Colour all pictures below SRC into DST: folders, s3:// or other addresses of fsspec's.

    Goes on where an earlier run ended. Credentials are read from the environment.
    """
    with required("cluster"):
        import pyarrow  # noqa: F401

    from retint.cluster import index, run
    from retint.cluster.places import Place
    from retint.cluster.work import RunConfig

    finish = taken([Finish], given)
    options = taken(ALL, given)
    begin, results = Place(source), Place(given["output"])
    if given["variants"] > 1:
        raise UsageError("`variants` are for single pictures; a cluster makes one of each")
    begin.check()
    if results.holds(begin) or begin.holds(results):
        raise UsageError(f"{results.address} and {begin.address} lie within each other")
    config = RunConfig(
        begin.address, results.address, given["method"], options, finish,
        given["max_pixels"], given["recolor"], given["force"], not given["no_provenance"],
        given["chroma_only"], failed_only=given["retry_failed"],
    )  # fmt: skip
    if given["index"]:
        listed = index.ready(given["index"])
    else:
        naming = Naming(
            Path("-"), to_folder=True, transparent=given["chroma_only"], format=given["format_"],
            pattern=given["pattern"],
        )  # fmt: skip
        listed = index.write(index.rows(begin, naming), results, given["index_rows"])
    where = run.Cluster(
        given["address"], given["cpus_per_worker"], given["gpus_per_worker"], given["max_workers"]
    )
    quiet = given["quiet"] or given["as_json"]
    with progress(listed.count, quiet=quiet) as bar:

        def shown(row: dict[str, Any]) -> None:
            bar.update()
            if given["as_json"]:
                print(json.dumps(row), flush=True)

        summary = run.summed(run.colorize(config, listed, where), shown)
    for failure in summary.failures[:MOST_NAMED]:
        complain(f"{failure['source']}: {failure['error']}")
    if not given["quiet"]:
        counts = ", ".join(f"{count} {what}" for what, count in sorted(summary.counts.items()))
        rate = sum(summary.counts.values()) / max(summary.seconds, 1e-9)
        complain(f"{counts or 'nothing to do'} ({rate:.1f} pictures/s)")
    return SOME_FAILED if summary.failures else ALL_DONE
