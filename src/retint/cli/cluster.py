"""`retint cluster`: colours a bucket with Ray, from and to object storage."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import cloup

from retint.batch.naming import Naming
from retint.cli.console import ALL_DONE, SOME_FAILED, complain, printable, progress
from retint.cli.flags import (
    debug_option,
    force_option,
    keep_times_option,
    max_pixels_option,
    no_provenance_option,
    pop_options,
    quiet_option,
)
from retint.cli.groups import DIFFUSION, HOW, HYBRID
from retint.cli.selection import SELECTION, selection
from retint.cli.values import NumberRange, OneOf, WholeRange
from retint.colorizers.options import ALL
from retint.errors import UsageError
from retint.extras import required
from retint.files.formats import KEEP, OFFERED
from retint.picture.finish import Finish

MOST_NAMED = 50
"""Number of failures, and of pictures with remarks, printed; the manifest contains all of them."""


@cloup.command()
@cloup.argument("source", metavar="SRC")
@HOW
@DIFFUSION
@HYBRID
@cloup.option_group(
    "Cluster",
    cloup.option(
        "-o", "--output", required=True, metavar="DST", help="Address or folder for the results."
    ),
    cloup.option(
        "--address", default="",
        help="Address of a running Ray cluster; by default, retint starts one on this machine.",
    ),
    cloup.option(
        "--cpus-per-worker", type=WholeRange(1), default=2, show_default=True,
        help="CPUs, and threads, of each worker.",
    ),
    cloup.option(
        "--gpus-per-worker", type=NumberRange(0), default=0.0, show_default=True,
        help="GPUs of each worker; 0.5 lets two workers share one.",
    ),
    cloup.option(
        "--max-workers", type=WholeRange(0), default=0,
        help="Number of workers; 0 for as many as fit.",
    ),
    cloup.option(
        "--index-rows", type=WholeRange(1), default=10_000, show_default=True,
        help="Pictures per index file.",
    ),
    cloup.option(
        "--index", default="", metavar="ADDRESS",
        help="An existing index (Parquet file or folder) to use instead of listing SRC.",
    ),
    cloup.option(
        "--retry-failed", is_flag=True, help="Process only pictures that failed in an earlier run."
    ),
    *SELECTION,
    cloup.option("--recolor", is_flag=True, help="Color pictures that are already in color, too."),
    max_pixels_option,
    cloup.option(
        "--format", "format_", type=OneOf([KEEP, *OFFERED]), default=KEEP,
        show_default=True, help="Format of the output files.",
    ),
    no_provenance_option,
    keep_times_option,
    cloup.option("--json", "as_json", is_flag=True, help="Print one JSON line per picture."),
)  # fmt: skip
@force_option
@quiet_option
@debug_option
def cluster(source: str, **given: Any) -> int:
    """Color all pictures below SRC into DST.

    SRC and DST are folders, s3:// or other fsspec addresses. The same command continues an earlier
    run. Credentials are read from the environment.
    """
    with required("cluster"):
        import pyarrow  # noqa: F401

    from retint.batch.outcome import ignored_text
    from retint.cluster import index, run
    from retint.cluster.machines import Cluster
    from retint.cluster.places import Place
    from retint.cluster.work import RunConfig

    finish = pop_options([Finish], given)
    options = pop_options(ALL, given)
    begin, results = Place(source), Place(given["output"])
    if given["variants"] > 1:
        raise UsageError(
            "`variants` cannot be used with cluster, which writes one result per picture"
        )
    begin.check()
    if results.holds(begin) or begin.holds(results):
        raise UsageError(f"one of {results.address} and {begin.address} contains the other")
    if given["keep_times"] and not results.is_local:
        raise UsageError("`keep_times` requires a folder as DST; object storage sets its own times")
    config = RunConfig(
        begin.address, results.address, given["method"], options, finish,
        given["max_pixels"], given["recolor"], given["force"], not given["no_provenance"],
        given["chroma_only"], failed_only=given["retry_failed"], keep_times=given["keep_times"],
    )  # fmt: skip
    ignored: Counter[str] = Counter()
    if given["index"]:
        listed = index.ready(given["index"])
    else:
        naming = Naming(
            Path("-"), to_folder=True, transparent=given["chroma_only"], format=given["format_"],
            **selection(given),
        )  # fmt: skip
        listed = index.write(index.rows(begin, naming, ignored), results, given["index_rows"])
    where = Cluster(
        given["address"], given["cpus_per_worker"], given["gpus_per_worker"], given["max_workers"]
    )
    quiet = given["quiet"] or given["as_json"]
    noted: list[str] = []
    with progress(listed.count, quiet=quiet) as bar:

        def shown(row: dict[str, Any]) -> None:
            bar.update()
            if row["remarks"] and len(noted) < MOST_NAMED:
                noted.append(row["source"])
                for remark in row["remarks"]:
                    note = printable(f"retint: {row['source']}: {remark}")
                    bar.write(note, file=sys.stderr)
            if given["as_json"]:
                print(json.dumps(row), flush=True)

        summary = run.count_outcomes(run.colorize(config, listed, where), shown)
    for failure in summary.failures[:MOST_NAMED]:
        complain(f"{failure['source']}: {failure['error']}")
    if not given["quiet"]:
        counts = ", ".join(f"{count} {what}" for what, count in sorted(summary.counts.items()))
        rate = sum(summary.counts.values()) / max(summary.seconds, 1e-9)
        others = f"; {ignored_text(ignored.total())}" if ignored else ""
        complain(f"{counts or 'nothing to do'} ({rate:.1f} pictures/s){others}")
    return SOME_FAILED if summary.failures else ALL_DONE
