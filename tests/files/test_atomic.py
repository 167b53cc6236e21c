"""Files appear only when complete, and do not replace others if so requested."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from retint.files.atomic import partials


def appears(path: Path) -> None:
    path.write_bytes(b"somebody's")


def keep(targets: list[Path], fill: Callable[[list[Path]], None]) -> None:
    """Write files that replace nothing."""
    with partials(targets, new=targets) as files:
        fill(files)


@pytest.fixture(params=["hard links", "no hard links"])
def file_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "no hard links":

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "link", refuse)


@pytest.mark.usefixtures("file_system")
def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "a.png"

    def fill(files: list[Path]) -> None:
        files[0].write_bytes(b"ours")
        appears(target)

    with pytest.raises(FileExistsError):
        keep([target], fill)
    assert target.read_bytes() == b"somebody's"
    assert [each.name for each in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.usefixtures("file_system")
def test_all_appear_or_none_does(tmp_path: Path) -> None:
    first, second = tmp_path / "a.png", tmp_path / "b.png"

    def fill(files: list[Path]) -> None:
        for each in files:
            each.write_bytes(b"ours")
        appears(second)

    with pytest.raises(FileExistsError):
        keep([first, second], fill)
    assert not first.exists()
    assert second.read_bytes() == b"somebody's"


@pytest.mark.usefixtures("file_system")
def test_files_are_created_or_replaced(tmp_path: Path) -> None:
    old, new = tmp_path / "old.png", tmp_path / "new.png"
    appears(old)
    with partials([old, new], new=[new]) as files:
        for each in files:
            each.write_bytes(b"ours")
    assert old.read_bytes() == new.read_bytes() == b"ours"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["new.png", "old.png"]
    assert new.stat().st_nlink == 1


@pytest.mark.usefixtures("file_system")
def test_a_dangling_link_counts_as_an_existing_file(tmp_path: Path) -> None:
    target = tmp_path / "a.png"
    target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError):
        keep([target], lambda files: appears(files[0]))
    assert target.is_symlink()
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.usefixtures("file_system")
def test_a_failure_at_the_last_step_leaves_no_empty_file(tmp_path: Path) -> None:
    target = tmp_path / "a.png"
    with pytest.raises(FileNotFoundError):
        keep([target], lambda _: None)  # nothing was written
    assert not target.exists()
