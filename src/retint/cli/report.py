"""Prints what `retint PHOTOS` does: the plan, the outcome of each picture, a summary."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from retint.batch.names import STREAM
from retint.batch.naming import Job
from retint.cli.console import ALL_DONE, SOME_FAILED, complain, printable, with_flags
from retint.errors import reason

if TYPE_CHECKING:
    from retint.batch.outcome import Outcome, Tally
    from retint.picture.request import Request


def print_outcome(outcome: Outcome, request: Request, bar: Any, given: dict[str, Any]) -> None:
    """Print the outcome of one picture."""
    from retint.batch.unit import IN_COLOR

    if given["as_json"]:
        line = _as_dict(outcome, request.pipeline.colorizer.name)
        print(json.dumps(line), flush=True)
    elif not (given["quiet"] or outcome.error or outcome.skipped or outcome.job.target == STREAM):
        for target in outcome.job.targets:
            bar.write(printable(str(target)), file=sys.stdout)
    for note in [] if given["quiet"] else turns_text(outcome.turns, outcome.turned):
        bar.write(printable(f"retint: {outcome.job.source}: {note}"), file=sys.stderr)
    for remark in outcome.remarks:
        bar.write(printable(f"retint: {outcome.job.source}: {with_flags(remark)}"), file=sys.stderr)
    if outcome.skipped == IN_COLOR and not given["quiet"]:
        bar.write(printable(f"retint: {outcome.job.source}: {IN_COLOR}"), file=sys.stderr)


def print_summary(tally: Tally, count: int, *, told: bool) -> int:
    """Print the failures and a count of the rest."""
    for failure in tally.failures:
        complain(f"{failure.job.source}: {failure.error}")
    several = count > 1 or bool(tally.skipped) or bool(tally.left_out)
    if (told and several) or (tally.failures and count > 1):
        complain(str(tally))
    return SOME_FAILED if tally.failures or tally.damaged else ALL_DONE


def print_plan(planned: Sequence[Job], ignored: int, *, subfolders: bool, as_json: bool) -> int:
    """Print what would be done."""
    from retint.batch.outcome import left_out_texts

    planned = [_checked(job) for job in planned]
    for job in planned:
        targets = [] if job.problem else [str(target) for target in job.targets]
        if as_json:
            line = {"input": str(job.source), "outputs": targets, "error": job.problem or None}
            print(json.dumps(line))
        elif not job.problem:
            print(printable(f"{job.source} -> {', '.join(targets)}"))
    for job in planned:
        if job.problem:
            complain(f"{job.source}: {job.problem}")
    if said := left_out_texts(ignored, subfolders=subfolders):
        complain("; ".join(said))
    return SOME_FAILED if any(job.problem for job in planned) else ALL_DONE


def _checked(job: Job) -> Job:
    """The job, with a problem if its source cannot be found."""
    if job.problem or job.source == STREAM:
        return job
    try:
        job.source.stat()
    except OSError as error:
        return replace(job, problem=reason(error))
    return job


def _as_dict(outcome: Outcome, method: str) -> dict[str, Any]:
    from retint.batch.unit import IN_COLOR

    height, width = outcome.size or (None, None)
    made = not outcome.error and outcome.skipped != IN_COLOR
    outputs = [str(target) for target in outcome.job.targets] if made else []
    return {
        "input": str(outcome.job.source),
        "output": outputs[0] if outputs else None,
        "outputs": outputs,
        "skipped": outcome.skipped or None,
        "method": method,
        "width": width,
        "height": height,
        "seconds": round(outcome.seconds, 3),
        "error": with_flags(outcome.error) or None,
        "turned": list(outcome.turns),
        "output_turned": list(outcome.turned),
        "remarks": list(outcome.remarks),
    }


def turns_text(turns: Sequence[int], turned: Sequence[int]) -> list[str]:
    """Says which pages are turned, or were only shown to the method turned, one line each."""
    said = []
    for number, (seen, own) in enumerate(zip_longest(turns, turned, fillvalue=0), 1):
        page = f"page {number}: " if len(turns) > 1 else ""
        if own:
            said.append(f"{page}turned by {own} degrees")
        if seen and seen != own:
            said.append(f"{page}shown to the network turned by {seen} degrees")
    return said
