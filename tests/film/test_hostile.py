"""Hundreds of broken films are coloured or refused, within limits of time and memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ..reader import Reader
from ..sizes import FILM_MUTATIONS
from . import filmer
from .mutations import KINDS, mutated, whole
from .test_odd import broken_packets, with_cover
from .test_opening import SCRIPTS

pytestmark = pytest.mark.timeout(0)  # as many as asked for; the reader limits each

SECONDS = 20.0
MEGABYTES = 1000
"""What one may take; a changed header may claim frames of 8,192 pixels to a side."""


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    reader = Reader(filmer.__name__, SECONDS)
    yield reader
    reader.stop()
    print(f"\n{reader.table()}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / filmer.OUT).mkdir()
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def came_of(reader: Reader, path: Path, kind: str) -> str:
    """What the reader says, and what else has become of the folders."""
    answer = reader(path, kind)
    path.unlink()
    root = path.parent.parent
    left = sorted(each.relative_to(root).as_posix() for each in root.rglob("*"))
    parts = [each for each in left if ".retint-shots" in each]  # finished shots, to go on from
    for each in sorted(parts, reverse=True):
        (root / each).rmdir() if (root / each).is_dir() else (root / each).unlink()
    strange = sorted(set(left) - {"in", filmer.OUT, *parts})
    if strange:
        return f"fault: it has left {strange}"
    return answer


@pytest.mark.parametrize("kind", KINDS)
def test_whole_films_are_coloured(reader: Reader, folder: Path, kind: str) -> None:
    path = folder / f"whole{KINDS[kind].ending}"
    path.write_bytes(whole(kind))
    assert came_of(reader, path, kind) == "ok"


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_films_cause_no_fault(reader: Reader, folder: Path, kind: str) -> None:
    faults = {}
    for seed in range(FILM_MUTATIONS):
        path = folder / f"mutated{KINDS[kind].ending}"
        path.write_bytes(mutated(kind, seed))
        answer = came_of(reader, path, kind)
        if answer.startswith("fault"):
            faults[seed] = answer
    assert faults == {}
    assert reader.counts[kind].megabytes < MEGABYTES


@pytest.mark.parametrize(
    ("kind", "seed"),
    [
        ("Matroska, FFV1 and FLAC", 42),  # sound without a format
        ("FLV, H.263 and AAC", 215),  # a stream that appears late
        ("WMV and MP3", 208),  # a position before the beginning
        ("MPEG-TS, MPEG-2 and MP2", 82),  # no transport stream by its content
    ],
)
def test_mutations_that_once_failed(reader: Reader, folder: Path, kind: str, seed: int) -> None:
    path = folder / f"mutated{KINDS[kind].ending}"
    path.write_bytes(mutated(kind, seed))
    assert not came_of(reader, path, kind).startswith("fault")


def test_mutations_are_many_and_always_the_same() -> None:
    for kind in KINDS:
        found = [mutated(kind, seed) for seed in range(20)]
        assert found == [mutated(kind, seed) for seed in range(20)]
        assert len(set(found)) > 15


@pytest.mark.parametrize("kind", SCRIPTS)
def test_scripts_are_refused(reader: Reader, folder: Path, kind: str) -> None:
    path = folder / "script.mp4"
    path.write_text(SCRIPTS[kind])
    assert came_of(reader, path, "scripts").startswith("refused")


@pytest.mark.parametrize(
    ("name", "make"),
    [("broken.mkv", lambda path: broken_packets(path, 150_000)), ("cover.mp4", with_cover)],
)
def test_odd_films_are_coloured(
    reader: Reader, folder: Path, name: str, make: Callable[[Path], Path]
) -> None:
    assert came_of(reader, make(folder / name), "odd ones") == "ok"
