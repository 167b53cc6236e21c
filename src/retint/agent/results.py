"""Which existing files an agent may replace."""

from __future__ import annotations

from pathlib import Path

from retint.batch.inspecting import record_of
from retint.batch.lines import File
from retint.errors import ExistsError, RetintError, cannot_write
from retint.files.atomic import is_taken


class Results:
    """Files that retint wrote: those that say so, and those of this server that did not change."""

    def __init__(self, *, force: bool = False) -> None:
        """Parameters
        ----------
        force
            Whether all other files may be replaced, too.
        """
        self.force = force
        self._written: dict[Path, File] = {}

    def check(self, target: Path, *, overwrite: bool) -> bool:
        """Whether a file is there, which may be replaced.

        Raises
        ------
        ExistsError
            If it must not be replaced.
        """
        if not is_taken(target):
            return False
        if not overwrite:
            raise ExistsError.of(target)
        if not (self.force or self._is_result(target)):
            raise ExistsError(
                f"{target} already exists and is not a result of retint; choose another name"
            )
        return True

    def add(self, target: Path) -> None:
        """Remember a file that was written."""
        # Restored pictures say nothing about retint.
        self._written[target] = File.of(target, target.name)

    def _is_result(self, target: Path) -> bool:
        known = self._written.get(target)
        if known is not None and known.is_still(target):
            return True
        try:
            return record_of(target) is not None
        except (OSError, RetintError):
            return False


def make_folder(target: Path) -> None:
    """Make the folder of a file that is to be written; raises PhotoError if that fails."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(target, error) from error
