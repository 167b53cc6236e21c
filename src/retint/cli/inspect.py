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
from retint.errors import PhotoError
from retint.extras import install
from retint.film.containers import is_film


@cloup.command()
@cloup.argument("paths", metavar="FILES...", nargs=-1, required=True, type=A_PATH)
@cloup.option_group("Folders", recursive_option, *SELECTION)
@cloup.option("--json", "as_json", is_flag=True, help="Print one JSON line per file.")
@debug_option
def inspect(paths: tuple[Path, ...], as_json: bool, recursive: bool, **given: Any) -> int:
    """Show whether and how retint colored FILES, and the pictures and films in folders."""
    from retint.batch.listing import list_files

    failed = False
    for each in list_files(paths, Naming(recursive=recursive, **selection(given))):
        path = each.path
        try:
            if each.problem:
                raise PhotoError(each.problem)
            said = _of_film(path) if is_film(path) else _of_photo(path)
        except PhotoError as error:
            complain(f"{path}: {error}")
            failed = True
            continue
        if as_json:
            print(json.dumps({"file": str(path), "provenance": said}))
        elif said is None:
            print(printable(f"{path}: no record that retint colored it"))
        else:
            print(printable(f"{path}: colored by {said.pop('Software', 'retint')}"))
            for name, value in said.items():
                shown = value if isinstance(value, str) else json.dumps(value)
                print(printable(f"  {name.lower()}: {shown}"))
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
