"""What belongs to results besides their pixels: sidecars, file times, remarks, counts."""

from __future__ import annotations

import io
import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("pyarrow")
pytest.importorskip("fsspec")

from retint import files
from retint.batch.naming import Naming
from retint.batch.unit import COLORED
from retint.cluster import index
from retint.cluster.places import Place
from retint.cluster.work import UNIT, Colorize, RunConfig
from retint.errors import PhotoError
from retint.files import xmp

from ..batch.test_sidecars import OLD, PACKET, made_old, modified, picture, sidecar
from ..cli.test_main import run as retint_run

NAMING = Naming(Path("-"), to_folder=True)


def rows_of(source: Path, **config: Any) -> list[index.Row]:
    """The rows of a run without Ray."""
    job = RunConfig(str(source), str(source.parent / "out"), "mean", {}, {}, 10**6, threads=1,
                    **config)  # fmt: skip
    listed = index.table_bytes(list(index.rows(Place(str(source)), NAMING)))
    (made,) = Colorize(job)({UNIT: list(index.units(listed, 100))})[UNIT]
    return index.read_rows(made)


def test_sidecars_are_copied_with_the_record(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.png", "c.jpg"):
        picture(tmp_path / "in" / name, 6)
    sidecar(tmp_path / "in" / "a.xmp")
    sidecar(tmp_path / "in" / "b.png.XMP")
    sidecar(tmp_path / "in" / "c.xmp", "no xml")
    rows = rows_of(tmp_path / "in")
    assert {each["status"] for each in rows} == {COLORED}
    for name in ("a.xmp", "b.png.xmp"):
        content = (tmp_path / "out" / name).read_bytes()
        said = xmp.provenance(content)
        assert said is not None
        assert said["Method"] == "mean"
        assert "Großmutter" in content.decode()
        assert b"ConvertToGrayscale" not in content
    # As with folders: exact lightness keeps the orientation, pixels of PNG are turned.
    assert b"0.675, 0.25, 0.25, 0.1" in (tmp_path / "out" / "b.png.xmp").read_bytes()
    assert [each["remarks"] for each in rows if each["source"] == "c.jpg"] == [
        ["its sidecar c.xmp was not copied: it is not XMP"]
    ]
    assert not (tmp_path / "out" / "c.xmp").exists()


def test_sidecars_are_those_of_a_run_over_folders(tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.jpg", 6)
    sidecar(tmp_path / "in" / "a.xmp")
    rows_of(tmp_path / "in")
    plain = (tmp_path / "in", "-o", tmp_path / "plain", "--method", "mean", "--quiet")
    assert retint_run(*plain, "--threads", 1) == 0
    assert (tmp_path / "out" / "a.xmp").read_bytes() == (tmp_path / "plain" / "a.xmp").read_bytes()


@pytest.mark.parametrize("overwrite", [False, True])
def test_an_existing_sidecar_stays_unless_it_may_be_overwritten(
    tmp_path: Path, overwrite: bool
) -> None:
    picture(tmp_path / "in" / "a.jpg")
    sidecar(tmp_path / "in" / "a.xmp")
    (tmp_path / "out").mkdir()
    before = sidecar(tmp_path / "out" / "a.xmp", PACKET.replace("mutter", "vater")).read_bytes()
    (row,) = rows_of(tmp_path / "in", overwrite=overwrite)
    assert row["status"] == COLORED
    assert ((tmp_path / "out" / "a.xmp").read_bytes() == before) != overwrite
    assert row["remarks"] == ([] if overwrite else ["a.xmp exists and was not replaced"])


def test_an_index_names_no_sidecars_elsewhere(tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.png")
    sidecar(tmp_path / "secret.xmp")
    (tmp_path / "in" / "notes.txt").write_text(PACKET, encoding="utf-8")
    (row,) = index.rows(Place(str(tmp_path / "in")), NAMING)
    row |= {index.SIDECARS: ["../secret.xmp", "notes.txt"]}
    job = RunConfig(str(tmp_path / "in"), str(tmp_path / "out"), "mean", {}, {}, 10**6, threads=1)
    made = Colorize(job).row(row)
    assert len(made["remarks"]) == 2
    assert "outside" in made["remarks"][0]
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["a.png"]


def test_file_times_are_kept(tmp_path: Path) -> None:
    made_old(picture(tmp_path / "in" / "a.jpg"))
    made_old(sidecar(tmp_path / "in" / "a.xmp"))
    rows_of(tmp_path / "in", keep_times=True)
    assert [modified(tmp_path / "out" / name) for name in ("a.jpg", "a.xmp")] == [OLD, OLD]


def test_remarks_are_those_of_a_run_over_folders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = picture(tmp_path / "in" / "a.jpg")
    path.write_bytes(path.read_bytes() + path.read_bytes())
    (row,) = rows_of(tmp_path / "in")
    (remark,) = row["remarks"]
    plain = (tmp_path / "in", "-o", tmp_path / "plain", "--method", "mean", "--threads", 1)
    assert retint_run(*plain) == 0
    assert f"a.jpg: {remark}\n" in capsys.readouterr().err


def test_the_same_files_are_read_and_ignored_as_in_folders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in"
    for name in ("a.jpg", "b.jpg"):
        picture(source / name)
    for name in ("a.xmp", "b.jpg.xmp", "orphan.xmp", "notes.txt", ".hidden.txt", "archive.zip"):
        sidecar(source / name)
    (source / "link.jpg").symlink_to("a.jpg")
    (source / "away.jpg").symlink_to("nowhere")
    os.mkfifo(source / "pipe.png")
    (source / "folder.jpg").symlink_to(tmp_path)
    ignored: Counter[str] = Counter()
    listed = list(index.rows(Place(str(source)), NAMING, ignored))
    assert retint_run(source, "-o", tmp_path / "out", "--dry-run", "--json") == 1
    said = capsys.readouterr()
    plain = {Path(json.loads(each)["input"]).name for each in said.out.splitlines()}
    assert {each["source"] for each in listed} == plain
    counted = re.search(r"(\d+) files of other types", said.err)
    assert counted is not None
    assert ignored.total() == int(counted[1]) == 4
    rows = {each["source"]: each for each in rows_of(source)}
    assert rows["link.jpg"]["status"] == COLORED
    assert "No such file" in rows["away.jpg"]["error"]


def test_raw_files_are_recognized_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the thumbnail of a NEF, a TIFF inside, would be colored."""
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((24, 32), np.uint8)).save(buffer, "TIFF")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.nef").write_bytes(buffer.getvalue())

    def developed(*_: Any) -> Any:
        raise PhotoError("developed")

    monkeypatch.setattr(files.raw, "develop", developed)
    (row,) = rows_of(tmp_path / "in")
    assert row["error"] == "developed"


def test_an_index_that_names_countless_sidecars(tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.jpg", 6)
    source = tmp_path / "in"
    (row,) = index.rows(Place(str(source)), NAMING)
    row[index.SIDECARS] = [f"{number}.xmp" for number in range(3000)]
    job = RunConfig(str(source), str(tmp_path / "out"), "mean", {}, {}, 10**6, threads=1)
    made = Colorize(job).row(row)
    assert made["status"] == COLORED
    assert len(made["remarks"]) == 3
    assert "names 3000 sidecars" in " ".join(made["remarks"])
