"""`retint restore`: the original pictures from coloured ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import cloup

from retint.batch.naming import Naming
from retint.cli.console import ALL_DONE, SOME_FAILED, complain, printable
from retint.cli.flags import A_PATH, debug_option, force_option, quiet_option
from retint.cli.selection import SELECTION, is_named_as_folder, recursive_option, selection


@cloup.command()
@cloup.argument("paths", metavar="FILES...", nargs=-1, required=True, type=A_PATH)
@cloup.option(
    "-o",
    "--output",
    type=click.Path(),
    help="Output file, or folder (one file per picture).  [default: NAME.restored.EXT beside each]",
)
@cloup.option_group("Folders", recursive_option, *SELECTION)
@force_option
@quiet_option
@debug_option
def restore(
    paths: tuple[Path, ...],
    output: str | None,
    recursive: bool,
    force: bool,
    quiet: bool,
    **given: Any,
) -> int:
    """Restore the black-and-white pictures that FILES were colored from.

    Coloring leaves the lightness unchanged, so nothing is lost. A picture that was toned (brown or
    blue) becomes neutral gray. In folders, pictures that retint did not color are left out.
    """
    from retint.batch.listing import leaves_subfolders
    from retint.batch.restoring import Tally, restore_all

    naming = Naming(
        Path(output) if output else None,
        to_folder=is_named_as_folder(output),
        recursive=recursive,
        **selection(given),
    )
    tally = Tally(leaves_subfolders(paths, naming))
    for outcome in restore_all(paths, naming, overwrite=force):
        tally.add(outcome)
        if outcome.target is not None and not quiet:
            print(printable(str(outcome.target)), flush=True)
            for remark in outcome.remarks:
                complain(f"{outcome.source}: {remark}")
    for failure in tally.failures:
        complain(f"{failure.source}: {failure.error}")
    if (tally.count > 1 or tally.subfolders) and (tally.failures or not quiet):
        complain(str(tally))
    return SOME_FAILED if tally.failures else ALL_DONE
