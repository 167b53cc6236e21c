"""`retint export`: writes a trained network as an ONNX file."""

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
    help="Short side in pixels at which the network works best.  [default: last training size]",
)
@cloup.option(
    "--last", is_flag=True, help="Use the weights of the last checkpoint instead of the best ones."
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
    """Write the weights of RUN as an ONNX file."""
    with required("train"):
        from retint.training import export as exporting
    if output.exists() and not force:
        raise UsageError(str(ExistsError.of(output)))
    difference = exporting.export(run, output, native=native, last=last)
    if not quiet:
        size = output.stat().st_size / 1e6
        print(f"{output}: {size:.1f} MB, differs from PyTorch by at most {difference:.1g}")
    return ALL_DONE
