"""Untrusted indexes and manifests can only name objects below SRC and DST."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("fsspec")
pytest.importorskip("pyarrow")

from retint.batch.naming import Naming
from retint.batch.unit import COLORED, FAILED
from retint.cluster import index, run
from retint.cluster.places import Place
from retint.cluster.work import Colorize, RunConfig
from retint.errors import UsageError


def photo(path: Path, level: int = 90) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((24, 32), level, np.uint8)).save(path)
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    photo(tmp_path / "in" / "a.png")
    return tmp_path / "in"


@pytest.fixture
def results(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def worker(source: Path, results: Path, **options: Any) -> Colorize:
    return Colorize(RunConfig(str(source), str(results), "mean", {}, {}, 10**6, **options))


def row(source: str, target: str) -> index.Row:
    return {"id": index.identity(source), "shard": 0, "source": source, "target": target,
            "size": 1, "stamp": "x"}  # fmt: skip


OUTSIDE = ("../mine.png", "/mine.png", "sub/../../mine.png", "a\0.png", "", "..",
           "file:///mine.png", "s3://other/mine.png", "local://mine.png")  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_row_reads_and_writes_below_its_roots_only(
    source: Path, results: Path, tmp_path: Path, name: str
) -> None:
    mine = photo(tmp_path / "mine.png")
    before = mine.read_bytes()
    name = name.replace("/mine.png", str(mine)) if name.startswith("/") else name
    colorize = worker(source, results, overwrite=True)
    for given in (row(name, "b.png"), row("a.png", name)):
        said = colorize.row(given)
        assert said["status"] == FAILED
        assert "outside" in said["error"]
    assert mine.read_bytes() == before
    assert not list(results.rglob("*.png"))


def test_two_sources_never_have_one_target(source: Path) -> None:
    for name in ("a.jpg", "a.jpg.png"):
        photo(source / name)
    naming = Naming(Path("-"), to_folder=True, format="jpeg")
    found = {each["source"]: each["target"] for each in index.rows(Place(str(source)), naming)}
    assert found == {
        "a.jpg": "a.jpg.jpg", "a.jpg.png": "a.jpg.png.jpg", "a.png": "a.png.jpg",
    }  # fmt: skip


def test_a_target_does_not_replace_the_source(source: Path, results: Path) -> None:
    before = (source / "a.png").read_bytes()
    said = worker(source, results, overwrite=True).row(row("a.png", "../in/a.png"))
    assert said["status"] == FAILED
    assert (source / "a.png").read_bytes() == before


def test_a_target_in_the_folder_of_manifests_is_refused(source: Path, results: Path) -> None:
    said = worker(source, results).row(row("a.png", "_retint/manifest/a.png"))
    assert said["status"] == FAILED


def test_names_with_colons_and_percents_are_names(source: Path, results: Path) -> None:
    name = "Paris: 50%2e%2e.png"
    photo(source / name)
    assert worker(source, results).row(row(name, name))["status"] == COLORED
    assert (results / name).exists()


@pytest.mark.skipif(os.name == "nt", reason="there are none")
def test_pipes_are_not_waited_for(source: Path, results: Path) -> None:
    os.mkfifo(source / "pipe.png")
    os.mkfifo(results / "a.png")
    naming = Naming(Path("-"), to_folder=True)
    assert [each["source"] for each in index.rows(Place(str(source)), naming)] == ["a.png"]
    for given in (row("pipe.png", "b.png"), row("a.png", "a.png")):
        assert worker(source, results).row(given)["status"] == FAILED


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_that_lead_out_of_the_folder_are_refused(
    source: Path, results: Path, tmp_path: Path
) -> None:
    mine = photo(tmp_path / "mine" / "b.png")
    (source / "b.png").symlink_to(mine)
    (source / "mine").symlink_to(mine.parent)
    (results / "mine").symlink_to(mine.parent)
    colorize = worker(source, results, overwrite=True)
    before = mine.read_bytes()
    for given in (row("b.png", "b.png"), row("mine/b.png", "b.png"), row("a.png", "mine/b.png"),
                  row("a.png", "mine/new.png")):  # fmt: skip
        assert colorize.row(given)["status"] == FAILED, given
    assert mine.read_bytes() == before
    assert [each.name for each in mine.parent.iterdir()] == ["b.png"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_to_folders_are_not_followed_when_it_is_listed(source: Path) -> None:
    (source / "round").symlink_to(source)
    naming = Naming(Path("-"), to_folder=True)
    assert [each["source"] for each in index.rows(Place(str(source)), naming)] == ["a.png"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_to_the_source_is_the_source(source: Path, tmp_path: Path) -> None:
    (tmp_path / "other").symlink_to(source)
    assert Place(str(source)).holds(Place(str(tmp_path / "other")))


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_result_that_is_a_link_is_replaced(source: Path, results: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (results / "a.png").symlink_to(mine)
    assert worker(source, results).row(row("a.png", "a.png"))["status"] == FAILED
    said = worker(source, results, overwrite=True).row(row("a.png", "a.png"))
    assert said["status"] == COLORED, said
    assert not (results / "a.png").is_symlink()
    assert not list(mine.iterdir())


def test_a_file_that_appears_meanwhile_is_kept(
    source: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    colorize = worker(source, results)
    exists = Place.exists

    def late(place: Place, name: str) -> bool:
        found = exists(place, name)
        if name == "a.png":
            (results / "a.png").write_bytes(b"mine")
        return found

    monkeypatch.setattr(Place, "exists", late)
    said = colorize.row(row("a.png", "a.png"))
    assert said["status"] == FAILED
    assert "already exists" in said["error"]
    assert (results / "a.png").read_bytes() == b"mine"


def test_files_that_are_no_part_of_the_manifest_are_passed_over(
    source: Path, results: Path
) -> None:
    place = Place(str(results))
    for name in ("x.parquet", "x/y.parquet", "000000/notes.txt"):
        place.write(f"{index.MANIFEST}/{name}", b"Dear Sir")
    broken = f"{index.MANIFEST}/000000/{0:020d}-000000.parquet"
    place.write(broken, b"PAR1 and no more")
    odd = f"{index.MANIFEST}/000000/{1:020d}-000000.parquet"
    place.write(odd, index.table_bytes([{"id": index.identity("a.png"), "how": 7}]))
    before = run._parts(place)
    assert before == {"0": [broken, odd]}
    assert list(run.manifest(place)) == []
    said = worker(source, results, before=before).row(row("a.png", "a.png"))
    assert said["status"] == COLORED, said


def test_a_manifest_cannot_claim_unwritten_files(source: Path, results: Path) -> None:
    (results / "a.png").write_bytes(b"mine")
    known = dict.fromkeys(("source", "status", "stamp", "how", "input", "error"), "") | {
        "id": index.identity("a.png"), "shard": 0, "target": "other.png", "seconds": 0.0,
        "output": hashlib.sha256(b"mine").hexdigest(),
    }  # fmt: skip
    part = f"{index.MANIFEST}/000000/{0:020d}-000000.parquet"
    Place(str(results)).write(part, index.table_bytes([known]))
    said = worker(source, results, before={"0": [part]}).row(row("a.png", "a.png"))
    assert said["status"] == FAILED
    assert (results / "a.png").read_bytes() == b"mine"


def test_partial_files_of_killed_runs_are_removed(results: Path) -> None:
    (results / "sub").mkdir()
    old, new, theirs = (results / "sub" / each for each in (
        ".a.png.0123abcd.partial", ".b.png.0123abcd.partial", "a.partial"))  # fmt: skip
    for path in (old, new, theirs):
        path.write_bytes(b"half")
    hour_ago = time.time() - 3600
    for path in (old, theirs):
        os.utime(path, (hour_ago, hour_ago))
    Place(str(results)).sweep()
    assert sorted(each.name for each in (results / "sub").iterdir()) == [new.name, theirs.name]


def test_an_invalid_index_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "i.parquet"
    path.write_bytes(index.table_bytes([dict.fromkeys(index.COLUMNS, 7)]))
    with pytest.raises(UsageError, match="is not an index"):
        index.ready(str(path))
