"""The command line: parses, calls, prints."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

import retint
from retint.colorizers import DEFAULT, METHODS
from retint.errors import PhotoError, RetintError, UsageError, unknown
from retint.method_options import given, method_options
from retint.photo import MAX_PIXELS

if TYPE_CHECKING:
    from retint import batch

ALL_DONE, SOME_FAILED, WRONG_CALL = 0, 1, 2


class PhotosFirst(click.Group):
    """`retint photo.jpg` means `retint colorize photo.jpg`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "--version"):
            args = ["colorize", *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "PHOTO... [OPTIONS]")
        formatter.write_usage(ctx.command_path, "COMMAND [ARGS]...")


@click.group(cls=PhotosFirst, context_settings={"help_option_names": ["--help"]})
@click.version_option(retint.__version__, prog_name="retint", message="%(prog)s %(version)s")
def cli() -> None:
    """Colour black-and-white photographs.

    `retint photo.jpg` writes photo.retint.jpg beside it; `retint colorize --help` has the options.
    """


device_option = click.option(
    "--device", default="auto", show_default=True, help="auto, cpu or cuda."
)
threads_option = click.option(
    "--threads", type=click.IntRange(min=0), default=0, help="CPU threads; 0, the default, for all."
)
quiet_option = click.option("--quiet", is_flag=True, help="Print errors only.")
debug_option = click.option("--debug", is_flag=True, help="Show the traceback of an error.")
force_option = click.option("--force", is_flag=True, help="Overwrite what is there.")


@cli.command()
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", help="File, folder (one picture a file), or - for standard output.")
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
    from retint import api, batch  # here, as --help should not wait for OpenCV
    from retint import photo as files
    from retint.hints import Hints, read_hints
    from retint.reference import Reference
    from retint.request import Request

    hints = Hints.parse(hint_texts)
    if hints_file is not None:
        hints = read_hints(hints_file) + hints
    folder = output is not None and output.endswith(("/", "\\"))
    jobs = batch.plan(
        photos,
        Path(output) if output else None,
        to_folder=folder,
        transparent=chroma_only,
        variants=variants,
    )
    if as_json and any(job.target == batch.STREAM for job in jobs):
        raise UsageError("--json and the picture cannot share standard output; name a file with -o")
    if confidence is not None and len(jobs) > 1:
        raise UsageError("--confidence writes one map; give one picture")
    _limit_opencv(threads)
    options: dict[str, Any] = {"threads": threads, "device": device, **given(settings)}
    if weights is not None:
        options["weights"] = weights
    pipeline = api.load_pipeline(
        method, vividness=vividness, saturation=saturation, raw=raw, **options
    )
    known = None
    if reference is not None:
        try:
            known = Reference(pipeline, files.read(reference, max_pixels=max_pixels))
        except PhotoError as error:
            raise UsageError(f"{reference}: {error}") from None
    request = Request(pipeline, hints, known, variants, chroma_only, confidence, overwrite=force)
    failures: list[batch.Outcome] = []
    with _progress(len(jobs), quiet=quiet or as_json) as bar:
        for outcome in batch.run(jobs, request, overwrite=force, max_pixels=max_pixels):
            bar.update()
            if outcome.error:
                failures.append(outcome)
            if as_json:
                print(json.dumps(_as_dict(outcome, pipeline.colorizer.name)), flush=True)
            elif not (quiet or outcome.error or outcome.job.target == batch.STREAM):
                for target in outcome.job.targets:
                    bar.write(str(target), file=sys.stdout)
    for failure in failures:
        _complain(f"{failure.job.source}: {failure.error}")
    if failures and len(jobs) > 1:
        _complain(f"{len(failures)} of {len(jobs)} pictures failed")
    return SOME_FAILED if failures else ALL_DONE


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def methods(as_json: bool) -> int:
    """List the methods that can colour a picture."""
    if as_json:
        print(json.dumps({name: method.summary for name, method in METHODS.items()}))
        return ALL_DONE
    width = max(map(len, METHODS))
    for name, method in METHODS.items():
        default = "  (default)" if name == DEFAULT else ""
        print(f"{name:<{width}}  {method.summary}{default}")
    return ALL_DONE


@cli.command()
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder of colour photographs, subfolders included.",
)
@click.option(
    "--method",
    default=f"gray,mean,{DEFAULT}",
    show_default=True,
    help="Methods to measure, with commas between.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder for results.json, results.csv and report.html.",
)
@click.option(
    "--size",
    type=click.IntRange(min=16),
    default=256,
    show_default=True,
    help="Short side in pixels; smaller pictures are not enlarged.",
)
@click.option("--limit", type=click.IntRange(min=0), default=0, help="Measure only so many.")
@click.option(
    "--workers", type=click.IntRange(min=0), default=0, help="Processes; 0, the default, for all."
)
@click.option(
    "--lpips", type=click.Path(path_type=Path), help="ONNX file of LPIPS; see docs/metrics.md."
)
@click.option("--inception", type=click.Path(path_type=Path), help="ONNX file of FID's Inception.")
@force_option
@quiet_option
@debug_option
def evaluate(
    data: Path,
    method: str,
    output: Path,
    size: int,
    limit: int,
    workers: int,
    lpips: Path | None,
    inception: Path | None,
    force: bool,
    quiet: bool,
    debug: bool,  # noqa: ARG001 - read by main
) -> int:
    """Measure methods on colour photographs: grey them, colour them, compare."""
    names = _method_names(method)
    if (output / "results.json").exists() and not force:
        raise UsageError(f"{output} holds results already (overwrite with --force)")
    with _extra("evaluate"):
        from retint.evaluation import report
        from retint.evaluation import results as evaluation
        from retint.evaluation.memory import peak_memory
        from retint.evaluation.photographs import find
        from retint.evaluation.run import Task, measuring
    from retint.colorizers.network import threads_or_all

    sources = find(data, limit)
    found = evaluation.Results(names)
    task = Task(names, size, lpips, inception)
    with (
        measuring(sources, task, threads_or_all(workers)) as all_measured,
        _progress(len(sources), quiet=quiet) as bar,
    ):
        for measured in all_measured:
            found.add(measured)
            bar.update()
    for name, reason in found.skipped:
        _complain(f"{name}: {reason}")
    if not found.pictures:
        raise PhotoError(f"{data}: none of its {len(sources)} pictures can be measured")
    found.peak_memory = {name: peak_memory(name) for name in names}
    content = evaluation.document(found, data, size)
    output.mkdir(parents=True, exist_ok=True)
    evaluation.write_csv(found, output / "results.csv")
    page = report.render(found, content, sources, size)
    (output / "report.html").write_text(page, encoding="utf-8")
    evaluation.write_json(content, output / "results.json")
    if not quiet:
        print(evaluation.table(content))
    return ALL_DONE


@cli.command()
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="The sheet, a picture."
)
@click.option(
    "--method", default=DEFAULT, show_default=True, help="Methods to show, with commas between."
)
@threads_option
@force_option
@quiet_option
@debug_option
def compare(
    photos: tuple[Path, ...],
    output: Path,
    method: str,
    threads: int,
    force: bool,
    quiet: bool,
    debug: bool,  # noqa: ARG001 - read by main
) -> int:
    """Show PHOTOS coloured by several methods, side by side on one sheet."""
    from retint import api, sheet
    from retint import photo as files

    names = _method_names(method)
    pipelines = [api.load_pipeline(name, threads=threads) for name in names]
    rows, failures = [], 0
    for path in photos:
        try:
            before = files.read(path)
            pictures = [before, *(pipeline(before) for pipeline in pipelines)]
            rows.append(sheet.Row(path.stem, [files.to_pillow(each) for each in pictures]))
        except PhotoError as error:
            failures += 1
            _complain(f"{path}: {error}")
    if rows:
        drawn = files.from_pillow(sheet.contact_sheet(["input", *names], rows))
        files.write(drawn, output, overwrite=force)
        if not quiet:
            print(output)
    return SOME_FAILED if failures else ALL_DONE


@cli.command()
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder or zip of colour photographs; of one with color/ and gray/, color/ is used.",
)
@click.option(
    "--run",
    type=click.Path(path_type=Path),
    help="Folder for checkpoints, log and samples.  [default: runs/RECIPE]",
)
@click.option("--resume", is_flag=True, help="Go on from the run's last checkpoint.")
@click.option(
    "--workers",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Processes that decode pictures.",
)
@threads_option
@device_option
@quiet_option
@debug_option
def train(
    recipe: Path,
    data: Path,
    run: Path | None,
    resume: bool,
    workers: int,
    threads: int,
    device: str,
    quiet: bool,
    debug: bool,  # noqa: ARG001 - read by main
) -> int:
    """Train the network that RECIPE (a TOML file) describes."""
    with _extra("train"):
        from retint.training import loop
    machine = loop.Machine(device, threads, workers, quiet=quiet)
    weights = loop.train(
        recipe, data, run or Path("runs") / recipe.stem, resume=resume, machine=machine
    )
    if not quiet:
        print(weights)
    return ALL_DONE


@cli.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="ONNX file to write."
)
@click.option(
    "--native",
    type=click.IntRange(min=16),
    help="Short side at which the network does best.  [default: the last training size]",
)
@force_option
@quiet_option
@debug_option
def export(
    run: Path,
    output: Path,
    native: int | None,
    force: bool,
    quiet: bool,
    debug: bool,  # noqa: ARG001 - read by main
) -> int:
    """Write the best weights of RUN as an ONNX file that needs no torch."""
    with _extra("train"):
        from retint.training import export as exporting
    if output.exists() and not force:
        raise UsageError(f"{output} exists already (overwrite with --force)")
    difference = exporting.export(run, output, native=native)
    if not quiet:
        size = output.stat().st_size / 1e6
        print(f"{output}: {size:.1f} MB, differs from torch by {difference:.1g} at most")
    return ALL_DONE


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status; every error is one line."""
    args = list(sys.argv[1:] if args is None else args)
    try:
        status = cli.main(args, prog_name="retint", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        status = WRONG_CALL
    except click.exceptions.Exit as error:
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _complain("interrupted")
        status = 130
    except BrokenPipeError:  # whoever read our output has gone
        sys.stderr.close()
        status = SOME_FAILED
    except RetintError as error:
        if "--debug" in args:
            traceback.print_exc()
        _complain(str(error))
        status = WRONG_CALL if isinstance(error, UsageError) else SOME_FAILED
    sys.exit(status or ALL_DONE)


def _method_names(text: str) -> tuple[str, ...]:
    """The methods of `--method a,b`, each once."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        if name not in METHODS:
            raise unknown("method", name, METHODS)
    return names


@contextmanager
def _extra(name: str) -> Iterator[None]:
    """Say which extra is missing where an import fails."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise UsageError(f"this needs {error.name}: pip install 'retint[{name}]'") from error


def _progress(total: int, *, quiet: bool) -> tqdm[Any]:
    # One picture needs no bar, and nothing but a terminal can show one.
    return tqdm(total=total, unit="picture", disable=True if quiet or total < 2 else None)


def _as_dict(outcome: batch.Outcome, method: str) -> dict[str, Any]:
    height, width = outcome.size or (None, None)
    return {
        "input": str(outcome.job.source),
        "output": None if outcome.error else str(outcome.job.targets[0]),
        "outputs": [] if outcome.error else [str(target) for target in outcome.job.targets],
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


def _complain(message: str) -> None:
    print(f"retint: {message}", file=sys.stderr)
