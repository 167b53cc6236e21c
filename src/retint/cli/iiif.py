"""`retint iiif`: a manifest that offers originals and their colours as a choice."""

from __future__ import annotations

import json
from pathlib import Path

import click
import cloup

from retint.cli.console import ALL_DONE, SOME_FAILED, complain, printable
from retint.cli.flags import A_PATH, debug_option, force_option

NAME = "manifest.json"


@cloup.command()
@cloup.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@cloup.option(
    "--url", required=True, help="Web address under which FOLDER is published (https://...)."
)
@cloup.option(
    "--originals",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the originals.  [default: FOLDER]",
)
@cloup.option(
    "--originals-url", help="Web address of the folder of the originals.  [default: that of --url]"
)
@cloup.option("--label", help="Title of the collection.  [default: name of FOLDER]")
@cloup.option(
    "-o", "--output", type=A_PATH, help=f"Manifest to write.  [default: {NAME} in FOLDER]"
)
@force_option
@debug_option
def iiif(
    folder: Path, url: str, originals: Path | None, originals_url: str | None, label: str | None,
    output: Path | None, force: bool,
) -> int:  # fmt: skip
    """Write a IIIF manifest of the colored pictures in FOLDER.

    Viewers such as Mirador and Universal Viewer show each original first and offer the colors as a
    choice. The manifest says that the colors are a guess.
    """
    from retint import files
    from retint.batch.iiif import Place, manifest, pairs
    from retint.errors import UsageError

    if originals is not None and originals.resolve() != folder.resolve() and not originals_url:
        raise UsageError(
            "--originals requires --originals-url, the address where they are published"
        )
    colored = Place(folder, url)
    own = Place(originals or folder, originals_url or url)
    found, problems = pairs(colored, own)
    target = output or folder / NAME
    said = manifest(found, colored, own, target.name, label or folder.resolve().name)
    content = json.dumps(said, ensure_ascii=False, indent=1)
    files.write(files.Encoded(content.encode()), target, overwrite=force)
    for each in found:
        if each.original is None:
            path = folder / each.colored.name
            complain(f"{path}: its original was not found; only colors are listed")
    for problem in problems:
        complain(problem)
    print(printable(str(target)))
    return SOME_FAILED if problems else ALL_DONE
