"""Originals and earlier results are never lost, whatever the options."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retint import files

from .test_main import is_coloured, run

GRAY = ("--method", "unet", "--threads", 1)


def picture(path: Path, level: int = 90) -> bytes:
    Image.fromarray(np.full((24, 32), level, np.uint8)).save(path)
    return path.read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "fc"
    made.mkdir()
    for name in ("a.jpg", "a.png", "a.jpg.png"):
        picture(made / name)
    return made


def test_force_spares_originals_that_another_one_would_replace(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    run(folder, "-o", folder, "--format", "png", "--force", *GRAY)
    assert {name: (folder / name).read_bytes() for name in before} == before


def test_force_spares_what_the_pattern_leaves_out(folder: Path) -> None:
    before = (folder / "a.png").read_bytes()
    assert run(folder, "-o", folder, "--format", "png", "--pattern", "a.jpg", "--force", *GRAY) == 1
    assert (folder / "a.png").read_bytes() == before


def test_results_among_the_sources_are_no_sources(tmp_path: Path) -> None:
    folder = tmp_path / "fc"
    folder.mkdir()
    picture(folder / "a.jpg")
    assert run(folder, "-o", folder, "--format", "png", *GRAY) == 0
    assert is_coloured(folder / "a.png")
    before = sorted(path.name for path in folder.iterdir())
    run(folder, "-o", folder, "--format", "png", "--resume", *GRAY)
    assert sorted(path.name for path in folder.iterdir()) == before


@pytest.mark.parametrize("target", ["o.jpg", "same.jpg"])
def test_a_confidence_map_overwrites_nothing(tmp_path: Path, target: str) -> None:
    source = tmp_path / "o.jpg"
    before = picture(source)
    name = tmp_path / target
    out = tmp_path / "same.jpg"
    assert run(source, "--confidence", name, "-o", out, "--force", "--threads", 1) == 1
    assert source.read_bytes() == before
    assert not out.exists()


def test_a_refused_run_leaves_results_resumable(tmp_path: Path) -> None:
    scans, results = tmp_path / "t", tmp_path / "to"
    scans.mkdir()
    picture(scans / "a.png")
    assert run(scans, "-o", results, "--resume", *GRAY) == 0
    assert run(scans, "-o", results, "--vividness", "2", *GRAY) == 1
    assert run(scans, "-o", results, "--resume", *GRAY) == 0


def test_a_clash_leaves_the_record_of_the_other_picture(tmp_path: Path) -> None:
    scans, results = tmp_path / "t", tmp_path / "to"
    scans.mkdir()
    picture(scans / "a.png")
    twice = (scans, scans / "a.png")
    (target,) = twice_made(results, twice)
    before = target.stat().st_mtime_ns
    assert twice_made(results, twice) == [target]
    assert target.stat().st_mtime_ns == before
    entries = (results / "retint-manifest.jsonl").read_text().splitlines()
    assert [json.loads(line)["error"] for line in entries] == [None]


def twice_made(results: Path, sources: tuple[Path, ...]) -> list[Path]:
    """What is in the folder after a run in which one picture is named twice."""
    assert run(*sources, "-o", results, "--resume", *GRAY) == 1
    return sorted(results.glob("*.png"))


def test_options_that_change_the_file_count_when_a_run_is_resumed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], coffee: np.ndarray
) -> None:
    scans, results = tmp_path / "t", tmp_path / "to"
    scans.mkdir()
    picture(scans / "a.png")
    Image.fromarray(coffee[::8, ::8]).save(scans / "b.png")
    assert run(scans, "-o", results, "--resume", *GRAY) == 0
    assert not (results / "b.png").exists()
    assert run(scans, "-o", results, "--resume", "--recolor", *GRAY) == 0
    assert (results / "b.png").exists()
    assert run(scans, "-o", results, "--resume", "--no-provenance", *GRAY) == 0
    capsys.readouterr()
    run("inspect", results / "a.png")
    assert "no record" in capsys.readouterr().out


def test_an_internal_error_does_not_end_a_batch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scans = tmp_path / "t"
    scans.mkdir()
    for name in ("a.png", "b.png"):
        picture(scans / name)
    read = files.read

    def failing(source: Path, **options: int) -> object:
        if source.name == "a.png":
            raise ZeroDivisionError("oh")
        return read(source, **options)

    monkeypatch.setattr(files, "read", failing)
    assert run(scans, "-o", tmp_path / "to", *GRAY) == 1
    assert "internal error in retint (ZeroDivisionError: oh)" in capsys.readouterr().err
    assert (tmp_path / "to" / "b.png").exists()


def test_an_output_folder_that_cannot_be_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scans = tmp_path / "t"
    scans.mkdir()
    picture(scans / "a.png")
    (tmp_path / "file").write_text("no folder")
    assert run(scans, "-o", tmp_path / "file" / "to", *GRAY) != 0
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_format_that_the_name_denies_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture(tmp_path / "a.png")
    assert run(tmp_path / "a.png", "--format", "tiff", "-o", tmp_path / "x.jpg", *GRAY) == 2
    assert "--format is tiff" in capsys.readouterr().err
    assert run(tmp_path / "a.png", "-o", tmp_path / "x.gif", *GRAY) == 1
    assert "must end in" in capsys.readouterr().err


def test_streams_are_in_the_format_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    content = picture(tmp_path / "a.jpg")
    reading, writing = os.pipe()
    os.write(writing, content)
    os.close(writing)
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert run("-", "--format", "png", *GRAY) == 0
    assert capsysbinary.readouterr().out.startswith(b"\x89PNG")


@pytest.mark.parametrize("word", ["colourize", "colorise", "inspct"])
def test_a_misspelt_command_is_no_picture(
    word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture(tmp_path / "p.jpg")
    assert run(word, tmp_path / "p.jpg") == 2
    assert "did you mean" in capsys.readouterr().err
    assert not (tmp_path / "p.retint.jpg").exists()


def test_metadata_files_of_macos_are_ignored(tmp_path: Path) -> None:
    picture(tmp_path / "x.jpg")
    (tmp_path / "._x.jpg").write_bytes(b"\0\5\x16\7")
    assert run(tmp_path, "--threads", 1, "--method", "unet") == 0


def test_messages_contain_no_control_characters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:

    from retint.files import xmp

    said = xmp.with_provenance(b"", {"Software": "evil\x1b[2J\nretint: fine"})
    photo = files.Photo(np.zeros((4, 4), np.uint8), metadata=files.Metadata(xmp=said))
    files.write(photo, tmp_path / "a.png")
    assert run("inspect", tmp_path / "a.png") == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\nretint: fine" not in out


def test_hints_are_recorded_in_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture(tmp_path / "a.png")
    hint = "50%,25%,navy"
    assert run(tmp_path / "a.png", "--hint", hint, "--threads", 1, "--quiet") == 0
    run("inspect", tmp_path / "a.retint.png", "--json")
    said = json.loads(capsys.readouterr().out)["provenance"]
    (point,) = said["Hints"]["points"]
    assert (point["x"], point["y"], point["color"]) == (16, 6, "navy")
    (tmp_path / "hints.json").write_text(json.dumps(said["Hints"]))
    again = tmp_path / "again.png"
    hints = tmp_path / "hints.json"
    assert run(tmp_path / "a.png", "--hints", hints, "-o", again, "--threads", 1, "--quiet") == 0
    np.testing.assert_array_equal(
        np.asarray(Image.open(again)), np.asarray(Image.open(tmp_path / "a.retint.png"))
    )


def test_threads_beyond_the_processors_are_named_and_lowered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture(tmp_path / "a.png")
    assert run(tmp_path / "a.png", "--method", "gray", "--threads", 1000) == 0
    assert "--threads is 1000, but this machine has only" in capsys.readouterr().err


@pytest.mark.parametrize("how", ["beside", "folder", "named", "python", "restore"])
def test_a_file_that_appears_while_a_picture_is_coloured_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    import retint

    source = tmp_path / "in" / "o.png"
    source.parent.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (24, 32, 3)).astype(np.uint8)
    Image.fromarray(noise if how == "restore" else noise[..., 0]).save(source)
    name = {"beside": "in/o.retint.png", "folder": "out/o.png", "restore": "in/o.restored.png"}
    target = tmp_path / name.get(how, "r.png")
    encode = files.writing.encode

    def slowly(*given: object, **named: object) -> bytes:
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(b"mine")
        content: bytes = encode(*given, **named)  # type: ignore[arg-type]
        return content

    monkeypatch.setattr(files.writing, "encode", slowly)
    if how == "python":
        with pytest.raises(retint.PhotoError, match="already exists"):
            retint.open(source, "mean").save(target)
    else:
        calls: dict[str, list[object]] = {
            "beside": [source], "folder": [source.parent, "-o", target.parent],
            "named": [source, "-o", target], "restore": ["restore", source],
        }  # fmt: skip
        method = () if how == "restore" else ("--method", "mean")
        assert run(*calls[how], *method, "--quiet") == 1
        assert "already exists" in capsys.readouterr().err
    assert target.read_bytes() == b"mine"
    assert not list(target.parent.glob(".*.partial"))


def test_a_result_that_is_changed_while_its_successor_is_made_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    picture(folder / "o.png")
    call = (folder, "-o", out, "--resume", "--method", "mean", "--quiet")
    assert run(*call) == 0
    picture(folder / "o.png", 60)
    encode = files.writing.encode

    def slowly(*given: object, **named: object) -> bytes:
        (out / "o.png").write_bytes(b"by hand")
        content: bytes = encode(*given, **named)  # type: ignore[arg-type]
        return content

    monkeypatch.setattr(files.writing, "encode", slowly)
    assert run(*call) == 1
    assert "already exists" in capsys.readouterr().err
    assert (out / "o.png").read_bytes() == b"by hand"


@pytest.mark.parametrize(
    ("others", "summary"),
    [
        (["a.psd"], "2 colored; 1 file of another type was ignored"),
        (["a.psd", "b.xcf"], "2 colored; 2 files of other types were ignored"),
    ],
)
def test_files_of_other_types_are_counted_in_the_last_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], others: list[str], summary: str
) -> None:
    (tmp_path / "album").mkdir()
    for name in ("a.jfif", "b.jpg"):
        picture(tmp_path / "album" / name)
    for name in others:
        (tmp_path / "album" / name).write_bytes(b"x")
    assert run(tmp_path / "album", "--method", "mean") == 0
    assert capsys.readouterr().err.splitlines()[-1] == f"retint: {summary}"
    assert run(tmp_path / "album", "--dry-run") == 0
    assert capsys.readouterr().err == f"retint: {summary.partition('; ')[2]}\n"
    assert run(tmp_path / "album", "--force", "--quiet", *GRAY) == 0
    assert capsys.readouterr().err == ""


def album_of(tmp_path: Path, *names: str) -> Path:
    album = tmp_path / "album"
    for name in names:
        (album / name).parent.mkdir(parents=True, exist_ok=True)
        picture(album / name)
    return album


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    return (capsys.readouterr().err.splitlines() or [""])[-1].removeprefix("retint: ")


@pytest.mark.parametrize("beside", [True, False])
def test_the_same_command_again_colors_only_what_is_new(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], beside: bool
) -> None:
    album = album_of(tmp_path, "a.jpg", "deep/b.jpg")
    results = album if beside else tmp_path / "out"
    call = (album, "--recursive", *([] if beside else ["-o", results]), *GRAY)
    assert run(*call) == 0
    before = {path: path.stat().st_mtime_ns for path in results.rglob("*.jpg")}
    picture(album / "new.jpg")
    capsys.readouterr()
    assert run(*call) == 0
    assert last_line(capsys) == "1 colored, 2 already done"
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert run(*call) == 0
    assert last_line(capsys) == "3 already done"
    assert run(*call, "--force") == 0
    assert {path for path, at in before.items() if path.stat().st_mtime_ns == at} == (
        {album / "a.jpg", album / "deep/b.jpg"} if beside else set()
    )


def test_one_picture_in_a_folder_is_already_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    album = album_of(tmp_path, "a.jpg")
    assert run(album, *GRAY) == 0
    assert capsys.readouterr().err == ""
    assert run(album, *GRAY) == 0
    assert capsys.readouterr().err == "retint: 1 already done\n"


def test_results_beside_their_sources_that_changed_are_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    album = album_of(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    (album / "c.retint.jpg").write_bytes(b"somebody's")
    assert run(album, *GRAY) == 1
    (album / "a.retint.jpg").write_bytes(b"edited")
    for options in ((), ("--resume",)):
        capsys.readouterr()
        assert run(album, *options, *GRAY) == 1
        assert last_line(capsys) == "1 already done, 2 failed"
        assert (album / "a.retint.jpg").read_bytes() == b"edited"
        assert (album / "c.retint.jpg").read_bytes() == b"somebody's"


def test_changed_options_replace_results_beside_their_sources_only_with_resume(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    album = album_of(tmp_path, "a.jpg", "b.jpg")
    assert run(album, *GRAY) == 0
    assert run(album, "--vividness", "1.5", *GRAY) == 1
    capsys.readouterr()
    assert run(album, *GRAY) == 0
    assert last_line(capsys) == "2 already done"
    assert run(album, "--vividness", "1.5", "--resume", *GRAY) == 0
    assert last_line(capsys) == ""
    assert run(album, "--vividness", "1.5", *GRAY) == 0
    assert last_line(capsys) == "2 already done"


def test_several_folders_have_a_manifest_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    album = album_of(tmp_path, "a.jpg")
    other = tmp_path / "other"
    other.mkdir()
    picture(other / "b.jpg")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    single = album_of(tmp_path / "x", "c.jpg") / "c.jpg"
    assert run(album, "other", "album/../other", *GRAY) == 1  # the second time, it is a clash
    assert run(album, "other", *GRAY) == 0
    assert last_line(capsys) == "2 already done"
    assert run("other", single, "empty", *GRAY) == 1
    assert sorted(path.parent.name for path in tmp_path.rglob("retint-manifest.jsonl")) == [
        "album", "other",
    ]  # fmt: skip
    assert list((tmp_path / "empty").iterdir()) == []
