from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from retint.batch.jobs import plan
from retint.batch.names import STREAM
from retint.batch.naming import Job, Naming
from retint.batch.sources import DANGLING
from retint.errors import UsageError


def targets(jobs: list[Job]) -> list[str]:
    return [job.target.as_posix() for job in jobs]


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


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
def test_the_default_target_is_beside_the_source(source: str, target: str) -> None:
    assert targets(plan([Path(source)], Naming())) == [target]


def test_output_may_be_a_file_a_folder_or_a_stream(tmp_path: Path) -> None:
    photo = Path("a/photo.jpg")
    assert targets(plan([photo], Naming(Path("b.png")))) == ["b.png"]
    assert targets(plan([photo], Naming(Path("new"), to_folder=True))) == ["new/photo.jpg"]
    assert targets(plan([photo], Naming(tmp_path))) == [(tmp_path / "photo.jpg").as_posix()]
    assert targets(plan([photo], Naming(STREAM))) == ["-"]


@pytest.mark.parametrize(
    ("source", "format_", "target"),
    [
        ("a.png", "jpeg", "out/a.jpg"),
        ("a.JPEG", "jpeg", "out/a.JPEG"),  # is one already
        ("a.pgm", "tiff", "out/a.tif"),
        ("a.jpg", "webp", "out/a.webp"),
        ("a.jpg", "avif", "out/a.avif"),
        ("a.bmp", "keep", "out/a.bmp"),
    ],
)
def test_the_format_decides_the_ending(source: str, format_: str, target: str) -> None:
    wanted = Naming(Path("out"), to_folder=True, format=format_)
    assert targets(plan([Path(source)], wanted)) == [target]


def test_transparent_layers_are_png() -> None:
    wanted = Naming(Path("out"), to_folder=True, format="jpeg", transparent=True)
    assert targets(plan([Path("a.jpg")], wanted)) == ["out/a.png"]


def test_several_pictures_need_a_folder() -> None:
    several = [Path("a.jpg"), Path("b.jpg")]
    assert targets(plan(several, Naming(Path("out")))) == ["out/a.jpg", "out/b.jpg"]
    with pytest.raises(UsageError, match="folder"):
        plan(several, Naming(STREAM))


def test_folder_gives_its_pictures_but_not_our_own(tmp_path: Path) -> None:
    touch(tmp_path, "b.jpg", "a.png", "a.retint.png", "notes.txt", "deep/c.jpg")
    jobs = plan([tmp_path], Naming())
    assert [job.source.name for job in jobs] == ["a.png", "b.jpg"]


def test_a_tree_is_mirrored(tmp_path: Path) -> None:
    touch(tmp_path, "b.jpg", "z/y/c.jpg", "a/d.png", "a/b.txt")
    wanted = Naming(Path("out"), recursive=True)
    assert targets(plan([tmp_path], wanted)) == ["out/b.jpg", "out/a/d.png", "out/z/y/c.jpg"]
    assert [job.name for job in plan([tmp_path], wanted)] == ["b.jpg", "a/d.png", "z/y/c.jpg"]


def test_pattern_chooses_names(tmp_path: Path) -> None:
    touch(tmp_path, "1_bw.jpg", "1.jpg", "a/2_bw.jpg")
    wanted = Naming(Path("out"), recursive=True, pattern="*_bw.*")
    assert targets(plan([tmp_path], wanted)) == ["out/1_bw.jpg", "out/a/2_bw.jpg"]


def test_results_among_the_sources_are_no_sources(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "colour/a.jpg", "colour/deep/b.jpg")
    wanted = Naming(tmp_path / "colour", recursive=True)
    assert targets(plan([tmp_path], wanted)) == [(tmp_path / "colour/a.jpg").as_posix()]


def test_circular_links_are_not_followed(tmp_path: Path) -> None:
    touch(tmp_path, "a/b.jpg")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    assert targets(plan([tmp_path], Naming(Path("out"), recursive=True))) == ["out/a/b.jpg"]


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (job,) = plan([tmp_path], Naming())
    assert "no pictures" in job.problem


def test_pictures_of_one_new_name_keep_their_endings(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "a.png", "b.png")
    wanted = Naming(Path("out"), format="jpeg")
    assert targets(plan([tmp_path], wanted)) == ["out/a.jpg.jpg", "out/a.png.jpg", "out/b.jpg"]
    touch(tmp_path, "c.pgm", "c.png")
    beside = targets(plan([tmp_path / "c.pgm", tmp_path / "c.png"], Naming()))
    assert [Path(each).name for each in beside] == ["c.pgm.retint.png", "c.png.retint.png"]


def test_a_full_name_does_not_meet_a_plain_one(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "a.png", "a.jpg.png", "a.jpg.jpg.png")
    jobs = plan([tmp_path], Naming(Path("out"), format="jpeg"))
    assert not [job.problem for job in jobs if job.problem]
    assert sorted(targets(jobs)) == [
        "out/a.jpg.jpg", "out/a.jpg.jpg.jpg", "out/a.jpg.png.jpg", "out/a.png.jpg",
    ]  # fmt: skip


def test_two_pictures_never_share_a_target(tmp_path: Path) -> None:
    jobs = plan([Path("a/x.jpg"), Path("b/x.jpg")], Naming(tmp_path))
    assert [bool(job.problem) for job in jobs] == [False, True]


def test_original_is_never_the_target(photo: Path) -> None:
    (job,) = plan([photo], Naming(photo.parent))
    assert "never overwritten" in job.problem


def test_variants_are_numbered_before_the_mark(tmp_path: Path) -> None:
    source = tmp_path / "a.png"
    beside = plan([source], Naming(variants=2))[0]
    assert [p.name for p in beside.targets] == ["a-1.retint.png", "a-2.retint.png"]
    named = plan([source], Naming(tmp_path / "b.jpg", variants=2))[0]
    assert [p.name for p in named.targets] == ["b-1.jpg", "b-2.jpg"]
    with pytest.raises(UsageError, match="several variants"):
        plan([source], Naming(STREAM, variants=2))


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("a.jfif", "a.retint.jfif"), ("a.jpe", "a.retint.jpe"), ("a.JIF", "a.retint.JIF"),
        ("a.jpx", "a.retint.png"), ("a.j2k", "a.retint.png"), ("a.hif", "a.retint.png"),
        ("a.heics", "a.retint.png"), ("a.mpo", "a.retint.png"),
    ],
)  # fmt: skip
def test_all_endings_of_a_format_are_found_in_folders(
    tmp_path: Path, name: str, target: str
) -> None:
    touch(tmp_path, name)
    assert targets(plan([tmp_path], Naming())) == [(tmp_path / target).as_posix()]


def test_files_of_other_types_are_counted(tmp_path: Path) -> None:
    touch(
        tmp_path, "a.jpg", "a.retint.jpg", "b.psd", "C.PSD", "no_ending", ".hidden.txt", "._b.psd",
        "retint-manifest.jsonl", "retint-manifest.broken.jsonl", "a.retint.xcf", "deep/d.eps",
    )  # fmt: skip
    ignored: Counter[str] = Counter()
    plan([tmp_path], Naming(), ignored=ignored)
    assert ignored == {".psd": 2, "": 1}
    plan([tmp_path], Naming(recursive=True, pattern="*.eps"), ignored=ignored)
    assert ignored == {".psd": 2, "": 1, ".eps": 1}


KEPT = [
    "@eaDir/a.jpg/SYNOPHOTO_THUMB_M.jpg", ".thumbnails/a.jpg", "#recycle/a.jpg",
    ".Trash-1000/a.jpg", ".dtrash/a.jpg", ".picasaoriginals/a.jpg", "deep/@eaDir/a.jpg",
    "$RECYCLE.BIN/a.jpg", "__MACOSX/a.jpg", ".hidden.jpg",
]  # fmt: skip


def names(jobs: list[Job]) -> list[str]:
    return [job.name for job in jobs]


def test_hidden_folders_and_those_of_programs_are_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "deep/b.jpg", "._a.jpg", "Thumbs.db", *KEPT)
    ignored: Counter[str] = Counter()
    assert names(plan([tmp_path], Naming(recursive=True), ignored=ignored)) == [
        "a.jpg",
        "deep/b.jpg",
    ]
    assert not ignored
    everything = names(plan([tmp_path], Naming(recursive=True, hidden=True)))
    assert sorted(everything) == sorted(["a.jpg", "deep/b.jpg", *KEPT])


def test_a_hidden_folder_that_is_named_is_listed(tmp_path: Path) -> None:
    touch(tmp_path, ".scans/a.jpg", ".scans/deep/b.jpg")
    assert names(plan([tmp_path / ".scans"], Naming(recursive=True))) == ["a.jpg", "deep/b.jpg"]


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        (("drafts",), ["a.jpg", "a_old.jpg", "x/b.jpg"]),
        (("drafts/",), ["a.jpg", "a_old.jpg", "x/b.jpg"]),
        (("x/drafts",), ["a.jpg", "a_old.jpg", "drafts/d.jpg", "x/b.jpg"]),
        (("*_old.*", "x"), ["a.jpg", "drafts/d.jpg"]),
        (("x/*",), ["a.jpg", "a_old.jpg", "drafts/d.jpg"]),
        (("/a.jpg", "/drafts/"), ["a_old.jpg", "x/b.jpg", "x/drafts/e.jpg"]),
        (("*",), ["album"]),
    ],
)
def test_patterns_exclude_names_and_paths(
    tmp_path: Path, exclude: tuple[str, ...], left: list[str]
) -> None:
    album = tmp_path / "album"
    touch(album, "a.jpg", "a_old.jpg", "drafts/d.jpg", "x/b.jpg", "x/drafts/e.jpg")
    assert names(plan([album], Naming(recursive=True, exclude=exclude))) == left


def test_no_output_replaces_a_file_that_is_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", ".b.jpg")
    touch(tmp_path / "other", "a.jpg", ".b.jpg")
    named = [tmp_path / "other" / "a.jpg", tmp_path / "other" / ".b.jpg"]
    jobs = plan([tmp_path, *named], Naming(tmp_path, exclude=("a.jpg",)))
    assert all("never overwritten" in job.problem for job in jobs[-2:])


def test_links_that_lead_nowhere_are_reported(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    (tmp_path / "b.jpg").symlink_to("unmounted/b.jpg")
    (tmp_path / "c.mp4").symlink_to("c.mp4")
    (tmp_path / "notes.txt").symlink_to("unmounted/notes.txt")
    jobs = plan([tmp_path], Naming())
    problems = {job.source.name: job.problem for job in jobs}
    assert problems == {"a.jpg": "", "b.jpg": DANGLING, "c.mp4": DANGLING}


def test_pipes_named_as_pictures_are_counted(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    os.mkfifo(tmp_path / "b.jpg")
    ignored: Counter[str] = Counter()
    assert targets(plan([tmp_path], Naming(), ignored=ignored)) == [f"{tmp_path}/a.retint.jpg"]
    assert ignored == {".jpg": 1}


def test_a_link_to_itself_is_planned_like_a_missing_file(tmp_path: Path) -> None:
    loop = tmp_path / "a.jpg"
    loop.symlink_to(loop.name)
    assert [job.source for job in plan([loop], Naming())] == [loop]
