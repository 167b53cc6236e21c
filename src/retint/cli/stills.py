"""`retint stills`: saves frames of a film as pictures, to be coloured and given back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cloup

from retint.cli.console import ALL_DONE, complain, frames, printable
from retint.cli.flags import (
    A_PATH,
    debug_option,
    device_option,
    flag_for,
    force_option,
    own_flags,
    pop_options,
    quiet_option,
    threads_option,
)
from retint.cli.groups import method_option
from retint.colorizers.options import GuidedOptions, ViewOptions
from retint.errors import UsageError
from retint.film.options import FilmOptions
from retint.options import MachineOptions
from retint.picture.finish import Finish

SHOWN = (
    *(Finish.described()[name] for name in ("look", "warmth", "vividness", "saturation")),
    ViewOptions.described()["upright"],
)  # fmt: skip
"""Options of the colors."""
READ = tuple(FilmOptions.described()[name] for name in ("start", "end", "deinterlace"))


@cloup.command()
@cloup.argument("film", type=A_PATH)
@cloup.option("-o", "--output", type=A_PATH, help="Folder for the stills.  [default: NAME.stills]")
@cloup.option("--grey", is_flag=True, help="Do not color the stills.")
@cloup.option_group("Film", *map(flag_for, READ))
@cloup.option_group(
    "Colors", method_option, *map(flag_for, SHOWN), *own_flags(GuidedOptions, MachineOptions)
)
@force_option
@quiet_option
@threads_option
@device_option
@debug_option
def stills(
    film: Path, output: Path | None, method: str | None, *, grey: bool, force: bool, quiet: bool,
    **given: Any,
) -> int:  # fmt: skip
    """Save colored stills of FILM, at least one of each shot.

    They are named after their frames, such as ref_000040.png. Correct their colors in any program,
    then color the film by them: retint FILM --reference FOLDER.
    """
    from retint import api
    from retint.files.atomic import too_long
    from retint.film.choosing import save_stills

    options = pop_options([FilmOptions], given)
    finish = pop_options([Finish], given)
    known = {name: value for name, value in (given | options).items() if value is not None}
    folder = output or film.with_name(f"{film.stem}.stills")
    if why := too_long(folder):
        raise UsageError(f"{why}; name another folder with -o")
    opened = api.load_film(film, method, **known, **finish)
    with frames(opened.shots[-1].stop, quiet=quiet) as told:
        paths = save_stills(
            opened, folder, grey=grey, overwrite=force, told=lambda number: told(number, 0)
        )
    for line in (*opened.lost, *opened.remarks):
        complain(line)
    if not quiet:
        print(printable(f"{len(paths)} stills in {folder}"))
    return ALL_DONE
