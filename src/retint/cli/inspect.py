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

NO_RECORD = "no record that retint colored it"


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
@cloup.option(
    "--json-ld",
    is_flag=True,
    help="Print an HTML element with schema.org's terms for each file that retint colored.",
)
@cloup.option(
    "--url", default="", help="Web address under which the folder of the pictures is published."
)
@debug_option
def inspect(
    paths: tuple[Path, ...], as_json: bool, recursive: bool, trust: Path | None, json_ld: bool,
    url: str, **given: Any,
) -> int:  # fmt: skip
    """Show whether and how retint colored FILES.

    FILES are pictures, films and folders. Also shows and verifies Content Credentials (C2PA) of any
    signer.
    """
    from retint.batch.inspecting import credentials_of, record_of
    from retint.batch.listing import SUBFOLDERS_LEFT_OUT, leaves_subfolders, list_files

    if url and not json_ld:
        raise UsageError("--url requires --json-ld")
    if json_ld and as_json:
        raise UsageError("--json and --json-ld exclude each other")
    anchors = None if trust is None else _anchors(trust)
    failed = False
    naming = Naming(recursive=recursive, **selection(given))
    for each in list_files(paths, naming):
        path = each.path
        try:
            if each.problem:
                raise PhotoError(each.problem)
            if json_ld:
                _print_json_ld(path, each.name, url)
                continue
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
            print(printable(f"{path}: {NO_RECORD}"))
        else:
            print(printable(f"{path}: colored by {said.pop('Software', 'retint')}"))
            for name, value in said.items():
                shown = value if isinstance(value, str) else json.dumps(value)
                print(printable(f"  {name.lower()}: {shown}"))
        if credentials:
            print(printable(f"  content credentials: {credentials}"))
    if leaves_subfolders(paths, naming):
        complain(SUBFOLDERS_LEFT_OUT)
    return SOME_FAILED if failed else ALL_DONE


def _print_json_ld(path: Path, name: str, url: str) -> None:
    from retint.batch.json_ld import element, media_object

    found = media_object(path, name, url)
    if found is None:
        complain(f"{path}: {NO_RECORD}")
    else:
        print(element(found))


def _anchors(path: Path) -> bytes:
    from retint.files.confined import open_existing

    try:
        with open_existing(path) as file:
            return file.read()
    except OSError as error:
        raise UsageError(f"cannot read the trusted certificates: {reason(error)}") from None
