"""`retint inspect`: how a picture was coloured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cloup

from retint.batch.naming import Naming
from retint.cli.console import ALL_DONE, SOME_FAILED, complain, printable
from retint.cli.flags import A_PATH, debug_option
from retint.cli.selection import SELECTION, recursive_option, selection
from retint.errors import PhotoError, UsageError, reason


@cloup.command()
@cloup.argument("paths", metavar="FILES...", nargs=-1, required=True, type=A_PATH)
@cloup.option_group("Folders", recursive_option, *SELECTION)
@cloup.option("--json", "as_json", is_flag=True, help="Print one JSON line per file.")
@cloup.option(
    "--trust",
    type=A_PATH,
    metavar="FILE",
    help="Trust signers of Content Credentials if a certificate in this PEM file vouches for them.",
)
@debug_option
def inspect(
    paths: tuple[Path, ...], as_json: bool, recursive: bool, trust: Path | None, **given: Any
) -> int:
    """Show whether and how retint colored FILES, and the pictures and films in folders.

    Content Credentials (C2PA) are shown and verified, whoever signed them.
    """
    from retint.batch.inspecting import credentials_of, record_of
    from retint.batch.listing import list_files

    anchors = None if trust is None else _anchors(trust)
    failed = False
    for each in list_files(paths, Naming(recursive=recursive, **selection(given))):
        path = each.path
        try:
            if each.problem:
                raise PhotoError(each.problem)
            said = record_of(path)
            credentials = credentials_of(path, anchors)
        except PhotoError as error:
            complain(f"{path}: {error}")
            failed = True
            continue
        if as_json:
            found = {"file": str(path), "provenance": said}
            print(json.dumps(found | ({"credentials": credentials} if credentials else {})))
            continue
        if said is None:
            print(printable(f"{path}: no record that retint colored it"))
        else:
            print(printable(f"{path}: colored by {said.pop('Software', 'retint')}"))
            for name, value in said.items():
                shown = value if isinstance(value, str) else json.dumps(value)
                print(printable(f"  {name.lower()}: {shown}"))
        if credentials:
            print(printable(f"  content credentials: {credentials}"))
    return SOME_FAILED if failed else ALL_DONE


def _anchors(path: Path) -> bytes:
    from retint.files.confined import open_existing

    try:
        with open_existing(path) as file:
            return file.read()
    except OSError as error:
        raise UsageError(f"cannot read the trusted certificates: {reason(error)}") from None
