"""`retint PHOTOS`: the command that colours them."""

from __future__ import annotations

import functools
import json
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import cloup

from retint.batch.jobs import MANIFEST, STREAM, Job, Naming, plan, refuse_file
from retint.cli.completion import complete_method
from retint.cli.console import (
    ALL_DONE,
    SOME_FAILED,
    complain,
    frames,
    printable,
    progress,
    show_log,
    steps,
    with_flags,
)
from retint.cli.flags import (
    A_PATH,
    debug_option,
    device_option,
    flag_for,
    force_option,
    own_flags,
    pop_options,
    quiet_option,
    threads_option,
)
from retint.cli.selection import SELECTION, is_named_as_folder, recursive_option, selection
from retint.colorizers import DEFAULT
from retint.colorizers.options import (
    ALL,
    ChromaDiffusionOptions,
    ControlNetOptions,
    DiffusionOptions,
    ForeignOptions,
    GuidedOptions,
    HybridOptions,
    NetworkOptions,
    ViewOptions,
)
from retint.errors import PhotoError, UsageError
from retint.files.formats import KEEP, MAX_PIXELS, OFFERED
from retint.film.containers import CONTAINERS, is_film
from retint.film.options import FilmOptions
from retint.options import MachineOptions
from retint.picture.finish import Finish
from retint.threads import Shares, processors

if TYPE_CHECKING:
    from retint.batch.films import FilmMaker
    from retint.batch.runner import Outcome, Record, Tally
    from retint.hints import Hints
    from retint.picture.pipeline import Pipeline
    from retint.picture.request import Request


WHAT = cloup.option_group(
    "Input",
    recursive_option,
    *SELECTION,
    cloup.option(
        "--recolor", is_flag=True, help="In a batch, color pictures that are already in color, too."
    ),
    cloup.option(
        "--max-pixels", type=click.IntRange(min=1), default=MAX_PIXELS, show_default=True,
        help="Maximum number of pixels; larger pictures are refused before decoding.",
    ),
)  # fmt: skip
HOW = cloup.option_group(
    "Method",
    cloup.option(
        "--method", shell_complete=complete_method,
        help=f"Method to use; see 'retint methods'.  [default: method of --weights, or {DEFAULT}]",
    ),
    *(flag_for(each) for each in (ViewOptions.described() | Finish.described()).values()),
    cloup.option(
        "--chroma-only", is_flag=True, help="Write only the color, as a transparent layer (PNG)."
    ),
    *own_flags(GuidedOptions, NetworkOptions),
    *own_flags(ForeignOptions, MachineOptions),
)  # fmt: skip
HINTS = cloup.option_group(
    "Hints",
    cloup.option(
        "--hint", "hint_texts", multiple=True, metavar="X,Y,COLOR",
        help="A known color of a thing: 120,80,#b03a2e or 40%,30%,navy; with a reach: "
        "40%,30%,navy@0.4. Can be repeated.",
    ),
    cloup.option("--hints", "hints_file", type=A_PATH, help="JSON file with hints."),
    cloup.option("--reference", type=A_PATH, help="Color picture to take colors from."),
    cloup.option(
        "--confidence", type=A_PATH, help="Write a map of the network's confidence to this file."
    ),
)  # fmt: skip
DIFFUSION = cloup.option_group(
    "Diffusion",
    cloup.option(
        "--variants", type=click.IntRange(1, 64), default=1, show_default=True,
        help="Number of colorings per picture, for methods that can sample several, such as "
             "chroma-diffusion.",
    ),
    *own_flags(DiffusionOptions, MachineOptions),
    *own_flags(ChromaDiffusionOptions, DiffusionOptions, NetworkOptions),
    *own_flags(ControlNetOptions, DiffusionOptions),
)  # fmt: skip
HYBRID = cloup.option_group("Hybrid", *own_flags(HybridOptions, DiffusionOptions))
FILM = cloup.option_group("Films", *(flag_for(each) for each in FilmOptions.described().values()))
OUTPUT = cloup.option_group(
    "Output",
    cloup.option(
        "-o", "--output", type=click.Path(),
        help="Output file, folder (one file per picture), or - for standard output.",
    ),
    cloup.option(
        "--format", "format_", type=click.Choice([KEEP, *OFFERED, *CONTAINERS]), default=KEEP,
        show_default=True, help="Format of the output files, for photographs or films.",
    ),
    cloup.option(
        "--resume", is_flag=True,
        help=f"Continue an earlier run: also replace results in {MANIFEST} whose picture or "
             "options have changed.",
    ),
    cloup.option(
        "--no-provenance", is_flag=True,
        help="Do not record in the file that retint colored it (IPTC source type, XMP).",
    ),
    cloup.option(
        "--keep-times", is_flag=True,
        help="Give results the modification and access times of their sources.",
    ),
    force_option,
    cloup.option(
        "--dry-run", is_flag=True, help="Print the output file of each input, and exit."
    ),
    cloup.option("--json", "as_json", is_flag=True, help="Print one JSON line per picture."),
    quiet_option,
)  # fmt: skip
MACHINE = cloup.option_group(
    "Machine",
    threads_option,
    device_option,
    cloup.option(
        "--workers", type=click.IntRange(min=0), default=0,
        help="Pictures processed in parallel; 0 for one per thread.",
    ),
    debug_option,
)  # fmt: skip


@cloup.command()
@cloup.argument("photos", nargs=-1, required=True, type=A_PATH)
@WHAT
@HOW
@HINTS
@DIFFUSION
@HYBRID
@FILM
@OUTPUT
@MACHINE
def colorize(photos: tuple[Path, ...], **given: Any) -> int:
    """Color PHOTOS and films: files, folders, or - for standard input.

    Each result is written to NAME.retint.EXT beside the input, or to NAME.EXT in the folder of -o.
    Existing files are only overwritten with --force, originals never.
    """
    # Imported here, so that --help does not wait for OpenCV.
    from retint.batch import folder
    from retint.batch.elsewhere import Elsewhere
    from retint.batch.runner import Runner, Tally, run

    film_options = FilmOptions(**pop_options([FilmOptions], given))
    film_options.span  # noqa: B018 - reports an invalid span early
    one_film = len(photos) == 1 and is_film(photos[0])
    naming = _naming(given, film_options, one_film=one_film)
    if not one_film:
        _refuse_contradictions(photos, naming, given)
    ignored: Counter[str] = Counter()
    elsewhere = Elsewhere()
    made = folder.unchanged_results(naming.output)
    jobs = plan(photos, naming, made, ignored, elsewhere.made)
    if given["as_json"] and any(job.target == STREAM for job in jobs):
        raise UsageError(
            "with --json, the picture cannot go to standard output; name a file with -o"
        )
    if given["dry_run"]:
        return _show_plan(jobs, ignored.total(), as_json=given["as_json"])
    for name in ("threads", "workers"):
        if given[name] > processors():
            complain(
                f"`{name}` is {given[name]}, but this machine has only {processors()} processors"
            )
    shares = Shares.of(given["threads"], given["workers"], len(jobs))
    given["threads"] = shares.threads
    request = _request(given)
    tally = Tally(ignored.total())
    with ExitStack() as stack:
        record = None
        to_folder = (given["resume"] and not one_film) or any(p.is_dir() for p in photos)
        beside: dict[Path, Record] = {}
        how = (request.how, film_options.how(given["hints_file"]))
        if naming.output is not None and to_folder:
            record = stack.enter_context(
                folder.recorded(naming.output, *how, resume=given["resume"])
            )
        elif naming.output is None:
            folders = dict.fromkeys(job.folder for job in jobs if job.folder and not job.problem)
            beside = stack.enter_context(
                folder.recorded_beside(filter(None, folders), *how, resume=given["resume"])
            )
        for each in [record] if record is not None else beside.values():
            for remark in each.manifest.remarks:
                complain(remark)
        # The colors of a negative are not those of its positive.
        recolor = given["recolor"] or len(jobs) == 1 or request.finish.negative
        films = None
        if any(is_film(job.source) for job in jobs):
            films = _film_maker(request, film_options, given)
        runner = Runner(
            request,
            given["force"],
            given["max_pixels"],
            record,
            recolor,
            films,
            beside,
            elsewhere,
            given["keep_times"],
        )
        quiet = given["quiet"] or given["as_json"]
        bar = stack.enter_context(progress(len(jobs), quiet=quiet))
        if len(jobs) == 1:
            stack.enter_context(steps(quiet=quiet))
        for outcome in run(jobs, runner, shares.workers):
            bar.update()
            tally.add(outcome)
            _print_outcome(outcome, request, bar, given)
    told = record is not None or bool(tally.skipped) or tally.ignored > 0
    return _close(tally, len(jobs), told=told and not given["quiet"])


def _naming(given: dict[str, Any], film: FilmOptions, *, one_film: bool) -> Naming:
    # For a single film, `resume` continues its shots; for pictures it refers to a folder.
    output, resume = given.pop("output"), given["resume"] and not one_film
    format_ = given.pop("format_")
    container = format_ in CONTAINERS
    to_folder = is_named_as_folder(output)
    if resume and output not in (None, str(STREAM)) and not to_folder:
        refuse_file(Path(output), "`resume` requires")
    return Naming(
        Path(output) if output else None,
        to_folder=to_folder or (resume and output is not None),
        transparent=given["chroma_only"],
        variants=given["variants"],
        format=KEEP if container else format_,
        container=format_ if container else KEEP,
        lossless=film.lossless,
        stills=film.preview,
        recursive=given.pop("recursive"),
        **selection(given),
        map=given["confidence"],
    )


def _refuse_contradictions(photos: Sequence[Path], naming: Naming, given: dict[str, Any]) -> None:
    """Raise UsageError for options that exclude each other."""
    beside = naming.output is None and any(photo.is_dir() for photo in photos)
    if given["resume"] and naming.output in (None, STREAM) and not beside:
        raise UsageError(
            "--resume requires a folder: as input, or that of an earlier run: -o FOLDER"
        )


def _request(given: dict[str, Any]) -> Request:
    """Create the request that applies to every picture."""
    from retint import api
    from retint.picture.request import Request

    _limit_opencv(given["threads"])
    finish = Finish(**pop_options([Finish], given))
    own = pop_options(ALL, given)
    # If the user selects a device, report what the network runs on.
    chosen = own.get("device", "auto") != "auto" and not given["quiet"]
    with show_log("retint.colorizers.parts.network", wanted=chosen):
        pipeline = api.load_pipeline(given["method"], **own)
    pipeline.check(finish)
    return Request(
        pipeline, finish, _hints(given), _reference(given, pipeline), given["variants"],
        given["chroma_only"], confidence=given["confidence"] is not None,
        provenance=not given["no_provenance"],
    )  # fmt: skip


def _film_maker(request: Request, options: FilmOptions, given: dict[str, Any]) -> FilmMaker:
    from retint.batch.films import FilmMaker
    from retint.film.coloring import check
    from retint.film.tracking import Timed, TimeOf, read_timed
    from retint.hints import Hints

    check(request.pipeline, request.finish)  # before any picture is coloured
    points = Hints.parse(given["hint_texts"])
    path = given["hints_file"]

    def hints(time_of: TimeOf) -> list[Timed]:
        start = options.span[0]
        first = [Timed(start, points)] if points else []
        return first + (read_timed(path, time_of, start) if path is not None else [])

    quiet = given["quiet"] or given["as_json"]
    return FilmMaker(
        request, options, hints, given["resume"], functools.partial(frames, quiet=quiet)
    )


def _hints(given: dict[str, Any]) -> Hints:
    from retint.hints import Hints, read_hints

    hints = Hints.parse(given["hint_texts"])
    return hints if given["hints_file"] is None else read_hints(given["hints_file"]) + hints


def _reference(given: dict[str, Any], pipeline: Pipeline) -> Any:
    from retint import files
    from retint.picture.reference import Reference

    path = given["reference"]
    if path is None:
        return None
    try:
        return Reference(pipeline, files.read(path, max_pixels=given["max_pixels"]))
    except PhotoError as error:
        raise UsageError(f"{path}: {error}") from None


def _print_outcome(outcome: Outcome, request: Request, bar: Any, given: dict[str, Any]) -> None:
    """Print the outcome of one picture."""
    from retint.batch.unit import IN_COLOR

    if given["as_json"]:
        line = _as_dict(outcome, request.pipeline.colorizer.name)
        print(json.dumps(line), flush=True)
    elif not (given["quiet"] or outcome.error or outcome.skipped or outcome.job.target == STREAM):
        for target in outcome.job.targets:
            bar.write(printable(str(target)), file=sys.stdout)
    for note in [] if given["quiet"] else turns_text(outcome.turns):
        bar.write(printable(f"retint: {outcome.job.source}: {note}"), file=sys.stderr)
    for remark in outcome.remarks:
        bar.write(printable(f"retint: {outcome.job.source}: {remark}"), file=sys.stderr)
    if outcome.skipped == IN_COLOR and not given["quiet"]:
        bar.write(printable(f"retint: {outcome.job.source}: {IN_COLOR}"), file=sys.stderr)


def _close(tally: Tally, count: int, *, told: bool) -> int:
    """Print the failures and a count of the rest."""
    for failure in tally.failures:
        complain(f"{failure.job.source}: {failure.error}")
    several = count > 1 or bool(tally.skipped) or tally.ignored > 0
    if (told and several) or (tally.failures and count > 1):
        complain(str(tally))
    return SOME_FAILED if tally.failures or tally.damaged else ALL_DONE


def _show_plan(planned: Sequence[Job], ignored: int, *, as_json: bool) -> int:
    """Print what would be done."""
    from retint.batch.runner import ignored_text

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
    if ignored:
        complain(ignored_text(ignored))
    return SOME_FAILED if any(job.problem for job in planned) else ALL_DONE


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
        "remarks": list(outcome.remarks),
    }


def turns_text(turns: Sequence[int]) -> list[str]:
    """Says which pages were shown to the method turned, one line each."""
    pages = [f"page {number}: " if len(turns) > 1 else "" for number in range(1, len(turns) + 1)]
    return [
        f"{page}seen turned by {turn} degrees"
        for page, turn in zip(pages, turns, strict=True)
        if turn
    ]


def _limit_opencv(threads: int) -> None:
    import cv2

    cv2.setNumThreads(threads)
