from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from retint.batch import runner as batch
from retint.batch.jobs import plan
from retint.batch.manifest import Manifest
from retint.batch.naming import Job, Naming
from retint.batch.outcome import Outcome, Tally
from retint.batch.record import Record
from retint.batch.records import Records
from retint.batch.runner import Runner
from retint.errors import PhotoError
from retint.files import Format, Photo, writing
from retint.picture.pipeline import Pipeline
from retint.picture.request import Result


def runner(unet: Pipeline, *, overwrite: bool = False) -> Runner:
    return Runner(lambda photo, _: Result([unet(photo)]), Records(overwrite), max_pixels=10**6)


def test_failures_do_not_stop_the_others(photo: Path, unet: Pipeline) -> None:
    broken = photo.with_name("broken.jpg")
    broken.write_bytes(photo.read_bytes()[:400])
    bad, good = batch.run(plan([broken, photo], Naming()), runner(unet))
    assert bad.error
    assert bad.size is None
    assert not good.error
    assert good.size == (128, 256)
    assert np.asarray(Image.open(good.job.target)).shape == (128, 256, 3)
    assert not list(photo.parent.glob(".*"))


def test_existing_target_is_kept(photo: Path, unet: Pipeline) -> None:
    target = photo.with_name("photo.retint.jpg")
    target.write_bytes(b"dear")
    jobs = plan([photo], Naming())
    (outcome,) = batch.run(jobs, runner(unet))
    assert "`overwrite`" in outcome.error
    assert target.read_bytes() == b"dear"
    (outcome,) = batch.run(jobs, runner(unet, overwrite=True))
    assert not outcome.error
    assert target.read_bytes() != b"dear"


def test_workers_run_side_by_side_and_answer_in_order() -> None:
    together = threading.Barrier(3, timeout=10)

    def work(job: Job) -> Outcome:
        if job.name in "abc":
            together.wait()  # only three at a time get past it
        time.sleep(0.05 if job.name == "a" else 0)
        return Outcome(job, None, 0, "")

    jobs = [Job(Path(name), Path(name), name=name) for name in "abcdefghij"]
    assert [outcome.job.name for outcome in batch.run(jobs, work, workers=3)] == list("abcdefghij")


def test_unexpected_errors_of_workers_are_raised() -> None:
    def work(job: Job) -> Outcome:
        raise ZeroDivisionError(job.name)

    jobs = [Job(Path(name), Path(name), name=name) for name in "ab"]
    with pytest.raises(ZeroDivisionError):
        list(batch.run(jobs, work, workers=2))


def invert(photo: Photo) -> Result:
    """A colouring that costs nothing."""
    return Result(
        [photo.with_pixels(np.stack([photo.pixels, photo.pixels, 255 - photo.pixels], -1))]
    )


class Archive:
    """A folder of scans, its results, and how often something was coloured."""

    def __init__(self, folder: Path) -> None:
        self.scans, self.results = folder / "scans", folder / "results"
        for name in ("a.png", "deep/b.png", "deep/c.png"):
            self.scan(name, 100)
        self.coloured = 0

    def scan(self, name: str, level: int) -> Path:
        path = self.scans / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 9), level, np.uint8)).save(path)
        return path

    def run(self, how: str = "once", *, resume: bool = True, recolor: bool = True) -> Tally:
        def colour(photo: Photo, _: Format) -> Result:
            self.coloured += 1
            return invert(photo)

        self.coloured = 0
        tally = Tally()
        manifest = Manifest(self.results)
        with manifest.locked():
            record = Record(manifest, self.results, {"how": how}, resume=resume)
            for outcome in batch.run(
                plan([self.scans], Naming(self.results, recursive=True)),
                Runner(colour, Records(record=record), 10**6, recolor),
            ):
                tally.add(outcome)
        return tally

    def times(self) -> dict[str, int]:
        return {p.name: p.stat().st_mtime_ns for p in self.results.rglob("*.png")}


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def test_a_second_run_does_nothing(archive: Archive) -> None:
    assert str(archive.run()) == "3 colored"
    before = archive.times()
    assert str(archive.run()) == "3 already done"
    assert archive.coloured == 0
    assert archive.times() == before


def test_a_second_run_does_what_is_new_missing_or_changed(archive: Archive) -> None:
    archive.run()
    before = archive.times()
    archive.scan("deep/new.png", 50)
    archive.scan("a.png", 30)
    (archive.results / "deep/b.png").unlink()
    assert str(archive.run()) == "3 colored, 1 already done"
    after = archive.times()
    assert after["c.png"] == before["c.png"]
    assert np.asarray(Image.open(archive.results / "a.png"))[0, 0, 0] == 30
    assert str(archive.run()) == "4 already done"


def test_a_touched_scan_is_the_same_scan(archive: Archive) -> None:
    archive.run()
    archive.scan("a.png", 100).touch()
    assert str(archive.run()) == "3 already done"


def test_other_options_color_everything_again(archive: Archive) -> None:
    archive.run()
    assert str(archive.run("otherwise")) == "3 colored"


def test_a_result_that_a_person_changed_is_theirs(archive: Archive) -> None:
    archive.run()
    (archive.results / "a.png").write_bytes(b"retouched")
    tally = archive.run()
    assert "already exists" in tally.failures[0].error
    assert (archive.results / "a.png").read_bytes() == b"retouched"


def test_outdated_files_need_resume_or_force(archive: Archive) -> None:
    archive.run()
    assert len(archive.run("twice", resume=False).failures) == 3
    assert str(archive.run(resume=False)) == "3 already done"


def test_failures_are_tried_again(archive: Archive) -> None:
    path = archive.scan("a.png", 1)
    whole = path.read_bytes()
    path.write_bytes(whole[:20])
    assert str(archive.run()) == "2 colored, 1 failed"
    assert str(archive.run()) == "2 already done, 1 failed"
    path.write_bytes(whole)
    assert str(archive.run()) == "1 colored, 2 already done"


def test_a_result_without_its_line_is_not_overwritten(archive: Archive) -> None:
    archive.results.mkdir()
    (archive.results / "a.png").write_bytes(b"not ours")
    assert str(archive.run()) == "2 colored, 1 failed"
    assert (archive.results / "a.png").read_bytes() == b"not ours"


def test_nothing_appears_that_the_manifest_does_not_know(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Manifest, "add", full)
    tally = archive.run()
    assert len(tally.failures) == 3
    assert "No space left on device" in tally.failures[0].error
    assert [p.name for p in archive.results.rglob("*") if p.is_file()] in (
        [], [".retint-manifest.jsonl.lock"],
    )  # fmt: skip


def test_colour_pictures_are_skipped(tmp_path: Path, coffee: NDArray[np.uint8]) -> None:
    archive = Archive(tmp_path)
    Image.fromarray(coffee[::4, ::4]).save(archive.scans / "colour.png")
    assert str(archive.run(recolor=False)) == "3 colored, 1 already in color"
    assert not (archive.results / "colour.png").exists()
    assert str(archive.run(recolor=False)) == "4 already done"


def test_all_variants_appear_or_none(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (job,) = plan([photo], Naming(variants=2))

    def colour(photo: Photo, _: Format) -> Result:
        return Result(invert(photo).pictures * 2)

    encode = writing.encode
    calls = []

    def failing(photo: Photo, format: Format) -> bytes:
        calls.append(1)
        if len(calls) == 2:
            raise PhotoError("the disk is full")
        return encode(photo, format)

    with monkeypatch.context() as patch:
        patch.setattr(writing, "encode", failing)
        outcome = Runner(colour, Records(), max_pixels=10**6)(job)
    assert outcome.error == "the disk is full"
    assert [p.name for p in photo.parent.iterdir()] == ["photo.jpg"]
    assert not Runner(colour, Records(), max_pixels=10**6)(job).error
    assert len(list(photo.parent.iterdir())) == 3
