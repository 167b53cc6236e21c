"""`retint inspect` and `retint restore`: what was done to a picture, and how it was before."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from retint.cli.console import ALL_DONE, SOME_FAILED, complain
from retint.cli.options import debug_option, force_option, quiet_option
from retint.errors import PhotoError
from retint.files import xmp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from retint.files.photo import Photo

MARK = ".restored"


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line for each file.")
@debug_option
def inspect(files: tuple[Path, ...], as_json: bool, debug: bool) -> int:  # noqa: ARG001
    """Say whether, and how, retint coloured FILES."""
    from retint.files import photo as photos

    failed = False
    for path in files:
        try:
            said = xmp.provenance(photos.read_metadata(path).xmp)
        except PhotoError as error:
            complain(f"{path}: {error}")
            failed = True
            continue
        if as_json:
            print(json.dumps({"file": str(path), "provenance": said}))
        elif said is None:
            print(f"{path}: nothing says that retint coloured it")
        else:
            print(f"{path}: coloured by {said.pop('Software', 'retint')}")
            for name, value in said.items():
                shown = value if isinstance(value, str) else json.dumps(value)
                print(f"  {name.lower()}: {shown}")
    return SOME_FAILED if failed else ALL_DONE


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="[default: NAME.restored.EXT beside it]"
)
@force_option
@quiet_option
@debug_option
def restore(
    file: Path,
    output: Path | None,
    force: bool,
    quiet: bool,
    debug: bool,  # noqa: ARG001
) -> int:
    """Give back the black-and-white picture that FILE was coloured from.

    Colouring leaves lightness as it is, so it is all still there. A picture that was toned, brown
    or blue, comes back neutral.
    """
    from retint.files import photo as photos

    try:
        photo = photos.read(file)
        if photo.pixels.ndim == 2:
            raise PhotoError("it is black and white already")
        target = output or file.with_name(f"{file.stem.removesuffix('.retint')}{MARK}{file.suffix}")
        said = xmp.provenance(photo.metadata.xmp) or {}
        metadata = replace(photo.metadata, xmp=xmp.without_provenance(photo.metadata.xmp))
        pages = tuple(replace(page, pixels=_grey(page)) for page in photo.pages)
        grey = replace(photo, pixels=_grey(photo), metadata=metadata, pages=pages)
        photos.write(grey, target, overwrite=force)
    except PhotoError as error:
        complain(f"{file}: {error}")
        return SOME_FAILED
    if not quiet:
        print(target)
        if said.get("Original") == "toned":
            complain(f"{file}: the original was toned; it comes back neutral")
        if not said:
            complain(f"{file}: nothing says that retint coloured it; its lightness was kept anyway")
    return ALL_DONE


def _grey(photo: Photo) -> NDArray[Any]:
    from retint import lab

    return photo.pixels if photo.pixels.ndim == 2 else lab.grey(photo.pixels)
