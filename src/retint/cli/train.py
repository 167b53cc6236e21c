"""`retint train`: trains a network from a recipe."""

from __future__ import annotations

from pathlib import Path

import cloup

from retint.cli.console import ALL_DONE, printable
from retint.cli.flags import A_PATH, debug_option, device_option, quiet_option, threads_option
from retint.cli.values import WholeRange
from retint.extras import required


@cloup.command()
@cloup.argument("recipe", type=A_PATH)
@cloup.option(
    "--data",
    required=True,
    type=A_PATH,
    help="Folder or zip of color photographs; if it contains color/ and gray/, color/ is used.",
)
@cloup.option(
    "--run",
    type=A_PATH,
    help="Folder for checkpoints, log and samples.  [default: runs/RECIPE]",
)
@cloup.option("--resume", is_flag=True, help="Continue from the last checkpoint of the run.")
@cloup.option(
    "--workers",
    type=WholeRange(min=0),
    default=1,
    show_default=True,
    help="Processes that decode pictures.",
)
@cloup.option(
    "--half",
    is_flag=True,
    help="Train in bfloat16, which is faster on some hardware.",
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
) -> int:
    """Train the network that RECIPE (a TOML file) describes."""
    with required("train"):
        from retint.training import loop
    machine = loop.Machine(device, threads, workers, half=half, quiet=quiet)
    weights = loop.train(
        recipe, data, run or Path("runs") / recipe.stem, resume=resume, machine=machine
    )
    if not quiet:
        print(printable(str(weights)))
    return ALL_DONE
