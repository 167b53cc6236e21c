"""Restores many pictures: determines the files, and refuses those that would replace others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from retint import files
from retint.batch.listing import SUBFOLDERS_LEFT_OUT, list_files
from retint.batch.names import TAKEN
from retint.batch.naming import Naming, is_folder
from retint.batch.unit import FAILED
from retint.errors import PhotoError, UsageError, message_of
from retint.files import confined, xmp
from retint.files.formats import MARK
from retint.film.containers import is_film
from retint.picture.restore import record_beside, restore, restored_path


@dataclass(frozen=True)
class Restoring:
    """The outcome for one picture."""

    source: Path
    target: Path | None = None
    """None if it failed, or is a picture of a folder that retint did not colour."""
    error: str = ""
    remarks: tuple[str, ...] = ()


@dataclass
class Tally:
    """Counts of outcomes."""

    subfolders: bool = False
    """Whether subfolders with pictures are left out because `recursive` is off."""

    restored: int = 0
    left_out: int = 0
    failures: list[Restoring] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Number of pictures."""
        return self.restored + self.left_out + len(self.failures)

    def add(self, outcome: Restoring) -> None:
        """Count an outcome."""
        if outcome.error:
            self.failures.append(outcome)
        elif outcome.target is None:
            self.left_out += 1
        else:
            self.restored += 1

    def __str__(self) -> str:
        counts = {
            "restored": self.restored,
            "not colored by retint": self.left_out,
            FAILED: len(self.failures),
        }
        counted = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        return f"{counted}; {SUBFOLDERS_LEFT_OUT}" if self.subfolders else counted


def restore_all(paths: Iterable[Path], naming: Naming, *, overwrite: bool) -> Iterator[Restoring]:
    """Restore files, and in folders the pictures that retint coloured.

    Parameters
    ----------
    naming
        The output, a folder if there are several pictures, and which files of folders are wanted.

    Raises
    ------
    UsageError
        If several pictures would go into one file.
    """
    paths = list(paths)
    to_folder = is_folder(naming, several=len(paths) > 1 or any(each.is_dir() for each in paths))
    listed = list_files(paths, naming)
    taken = {each.path.resolve(): "a source; it is not overwritten" for each in listed}
    for each in listed:
        if each.problem:
            yield Restoring(each.path, error=each.problem)
            continue
        if each.of_folder and not _is_coloured(each.path):
            yield Restoring(each.path)
            continue
        target = restored_path(each.path)
        if naming.output is not None:
            target = naming.output
            if to_folder:
                stem = each.path.stem.removesuffix(MARK)
                target = target / Path(each.name).with_name(f"{stem}{each.path.suffix}")
        place = target.resolve()
        if place in taken:
            yield Restoring(each.path, error=f"{target} is {taken[place]}")
            continue
        taken[place] = TAKEN
        folder = naming.output if to_folder else None
        yield _restored(each.path, target, folder, overwrite=overwrite)


def _restored(source: Path, target: Path, folder: Path | None, *, overwrite: bool) -> Restoring:
    """Restore a picture; its target must not lead out of the output folder, if there is one."""
    try:
        if folder is not None:
            confined.check_folder(target, folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        made = restore(source, target, overwrite=overwrite)
    except UsageError:
        raise
    except Exception as error:  # the others are restored nevertheless
        return Restoring(source, error=message_of(error))
    return Restoring(source, made.path, remarks=made.remarks)


def _is_coloured(path: Path) -> bool:
    """Whether a picture has a record that retint coloured it; True if that cannot be read."""
    if is_film(path):
        return False
    try:
        said = xmp.provenance(files.read_metadata(path).xmp) or record_beside(path)
        return said is not None
    except PhotoError:
        return True
