"""`retint export`: a trained network as a file that needs no torch."""

from __future__ import annotations

from pathlib import Path

import click
import cloup

from retint.cli.console import ALL_DONE
from retint.cli.flags import A_PATH, debug_option, force_option, quiet_option
from retint.errors import ExistsError, UsageError
from retint.extras import required


@cloup.command()
@cloup.argument("run", type=A_PATH)
@cloup.option("-o", "--output", required=True, type=A_PATH, help="ONNX file to write.")
@cloup.option(
    "--native",
    type=click.IntRange(min=16),
    help="Short side at which the network does best.  [default: the last training size]",
)
@cloup.option(
    "--last", is_flag=True, help="The last checkpoint's weights, not those that were judged best."
)
@force_option
@quiet_option
@debug_option
def export(
    run: Path,
    output: Path,
    native: int | None,
    last: bool,
    force: bool,
    quiet: bool,
) -> int:
    """Write the weights of RUN as an ONNX file that needs no torch."""
    with required("train"):
        from retint.training import export as exporting
    if output.exists() and not force:
        raise UsageError(str(ExistsError.of(output)))
    difference = exporting.export(run, output, native=native, last=last)
    if not quiet:
        size = output.stat().st_size / 1e6
        print(f"{output}: {size:.1f} MB, differs from torch by {difference:.1g} at most")
    return ALL_DONE
