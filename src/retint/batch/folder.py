"""An output folder with the manifest of earlier runs and of this one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from retint.batch.manifest import Manifest
from retint.batch.record import Record


def unchanged_results(output: Path | None) -> set[Path]:
    """Resolved paths of files in an output folder that are unchanged since earlier runs."""
    return Manifest(output).results() if output is not None and output.is_dir() else set()


@contextmanager
def recorded(
    output: Path, how: dict[str, Any], how_films: dict[str, Any], *, resume: bool
) -> Iterator[Record]:
    """Lock a folder for one run and open its manifest; raises like `Manifest.locked`."""
    manifest = Manifest(output)
    with manifest.locked():
        yield Record(manifest, output, how, resume=resume, how_films=how_films)


@contextmanager
def recorded_beside(
    folders: Iterable[Path], how: dict[str, Any], how_films: dict[str, Any], *, resume: bool
) -> Iterator[dict[Path, Record]]:
    """The same for results beside their sources: a manifest in each given folder."""
    found: dict[Path, Record] = {}
    with ExitStack() as stack:
        by_place: dict[Path, Record] = {}  # a folder may be given by several names
        for folder in folders:
            place = folder.resolve()
            if place not in by_place:
                by_place[place] = stack.enter_context(
                    recorded(folder, how, how_films, resume=resume)
                )
            found[folder] = replace(by_place[place], folder=folder)
        yield found
