"""`retint restore`: the original picture from a coloured one."""

from __future__ import annotations

from pathlib import Path

import cloup

from retint.cli.console import ALL_DONE, SOME_FAILED, complain, printable
from retint.cli.flags import A_PATH, debug_option, force_option, quiet_option
from retint.errors import PhotoError


@cloup.command()
@cloup.argument("file", type=A_PATH)
@cloup.option("-o", "--output", type=A_PATH, help="[default: NAME.restored.EXT beside it]")
@force_option
@quiet_option
@debug_option
def restore(
    file: Path,
    output: Path | None,
    force: bool,
    quiet: bool,
) -> int:
    """Restore the black-and-white picture that FILE was colored from.

    Coloring leaves the lightness unchanged, so nothing is lost. A picture that was toned (brown or
    blue) becomes neutral gray.
    """
    from retint.picture.restore import restore as restore_file

    try:
        restored = restore_file(file, output, overwrite=force)
    except PhotoError as error:
        complain(f"{file}: {error}")
        return SOME_FAILED
    if not quiet:
        print(printable(str(restored.path)))
        for remark in restored.remarks:
            complain(f"{file}: {remark}")
    return ALL_DONE
