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
from retint.extras import install
from retint.film.containers import is_film


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
    from retint.batch.listing import list_files

    anchors = None if trust is None else _anchors(trust)
    failed = False
    for each in list_files(paths, Naming(recursive=recursive, **selection(given))):
        path = each.path
        try:
            if each.problem:
                raise PhotoError(each.problem)
            said = _of_film(path) if is_film(path) else _of_photo(path)
            credentials = _credentials(path, anchors)
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


def _of_photo(path: Path) -> dict[str, Any] | None:
    from retint import files
    from retint.files import xmp

    said = xmp.provenance(files.read_metadata(path).xmp)
    if said and said.get("Lightness") == "exact":
        said["Lightness"] = _check_lightness(path, str(said.get("Coefficients")))
    return said


def _check_lightness(path: Path, sha256: str) -> str:
    """Whether the file still has the coefficients that it was written with."""
    from retint.files.jpeg import coefficients

    if not coefficients.is_there():
        return f"exact (to verify: {install('exact')})"
    with coefficients.opened(path.read_bytes()) as source:
        same = source.fingerprint() == sha256
    return "exact" if same else "was exact, but has been changed since"


def _of_film(path: Path) -> dict[str, Any] | None:
    from retint.film.joining import read_provenance

    said = read_provenance(path)
    return said and {name.title(): value for name, value in said.items()}


def _anchors(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read the trusted certificates: {reason(error)}") from None


def _credentials(path: Path, anchors: bytes | None) -> str:
    """The Content Credentials of a file in one line; empty if it has none."""
    from retint import credentials

    if not credentials.has_credentials(path):
        return ""
    if not credentials.is_there():
        return f"present (to verify: {install(credentials.EXTRA)})"
    found = credentials.read(path, credentials.type_of(path), anchors)
    return "" if found is None else str(found)
