from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retint import batch
from retint.batch import STREAM, Job
from retint.errors import UsageError
from retint.pipeline import Pipeline


def targets(jobs: list[Job]) -> list[str]:
    return [job.target.as_posix() for job in jobs]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("a/photo.jpg", "a/photo.retint.jpg"),
        ("a/photo.JPEG", "a/photo.retint.JPEG"),
        ("a/photo.tar.tif", "a/photo.tar.retint.tif"),
        ("a/scan.pgm", "a/scan.retint.png"),  # cannot hold colour
        ("a/scan", "a/scan.retint.png"),
        ("-", "-"),
    ],
)
def test_default_target(source: str, target: str) -> None:
    assert targets(batch.plan([Path(source)], None, to_folder=False)) == [target]


def test_output_file_folder_and_stream(tmp_path: Path) -> None:
    photo = Path("a/photo.jpg")
    assert targets(batch.plan([photo], Path("b.png"), to_folder=False)) == ["b.png"]
    assert targets(batch.plan([photo], Path("new"), to_folder=True)) == ["new/photo.jpg"]
    assert targets(batch.plan([photo], tmp_path, to_folder=False)) == [
        (tmp_path / "photo.jpg").as_posix()
    ]
    assert targets(batch.plan([photo], STREAM, to_folder=False)) == ["-"]


def test_several_pictures_need_a_folder() -> None:
    several = [Path("a.jpg"), Path("b.jpg")]
    assert targets(batch.plan(several, Path("out"), to_folder=False)) == ["out/a.jpg", "out/b.jpg"]
    with pytest.raises(UsageError, match="folder"):
        batch.plan(several, STREAM, to_folder=False)


def test_folder_gives_its_pictures_but_not_our_own(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.png", "a.retint.png", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    jobs = batch.plan([tmp_path], None, to_folder=False)
    assert [job.source.name for job in jobs] == ["a.png", "b.jpg"]


def test_folder_without_pictures_is_a_problem(tmp_path: Path) -> None:
    (job,) = batch.plan([tmp_path], None, to_folder=False)
    assert "no pictures" in job.problem


def test_two_pictures_never_share_a_target(tmp_path: Path) -> None:
    jobs = batch.plan([Path("a/x.jpg"), Path("b/x.jpg")], tmp_path, to_folder=False)
    assert [bool(job.problem) for job in jobs] == [False, True]


def test_original_is_never_the_target(photo: Path) -> None:
    (job,) = batch.plan([photo], photo.parent, to_folder=False)
    assert "never overwritten" in job.problem


def test_failures_do_not_stop_the_others(photo: Path, unet: Pipeline) -> None:
    broken = photo.with_name("broken.jpg")
    broken.write_bytes(photo.read_bytes()[:400])
    jobs = batch.plan([broken, photo], None, to_folder=False)
    bad, good = batch.run(jobs, lambda photo: [unet(photo)], overwrite=False, max_pixels=10**6)
    assert bad.error
    assert bad.size is None
    assert not good.error
    assert good.size == (128, 256)
    assert np.asarray(Image.open(good.job.target)).shape == (128, 256, 3)
    assert not list(photo.parent.glob("*.partial"))


def test_existing_target_is_kept(photo: Path, unet: Pipeline) -> None:
    target = photo.with_name("photo.retint.jpg")
    target.write_bytes(b"dear")
    jobs = batch.plan([photo], None, to_folder=False)
    (outcome,) = batch.run(jobs, lambda photo: [unet(photo)], overwrite=False, max_pixels=10**6)
    assert "--force" in outcome.error
    assert target.read_bytes() == b"dear"
    (outcome,) = batch.run(jobs, lambda photo: [unet(photo)], overwrite=True, max_pixels=10**6)
    assert not outcome.error
    assert target.read_bytes() != b"dear"


def test_variants_are_numbered_before_the_mark(tmp_path: Path) -> None:
    beside = batch.plan([tmp_path / "a.png"], None, to_folder=False, variants=2)[0]
    assert [p.name for p in beside.targets] == ["a-1.retint.png", "a-2.retint.png"]
    named = batch.plan([tmp_path / "a.png"], tmp_path / "b.jpg", to_folder=False, variants=2)[0]
    assert [p.name for p in named.targets] == ["b-1.jpg", "b-2.jpg"]
    with pytest.raises(UsageError, match="several variants"):
        batch.plan([tmp_path / "a.png"], batch.STREAM, to_folder=False, variants=2)
