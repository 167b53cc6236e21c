"""`retint PHOTOS`: the command that colours them."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cloup

from retint.batch.jobs import plan
from retint.batch.names import STREAM
from retint.batch.naming import Naming, refuse_file
from retint.batch.sources import leaves_subfolders
from retint.cli.ahead import load_ahead
from retint.cli.console import complain, frames, progress, references_seen, show_log, steps
from retint.cli.flags import A_PATH, pop_options
from retint.cli.groups import DIFFUSION, FILM, HINTS, HOW, HYBRID, MACHINE, OUTPUT, WHAT
from retint.cli.report import print_outcome, print_plan, print_summary
from retint.cli.selection import is_named_as_folder, selection
from retint.cli.signing import SIGNING, signing
from retint.cli.spread import Spreading
from retint.cli.startup import uncollected
from retint.colorizers.options import ALL
from retint.errors import PhotoError, UsageError
from retint.files.formats import KEEP
from retint.film.containers import CONTAINERS, is_film
from retint.film.options import FilmOptions
from retint.picture.finish import Finish
from retint.threads import Shares, processors

if TYPE_CHECKING:
    from retint.batch.films import FilmMaker
    from retint.batch.record import Record
    from retint.credentials import Signing
    from retint.hints import Hints
    from retint.picture.pipeline import Pipeline
    from retint.picture.request import Request


@cloup.command(cls=Spreading)
@cloup.argument("photos", nargs=-1, required=True, type=A_PATH)
@WHAT
@HOW
@HINTS
@DIFFUSION
@HYBRID
@FILM
@OUTPUT
@SIGNING
@MACHINE
def colorize(photos: tuple[Path, ...], **given: Any) -> int:
    """Color PHOTOS and films: files, folders, or - for standard input.

    Each result is written to NAME.retint.EXT beside the input, or to NAME.EXT in the folder of -o.
    Existing files are only overwritten with --force, originals never.
    """
    film_options = FilmOptions(**pop_options([FilmOptions], given))
    film_options.span  # noqa: B018 - reports an invalid span early
    one_film = len(photos) == 1 and is_film(photos[0])
    naming = _naming(given, film_options, one_film=one_film)
    if not one_film:
        _refuse_contradictions(photos, naming, given)
    if not given["dry_run"]:
        load_ahead(photos, given, keeps_format=naming.format == KEEP)
    with uncollected():  # imported here, so that --help does not wait for OpenCV
        from retint.batch import folder
        from retint.batch.companions import check_mark
        from retint.batch.elsewhere import Elsewhere
        from retint.batch.outcome import Tally
        from retint.batch.records import Records
        from retint.batch.runner import Runner, run

    check_mark(given["keep_original"])
    ignored: Counter[str] = Counter()
    elsewhere = Elsewhere()
    made = folder.unchanged_results(naming.output)
    jobs = plan(photos, naming, made, ignored, elsewhere.results)
    subfolders = leaves_subfolders(photos, naming, made, elsewhere.results)
    if given["as_json"] and any(job.target == STREAM for job in jobs):
        raise UsageError(
            "with --json, the picture cannot go to standard output; name a file with -o"
        )
    if given["dry_run"]:
        return print_plan(jobs, ignored.total(), subfolders=subfolders, as_json=given["as_json"])
    for name in ("threads", "workers"):
        if given[name] > processors():
            complain(
                f"`{name}` is {given[name]}, but this machine has only {processors()} processors"
            )
    shares = Shares.of(given["threads"], given["workers"], len(jobs))
    given["threads"] = shares.threads
    sign = signing(given)
    request = _request(given)
    tally = Tally(ignored.total(), subfolders)
    if given["remember"] and request.hints and len(jobs) > 1:
        complain(
            "`remember` adds the hints of a single picture; those of several are not remembered"
        )
    with ExitStack() as stack:
        record = None
        to_folder = (given["resume"] and not one_film) or any(p.is_dir() for p in photos)
        beside: dict[Path, Record] = {}
        signed = {} if sign is None else {"signed": sign.how}

        def how() -> tuple[dict[str, Any], dict[str, Any]]:
            return request.how | signed, film_options.how(given["hints_file"])

        if naming.output is not None and to_folder:
            record = stack.enter_context(
                folder.recorded(naming.output, *how(), resume=given["resume"])
            )
        elif naming.output is None:
            folders = dict.fromkeys(job.folder for job in jobs if job.folder and not job.problem)
            if folders:
                beside = stack.enter_context(
                    folder.recorded_beside(filter(None, folders), *how(), resume=given["resume"])
                )
        for each in [record] if record is not None else beside.values():
            for remark in each.manifest.remarks:
                complain(remark)
        # The colors of a negative are not those of its positive.
        recolor = given["recolor"] or len(jobs) == 1 or request.finish.negative
        films = None
        if any(is_film(job.source) for job in jobs):
            films = _film_maker(request, film_options, given, sign)
        runner = Runner(
            request,
            Records(given["force"], record, beside, elsewhere),
            given["max_pixels"],
            recolor,
            films,
            given["keep_times"],
            keep_color=request.finish.keep_color,
            tell=not (given["recolor"] or request.finish.negative),
            sign=sign,
            sidecar=given["sidecar"],
        )
        quiet = given["quiet"] or given["as_json"]
        bar = stack.enter_context(progress(len(jobs), quiet=quiet))
        if len(jobs) == 1:
            stack.enter_context(steps(quiet=quiet))
        for outcome in run(jobs, runner, shares.workers):
            bar.update()
            tally.add(outcome)
            print_outcome(outcome, request, bar, given)
            if given["remember"] and len(jobs) == 1 and not outcome.error:
                _remember(request, outcome.job.source, given)
    told = record is not None or bool(tally.skipped) or bool(tally.left_out)
    return print_summary(tally, len(jobs), told=told and not given["quiet"])


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
        split=given["split"],
        format=KEEP if container else format_,
        container=format_ if container else KEEP,
        lossless=film.lossless,
        stills=film.preview,
        recursive=given.pop("recursive"),
        **selection(given),
        map=given["confidence"],
        keep_original=given["keep_original"],
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
    with uncollected():
        from retint import api
        from retint.picture.request import Request

    _limit_opencv(given["threads"])
    finish = Finish(**pop_options([Finish], given))
    own = pop_options(ALL, given)
    # If the user selects a device, report what the network runs on.
    chosen = own.get("device", "auto") != "auto" and not given["quiet"]
    with show_log("retint.colorizers.parts.sessions", wanted=chosen):
        pipeline = api.load_pipeline(given["method"], **finish.seen(own))
    pipeline.check(finish)
    return Request(
        pipeline, finish, _hints(given), _reference(given, pipeline), given["variants"],
        given["chroma_only"], confidence=given["confidence"] is not None, split=given["split"],
        memory=_memory(given, pipeline),
        provenance=not given["no_provenance"],
        record_beside=given["sidecar"],
    )  # fmt: skip


def _film_maker(
    request: Request, options: FilmOptions, given: dict[str, Any], sign: Signing | None
) -> FilmMaker:
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
        request,
        options,
        hints,
        given["resume"],
        given["remember"],
        functools.partial(frames, quiet=quiet),
        sign,
    )


def _hints(given: dict[str, Any]) -> Hints:
    from retint.hints import Hints, read_hints

    hints = Hints.parse(given["hint_texts"])
    return hints if given["hints_file"] is None else read_hints(given["hints_file"]) + hints


def _reference(given: dict[str, Any], pipeline: Pipeline) -> Any:
    from retint.inputs import reference_of

    with references_seen(quiet=given["quiet"]) as seen:
        try:
            found = reference_of(
                pipeline, given["reference"], given["references"],
                max_pixels=given["max_pixels"], seen=seen,
            )  # fmt: skip
        except PhotoError as error:
            raise UsageError(str(error)) from None
    if found is not None and found.gallery is not None and not given["quiet"]:
        for remark in found.gallery.remarks:
            complain(remark)
    return found


def _memory(given: dict[str, Any], pipeline: Pipeline) -> Any:
    from retint.picture.memory import Memory

    path = given["remember"]
    return None if path is None else Memory.read(pipeline, path)


def _remember(request: Request, source: Path, given: dict[str, Any]) -> None:
    """Add the hints for a picture to the remembered ones; those of films are added already."""
    from retint import files

    if request.memory is None or not request.hints or source == STREAM or is_film(source):
        return
    view = request.pipeline.open(files.read(source, max_pixels=given["max_pixels"]))
    request.memory.with_hints(view, request.hints, source.name).write(given["remember"])


def _limit_opencv(threads: int) -> None:
    import cv2

    cv2.setNumThreads(threads)
