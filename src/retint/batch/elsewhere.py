"""Results that manifests of other folders list: those of runs of a subfolder, or of a parent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from retint.batch.lines import Entry
from retint.batch.manifest import Manifest
from retint.batch.names import MANIFEST
from retint.errors import UsageError


class Elsewhere:
    """The manifests around a run's own one; they are read without a lock, and never written."""

    def __init__(self) -> None:
        self._known: dict[Path, Manifest | None] = {}

    def valid_entry(self, target: Path, source: Path, how: dict[str, Any]) -> Entry | None:
        """The entry of an output, if it is valid for this input and these settings."""
        for folder, manifest in self._around(target):
            if done := manifest.valid_entry(_name(target, folder), source, how):
                return done
        return None

    def is_ours(self, output: Path, target: Path) -> bool:
        """Whether a file is unchanged since a run wrote it for the job of a target."""
        return any(
            manifest.is_ours(_name(output, folder), _name(target, folder))
            for folder, manifest in self._around(target)
        )

    def results(self, folder: Path) -> set[Path]:
        """Resolved paths of the unchanged results that the manifest in a folder lists."""
        try:
            return Manifest(folder).results()
        except UsageError:
            return set()

    def _around(self, target: Path) -> list[tuple[Path, Manifest]]:
        found = ((each, self._in(each)) for each in target.absolute().parents)
        return [(folder, manifest) for folder, manifest in found if manifest is not None]

    def _in(self, folder: Path) -> Manifest | None:
        if folder not in self._known:
            manifest = None
            if (folder / MANIFEST).is_file():
                manifest = Manifest(folder)
                try:
                    manifest.load()
                except UsageError:  # one that cannot be read says nothing
                    manifest = None
            self._known[folder] = manifest
        return self._known[folder]


def _name(path: Path, folder: Path) -> str:
    return path.absolute().relative_to(folder).as_posix()
