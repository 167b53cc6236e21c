"""`retint PHOTOS`: the command that colours them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from retint.batch.jobs import ENDINGS, KEEP, MANIFEST, STREAM, Job, Wanted, plan
from retint.cli.console import ALL_DONE, SOME_FAILED, complain, progress
from retint.cli.options import (
    debug_option,
    device_option,
    force_option,
    given,
    method_options,
    quiet_option,
    threads_option,
)
from retint.colorizers import DEFAULT
from retint.errors import PhotoError, UsageError
from retint.files.icc import SPACES
from retint.files.photo import MAX_PIXELS

if TYPE_CHECKING:
    from retint.batch.runner import Outcome


@click.command()
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", help="File, folder (one picture a file), or - for standard output.")
@click.option(
    "--recursive", is_flag=True, help="Of folders, their subfolders too; -o mirrors the tree."
)
@click.option("--pattern", default="*", help="Of folders, the pictures of such names: '*_bw.tif'.")
@click.option(
    "--format",
    "format_",
    type=click.Choice([KEEP, *ENDINGS]),
    default=KEEP,
    show_default=True,
    help="Of the files that are written.",
)
@click.option(
    "--resume", is_flag=True, help=f"Do what {MANIFEST} in the folder of -o has not as done."
)
@click.option(
    "--recolor", is_flag=True, help="Of several, colour those anew that are in colour already."
)
@click.option("--dry-run", is_flag=True, help="Say which file becomes which, and do nothing.")
@click.option(
    "--workers",
    type=click.IntRange(min=0),
    default=0,
    help="Pictures at a time; 0, the default, for one a thread.",
)
@click.option("--method", help=f"See 'retint methods'.  [default: that of --weights, or {DEFAULT}]")
@click.option(
    "--vividness",
    type=click.FloatRange(0, 2),
    default=1.0,
    show_default=True,
    help="What the colours are multiplied by; 0 is grey.",
)
@click.option(
    "--saturation",
    type=click.FloatRange(0, 3),
    default=1.0,
    show_default=True,
    help="What the coloured picture's saturation (HSV) is multiplied by; 1 is off.",
)
@click.option(
    "--weights", type=click.Path(path_type=Path), help="ONNX file of 'retint export' to use."
)
@click.option(
    "--hint",
    "hint_texts",
    multiple=True,
    metavar="X,Y,COLOR",
    help="A colour that is known: 120,80,#b03a2e or 40%,30%,navy; as often as you like.",
)
@click.option("--hints", "hints_file", type=click.Path(path_type=Path), help="JSON file of hints.")
@click.option(
    "--reference", type=click.Path(path_type=Path), help="Colour picture to take colours from."
)
@click.option(
    "--confidence", type=click.Path(path_type=Path), help="Write a map of how sure each colour is."
)
@click.option(
    "--chroma-only", is_flag=True, help="Write only the colour, as a transparent layer (PNG)."
)
@method_options
@click.option(
    "--variants",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="How many colourings of each picture, where the method can propose several.",
)
@click.option(
    "--profile",
    "space",
    type=click.Choice(SPACES),
    default="srgb",
    show_default=True,
    help="Colour profile of the files that are written.",
)
@click.option(
    "--no-provenance",
    is_flag=True,
    help="Do not say in the file that, and how, retint coloured it (IPTC source type, XMP).",
)
@click.option("--raw", is_flag=True, help="The network's own RGB, its blurred lightness included.")
@threads_option
@device_option
@click.option(
    "--max-pixels",
    type=click.IntRange(min=1),
    default=MAX_PIXELS,
    show_default=True,
    help="Refuse larger pictures before decoding them.",
)
@force_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line for each picture.")
@quiet_option
@debug_option
def colorize(
    photos: tuple[Path, ...],
    output: str | None,
    recursive: bool,
    pattern: str,
    format_: str,
    resume: bool,
    recolor: bool,
    dry_run: bool,
    workers: int,
    method: str | None,
    vividness: float,
    saturation: float,
    weights: Path | None,
    hint_texts: tuple[str, ...],
    hints_file: Path | None,
    reference: Path | None,
    confidence: Path | None,
    chroma_only: bool,
    variants: int,
    space: str,
    no_provenance: bool,
    raw: bool,
    threads: int,
    device: str,
    max_pixels: int,
    force: bool,
    as_json: bool,
    quiet: bool,
    debug: bool,  # noqa: ARG001 - read by main
    **settings: Any,
) -> int:
    """Colour PHOTOS: files, folders, or - for standard input.

    Each becomes NAME.retint.EXT beside it, or NAME.EXT in the folder that -o names. Nothing is
    overwritten without --force, and an original never is.
    """
    # Here, as --help should not wait for OpenCV.
    from retint import api
    from retint.batch import runner as batch
    from retint.batch.manifest import Manifest
    from retint.colorizers.network import threads_or_all
    from retint.files import photo as files
    from retint.hints import Hints, read_hints
    from retint.reference import Reference
    from retint.request import Request

    hints = Hints.parse(hint_texts)
    if hints_file is not None:
        hints = read_hints(hints_file) + hints
    wanted = Wanted(
        Path(output) if output else None,
        to_folder=output is not None and (resume or output.endswith(("/", "\\"))),
        transparent=chroma_only,
        variants=variants,
        format=format_,
        recursive=recursive,
        pattern=pattern,
    )
    planned = plan(photos, wanted)
    if as_json and any(job.target == STREAM for job in planned):
        raise UsageError("--json and the picture cannot share standard output; name a file with -o")
    if confidence is not None and len(planned) > 1:
        raise UsageError("--confidence writes one map; give one picture")
    if resume and output is None:
        raise UsageError("--resume needs the folder of an earlier run: -o FOLDER")
    if dry_run:
        return _show_plan(planned, as_json=as_json)
    at_once = min(workers or threads_or_all(threads), len(planned))
    # Workers share the processors: a picture each beats all for one.
    each = max(1, threads_or_all(threads) // at_once)
    _limit_opencv(each if at_once > 1 else threads)
    options: dict[str, Any] = {
        "threads": each if at_once > 1 else threads, "device": device, **given(settings),
    }  # fmt: skip
    if weights is not None:
        options["weights"] = weights
    look = {"vividness": vividness, "saturation": saturation, "raw": raw}
    pipeline = api.load_pipeline(method, **look, **options)
    known = None
    if reference is not None:
        try:
            known = Reference(pipeline, files.read(reference, max_pixels=max_pixels))
        except PhotoError as error:
            raise UsageError(f"{reference}: {error}") from None
    request = Request(
        pipeline, hints, known, variants, chroma_only, confidence,
        overwrite=force, space=space, provenance=not no_provenance,
    )  # fmt: skip
    tally = batch.Tally()
    with ExitStack() as stack:
        record = None
        if wanted.output is not None and (resume or any(path.is_dir() for path in photos)):
            manifest = Manifest(wanted.output)
            stack.enter_context(manifest.held())
            record = batch.Record(manifest, wanted.output, request.how, resume=resume)
        recolor = recolor or len(planned) == 1
        runner = batch.Runner(request, force, max_pixels, record, recolor)
        bar = stack.enter_context(progress(len(planned), quiet=quiet or as_json))
        for outcome in batch.run(planned, runner, at_once):
            bar.update()
            tally.add(outcome)
            if as_json:
                print(json.dumps(_as_dict(outcome, pipeline.colorizer.name)), flush=True)
            elif not (quiet or outcome.error or outcome.skipped or outcome.job.target == STREAM):
                for target in outcome.job.targets:
                    bar.write(str(target), file=sys.stdout)
            if outcome.skipped == batch.COLOURED and not quiet:
                bar.write(f"retint: {outcome.job.source}: {batch.COLOURED}", file=sys.stderr)
    for failure in tally.failures:
        complain(f"{failure.job.source}: {failure.error}")
    if len(planned) > 1 and (tally.failures or (record is not None and not quiet)):
        complain(str(tally))
    return SOME_FAILED if tally.failures else ALL_DONE


def _show_plan(planned: Sequence[Job], *, as_json: bool) -> int:
    """What would be done."""
    for job in planned:
        targets = [] if job.problem else [str(target) for target in job.targets]
        if as_json:
            line = {"input": str(job.source), "outputs": targets, "error": job.problem or None}
            print(json.dumps(line))
        elif not job.problem:
            print(f"{job.source} -> {', '.join(targets)}")
    for job in planned:
        if job.problem:
            complain(f"{job.source}: {job.problem}")
    return SOME_FAILED if any(job.problem for job in planned) else ALL_DONE


def _as_dict(outcome: Outcome, method: str) -> dict[str, Any]:
    from retint.batch.runner import COLOURED

    height, width = outcome.size or (None, None)
    made = not outcome.error and outcome.skipped != COLOURED
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
        "error": outcome.error or None,
    }


def _limit_opencv(threads: int) -> None:
    if threads:
        import cv2

        cv2.setNumThreads(threads)
