"""`retint inspect`: what was done to a picture."""

from __future__ import annotations

import json
from pathlib import Path

import cloup

from retint.cli.console import ALL_DONE, SOME_FAILED, complain, printable
from retint.cli.options import A_PATH, debug_option
from retint.errors import PhotoError
from retint.files import xmp


@cloup.command()
@cloup.argument("paths", metavar="FILES...", nargs=-1, required=True, type=A_PATH)
@cloup.option("--json", "as_json", is_flag=True, help="Print a JSON line for each file.")
@debug_option
def inspect(paths: tuple[Path, ...], as_json: bool) -> int:
    """Say whether, and how, retint coloured FILES."""
    from retint import files

    failed = False
    for path in paths:
        try:
            said = xmp.provenance(files.read_metadata(path).xmp)
        except PhotoError as error:
            complain(f"{path}: {error}")
            failed = True
            continue
        if as_json:
            print(json.dumps({"file": str(path), "provenance": said}))
        elif said is None:
            print(printable(f"{path}: nothing says that retint coloured it"))
        else:
            print(printable(f"{path}: coloured by {said.pop('Software', 'retint')}"))
            for name, value in said.items():
                shown = value if isinstance(value, str) else json.dumps(value)
                print(printable(f"  {name.lower()}: {shown}"))
    return SOME_FAILED if failed else ALL_DONE
