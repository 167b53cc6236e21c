"""`retint evaluate`: measures methods on colour photographs."""

from __future__ import annotations

import json
from pathlib import Path

import cloup

from retint.cli.completion import complete_methods
from retint.cli.console import ALL_DONE, complain, printable, progress
from retint.cli.flags import A_PATH, debug_option, force_option, quiet_option
from retint.cli.several import method_names, method_weights, options_of, weights_option
from retint.cli.values import WholeRange
from retint.colorizers import DEFAULT
from retint.errors import PhotoError, UsageError
from retint.extras import required
from retint.threads import threads_or_all


@cloup.command()
@cloup.option(
    "--data",
    required=True,
    type=A_PATH,
    help="Folder or zip file of color photographs; subfolders are included.",
)
@cloup.option(
    "--method",
    default=f"gray,mean,{DEFAULT}",
    show_default=True,
    shell_complete=complete_methods,
    help="Methods to measure, separated by commas.",
)
@cloup.option(
    "-o",
    "--output",
    required=True,
    type=A_PATH,
    help="Output folder for results.json, results.csv and report.html.",
)
@cloup.option(
    "--size",
    type=WholeRange(min=16),
    default=256,
    show_default=True,
    help="Short side in pixels; smaller pictures are not enlarged.",
)
@cloup.option(
    "--limit",
    type=WholeRange(min=0),
    default=0,
    help="Measure at most this many pictures; 0 for all.",
)
@cloup.option(
    "--workers",
    type=WholeRange(min=0),
    default=0,
    help="Number of processes; 0, the default, uses all processors.",
)
@cloup.option(
    "--film", is_flag=True, help="Measure films instead of photographs; --limit then counts frames."
)
@weights_option
@cloup.option("--lpips", type=A_PATH, help="ONNX file of LPIPS; see docs/metrics.md.")
@cloup.option("--inception", type=A_PATH, help="ONNX file of the Inception network for FID.")
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
    film: bool,
    method_weights_: tuple[str, ...],
    lpips: Path | None,
    inception: Path | None,
    force: bool,
    quiet: bool,
) -> int:
    """Measure methods on color photographs.

    The photographs are converted to gray, colored, and compared with the originals.
    """
    names = method_names(method)
    if (output / "results.json").exists() and not force:
        raise UsageError(f"{output} already contains results (use `overwrite` to replace them)")
    if film:
        return _films(data, method, method_weights_, output, limit, quiet=quiet)
    with required("evaluate"):
        from retint.evaluation import report
        from retint.evaluation import results as evaluation
        from retint.evaluation.memory import peak_memory
        from retint.evaluation.photographs import find
        from retint.evaluation.run import Task, measuring
        from retint.files import atomic

    sources = find(data, limit)
    found = evaluation.Results(names)
    weights = method_weights(method_weights_)
    task = Task(names, size, lpips, inception, tuple(weights.items()))
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
        raise PhotoError(f"{data}: none of the {len(sources)} pictures can be measured")
    found.peak_memory = {name: peak_memory(name, weights.get(name)) for name in names}
    content = evaluation.document(found, data, size)
    output.mkdir(parents=True, exist_ok=True)
    evaluation.write_csv(found, output / "results.csv")
    page = report.render(found, content, sources, task)
    atomic.write(output / "report.html", page)
    evaluation.write_json(content, output / "results.json")
    if not quiet:
        print(evaluation.table(content))
        print(f"\n{evaluation.wholeness_table(content)}")
    return ALL_DONE


def _films(
    data: Path, method: str, weights: tuple[str, ...], output: Path, limit: int, *, quiet: bool
) -> int:
    """Measure one method on films: accuracy and steadiness."""
    with required("evaluate"):
        from retint.evaluation import films
    from retint import api
    from retint.files import atomic
    from retint.film.options import FilmOptions

    name = method_names(method)[-1]
    given = options_of(name, method_weights(weights))
    pipeline, options = api.load_pipeline(name, **given), FilmOptions()
    paths = films.find(data)
    clips = []
    with progress(len(paths), quiet=quiet) as bar:
        for path in paths:
            try:
                clips.append(films.measure(path, pipeline, options, limit))
            except PhotoError as error:
                complain(f"{path}: {error}")
            bar.update()
    if not clips:
        raise PhotoError(f"{data}: none of the {len(paths)} films can be measured")
    content = films.document(clips, name, options)
    output.mkdir(parents=True, exist_ok=True)
    atomic.write(output / "report.html", films.render(clips, content))
    atomic.write(output / "results.json", json.dumps(content, indent=1))
    if not quiet:
        for line in films.table(content).split("\n"):
            print(printable(line))
    return ALL_DONE
