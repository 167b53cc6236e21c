"""`retint compare`: several methods on one contact sheet."""

from __future__ import annotations

from pathlib import Path

import cloup

from retint.cli.completion import complete_methods
from retint.cli.console import ALL_DONE, SOME_FAILED, complain, printable
from retint.cli.flags import A_PATH, debug_option, force_option, quiet_option, threads_option
from retint.cli.several import method_names, method_weights, options_of, weights_option
from retint.colorizers import DEFAULT
from retint.errors import PhotoError


@cloup.command()
@cloup.argument("photos", nargs=-1, required=True, type=A_PATH)
@cloup.option(
    "-o", "--output", required=True, type=A_PATH, help="Picture file to write the sheet to."
)
@cloup.option(
    "--method",
    default=DEFAULT,
    show_default=True,
    shell_complete=complete_methods,
    help="Methods to show, separated by commas.",
)
@weights_option
@threads_option
@force_option
@quiet_option
@debug_option
def compare(
    photos: tuple[Path, ...],
    output: Path,
    method: str,
    method_weights_: tuple[str, ...],
    threads: int,
    force: bool,
    quiet: bool,
) -> int:
    """Show PHOTOS colored by several methods, side by side on one sheet."""
    from retint import api, files
    from retint.picture import sheet

    names = method_names(method)
    weights = method_weights(method_weights_)
    pipelines = [
        api.load_pipeline(name, threads=threads, **options_of(name, weights)) for name in names
    ]
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
            print(printable(str(output)))
    return SOME_FAILED if failures else ALL_DONE
