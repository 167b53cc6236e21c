"""An output folder with its memory: what earlier runs made, and what this one does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from retint.batch.manifest import Manifest
from retint.batch.runner import Record


def made_before(output: Path | None) -> set[Path]:
    """Resolved paths of the files in an output folder that are as earlier runs have left them."""
    return Manifest(output).made() if output is not None and output.is_dir() else set()


@contextmanager
def recorded(
    output: Path, how: dict[str, Any], how_films: dict[str, Any], *, resume: bool
) -> Iterator[Record]:
    """Keep a folder for one run, which writes down what it does; raises as `Manifest.held`."""
    manifest = Manifest(output)
    with manifest.held():
        yield Record(manifest, output, how, resume=resume, how_films=how_films)
