"""The command line: parses, calls, prints."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

import retint
from retint.cli.colorize import colorize
from retint.cli.console import ALL_DONE, SOME_FAILED, WRONG_CALL, complain, extra, progress
from retint.cli.options import (
    debug_option,
    device_option,
    force_option,
    quiet_option,
    threads_option,
)
from retint.cli.provenance import inspect, restore
from retint.cli.serve import serve
from retint.colorizers import DEFAULT, METHODS
from retint.errors import PhotoError, RetintError, UsageError, unknown


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


for command in (colorize, inspect, restore, serve):
    cli.add_command(command)


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
    with extra("evaluate"):
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
        progress(len(sources), quiet=quiet) as bar,
    ):
        for measured in all_measured:
            found.add(measured)
            bar.update()
    for name, reason in found.skipped:
        complain(f"{name}: {reason}")
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
    from retint.files import photo as files

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
            complain(f"{path}: {error}")
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
@click.option(
    "--half",
    is_flag=True,
    help="Let the network reckon in bfloat16: faster where it can.",
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
    half: bool,
    threads: int,
    device: str,
    quiet: bool,
    debug: bool,  # noqa: ARG001 - read by main
) -> int:
    """Train the network that RECIPE (a TOML file) describes."""
    with extra("train"):
        from retint.training import loop
    machine = loop.Machine(device, threads, workers, half=half, quiet=quiet)
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
    with extra("train"):
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
        complain("interrupted")
        status = 130
    except BrokenPipeError:  # whoever read our output has gone
        sys.stderr.close()
        status = SOME_FAILED
    except RetintError as error:
        if "--debug" in args:
            traceback.print_exc()
        complain(str(error))
        status = WRONG_CALL if isinstance(error, UsageError) else SOME_FAILED
    sys.exit(status or ALL_DONE)


def _method_names(text: str) -> tuple[str, ...]:
    """The methods of `--method a,b`, each once."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        if name not in METHODS:
            raise unknown("method", name, METHODS)
    return names
