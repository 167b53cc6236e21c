"""`retint export`: writes a trained network, or a whole method, as an ONNX file."""

from __future__ import annotations

from pathlib import Path

import cloup

from retint.cli.completion import complete_methods
from retint.cli.console import ALL_DONE
from retint.cli.flags import A_PATH, debug_option, force_option, quiet_option
from retint.cli.values import WholeRange
from retint.colorizers import DEFAULT
from retint.errors import ExistsError, UsageError
from retint.extras import required


@cloup.command()
@cloup.argument("run", type=A_PATH, required=False)
@cloup.option("-o", "--output", required=True, type=A_PATH, help="ONNX file to write.")
@cloup.option(
    "--native",
    type=WholeRange(min=16),
    help="Short side in pixels at which the network works best.  [default: last training size]",
)
@cloup.option(
    "--last", is_flag=True, help="Use the weights of the last checkpoint instead of the best ones."
)
@cloup.option(
    "--whole",
    is_flag=True,
    help="Instead of RUN, write a method with all steps from picture to picture, for programs "
    "without retint.",
)
@cloup.option(
    "--method",
    shell_complete=complete_methods,
    help=f"Method that --whole writes.  [default: {DEFAULT}]",
)
@cloup.option("--no-semantics", is_flag=True, help="With --whole, leave out object recognition.")
@force_option
@quiet_option
@debug_option
def export(
    run: Path | None,
    output: Path,
    native: int | None,
    last: bool,
    whole: bool,
    method: str | None,
    no_semantics: bool,
    force: bool,
    quiet: bool,
) -> int:
    """Write the weights of RUN, or a whole method, as an ONNX file; needs the extra train."""
    if whole == (run is not None):
        raise UsageError("export takes either a RUN or --whole, and a whole method by --method")
    if whole and (native or last):
        raise UsageError("--native and --last apply to a RUN, not to --whole")
    if not whole and (method or no_semantics):
        raise UsageError("--method and --no-semantics apply to --whole, not to a RUN")
    if output.exists() and not force:
        raise UsageError(str(ExistsError.of(output)))
    if run is None:
        with required("train"):
            from retint.whole import export as exporting_whole
        levels = exporting_whole.export(method or DEFAULT, output, semantics=not no_semantics)
        difference = f"retint by at most {levels} of 255 levels"
    else:
        with required("train"):
            from retint.training import export as exporting
        found = exporting.export(run, output, native=native, last=last)
        difference = f"PyTorch by at most {found:.1g}"
    if not quiet:
        print(f"{output}: {output.stat().st_size / 1e6:.1f} MB, differs from {difference}")
    return ALL_DONE
