"""Which files count as complete."""

from __future__ import annotations

import os
from pathlib import Path

from retint.batch.growth import Growth


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_file_is_complete_when_it_has_not_changed_for_a_while(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "scan.tif"
    growth = Growth(2, clock)
    path.write_bytes(b"begin")
    assert growth.update([path]) == ({}, [path])
    clock.now = 1
    path.write_bytes(b"begin and more")
    assert growth.update([path]) == ({}, [path])
    clock.now = 2.5  # 1.5 seconds after the change was seen
    assert growth.update([path]) == ({}, [path])
    clock.now = 3
    complete, growing = growth.update([path])
    assert list(complete) == [path]
    assert not growing


def test_a_change_of_the_same_size_counts(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "scan.tif"
    growth = Growth(2, clock)
    path.write_bytes(b"begin")
    growth.update([path])
    os.utime(path, ns=(1, 1))
    clock.now = 5
    assert growth.update([path]) == ({}, [path])


def test_an_empty_file_is_not_complete(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "scan.tif"
    growth = Growth(0, clock)
    path.touch()
    growth.update([path])
    clock.now = 99
    assert growth.update([path]) == ({}, [path])


def test_a_file_that_disappears_is_forgotten(tmp_path: Path) -> None:
    assert Growth(0).update([tmp_path / "none.tif"]) == ({}, [])
