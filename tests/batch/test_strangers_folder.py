"""An untrusted output folder: nothing outside it is written or read, and pipes do not block."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retint.batch.lines import Entry, File
from retint.batch.manifest import Manifest
from retint.batch.names import MANIFEST
from retint.errors import UsageError

from ..cli.test_main import run

HOW = {"method": "mean"}
MEAN = ("--method", "mean", "--threads", 1, "--quiet")
LOCK = f".{MANIFEST}.lock"
ASIDE = "retint-manifest.broken.jsonl"
posix = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    folder = tmp_path / "theirs"
    folder.mkdir()
    return folder


@pytest.fixture
def start_up(tmp_path: Path) -> Path:
    """A file of the user's that nobody is to touch."""
    path = tmp_path / ".profile"
    path.write_text("# mine\n")
    return path


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.png", "sub/b.png"):
        Image.fromarray(np.full((24, 32), 90, np.uint8)).save(folder / name)
    return folder


def link(path: Path, target: Path) -> None:
    path.symlink_to(target)


def hard_link(path: Path, target: Path) -> None:
    path.hardlink_to(target)


def pipe(path: Path, target: Path) -> None:  # noqa: ARG001
    os.mkfifo(path)


def device(path: Path, target: Path) -> None:  # noqa: ARG001
    path.symlink_to("/dev/zero")


def folder(path: Path, target: Path) -> None:  # noqa: ARG001
    path.mkdir()


@posix
def test_broken_lines_are_not_written_through_a_link(theirs: Path, start_up: Path) -> None:
    (theirs / MANIFEST).write_text("curl example | sh\n")
    link(theirs / ASIDE, start_up)
    manifest = Manifest(theirs)
    with manifest.locked():
        pass
    assert start_up.read_text() == "# mine\n"
    (remark,) = manifest.remarks
    assert "retint-manifest.broken-2.jsonl" in remark
    assert (theirs / "retint-manifest.broken-2.jsonl").read_text() == "curl example | sh\n"


def test_earlier_aside_files_are_kept(theirs: Path) -> None:
    for text in ("one\n", "two\n"):
        (theirs / MANIFEST).write_text(text)
        with Manifest(theirs).locked():
            pass
    assert (theirs / ASIDE).read_text() == "one\n"
    assert (theirs / "retint-manifest.broken-2.jsonl").read_text() == "two\n"


@posix
@pytest.mark.parametrize("name", [MANIFEST, LOCK])
@pytest.mark.parametrize("make", [link, hard_link, pipe, device, folder])
def test_only_regular_files_are_opened(
    theirs: Path, start_up: Path, scans: Path, name: str, make: Callable[[Path, Path], None],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    make(theirs / name, start_up)
    status: list[int] = []
    call = threading.Thread(
        target=lambda: status.append(run(scans, "-o", theirs, "--resume", *MEAN)), daemon=True
    )
    call.start()
    call.join(30)
    assert status, "it waits"
    assert status[0] != 0
    assert start_up.read_text() == "# mine\n"
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "internal error" not in error


@posix
@pytest.mark.parametrize("options", [(), ("--force",)])
def test_folders_that_lead_out_of_the_output_folder_are_refused(
    theirs: Path, scans: Path, tmp_path: Path, options: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.png").write_bytes(b"mine")
    link(theirs / "sub", outside)
    assert run(scans, "-o", theirs, "--recursive", *options, *MEAN) == 1
    assert (outside / "b.png").read_bytes() == b"mine"
    assert [each.name for each in outside.iterdir()] == ["b.png"]
    assert (theirs / "a.png").exists()
    assert "leads out of" in capsys.readouterr().err


@posix
def test_the_output_folder_itself_may_be_a_link(theirs: Path, scans: Path, tmp_path: Path) -> None:
    link(tmp_path / "mine", theirs)
    assert run(scans, "-o", tmp_path / "mine", "--recursive", *MEAN) == 0
    assert (theirs / "sub" / "b.png").exists()
    assert run(scans, "-o", tmp_path / "mine", "--recursive", "--resume", *MEAN) == 0


@posix
def test_a_result_that_is_a_link_is_replaced_not_written_through(
    theirs: Path, scans: Path, start_up: Path
) -> None:
    link(theirs / "a.png", start_up)
    assert run(scans, "-o", theirs, *MEAN) == 1
    assert (theirs / "a.png").is_symlink()
    assert run(scans, "-o", theirs, "--force", *MEAN) == 0
    assert not (theirs / "a.png").is_symlink()
    assert start_up.read_text() == "# mine\n"


@posix
def test_a_dangling_link_at_the_target_counts_as_an_existing_file(
    theirs: Path, scans: Path, tmp_path: Path
) -> None:
    link(theirs / "a.png", tmp_path / "not-yet")
    assert run(scans, "-o", theirs, *MEAN) == 1
    assert (theirs / "a.png").is_symlink()
    assert not (tmp_path / "not-yet").exists()


def said(output: str, *outputs: File, source: File | None = None) -> bytes:
    line = {
        "output": output, "input": vars(source) if source else None,
        "outputs": [vars(each) for each in outputs], "how": HOW, "seconds": 0.1, "error": None,
        "time": "2026",
    }  # fmt: skip
    return json.dumps(line).encode() + b"\n"


def test_manifests_cover_their_own_folder_only(theirs: Path, scans: Path) -> None:
    """One that calls an original a result would have it passed over."""
    source = scans / "a.png"
    lines = [said("a.png", File.of(source, name)) for name in ("../scans/a.png", str(source))]
    (theirs / MANIFEST).write_bytes(b"".join(lines))
    manifest = Manifest(theirs)
    assert not manifest.results()
    with manifest.locked():
        assert not manifest.is_ours("../scans/a.png", "a.png")
    assert "2 lines cannot be read" in manifest.remarks[0]


@posix
def test_manifests_do_not_cover_linked_files(theirs: Path, scans: Path) -> None:
    link(theirs / "in", scans)
    link(theirs / "a.png", scans / "a.png")
    names = ("in/a.png", "a.png")
    (theirs / MANIFEST).write_bytes(
        b"".join(said(name, File.of(scans / "a.png", name)) for name in names)
    )
    manifest = Manifest(theirs)
    assert not manifest.results()
    with manifest.locked():
        assert not any(manifest.is_ours(name, name) for name in names)


@posix
def test_pipes_named_in_a_manifest_do_not_block(theirs: Path, scans: Path) -> None:
    os.mkfifo(theirs / "a.png")
    empty = File("a.png", "0" * 64, 0, 0)
    (theirs / MANIFEST).write_bytes(said("a.png", empty, source=File.of(scans / "a.png", "a.png")))
    found: list[object] = []

    def ask() -> None:
        manifest = Manifest(theirs)
        with manifest.locked():
            found.append(manifest.valid_entry("a.png", scans / "a.png", HOW))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(20)
    assert found == [None]


ODD = {
    "a name that is a number": {"outputs": [{"name": 5, "sha256": "", "size": 1, "mtime_ns": 1}]},
    "no character": {"outputs": [{"name": "a\0b", "sha256": "", "size": 1, "mtime_ns": 1}]},
    "a size that is text": {"outputs": [{"name": "a", "sha256": "", "size": "1", "mtime_ns": 1}]},
    "outputs that are text": {"outputs": "abc"},
    "an input that is a list": {"input": ["a"]},
    "a way that is a number": {"how": 7},
    "an error that is a list": {"error": []},
    "seconds that are none": {"seconds": "soon"},
    "a key that is a list": {"output": ["a"]},
    "more than there is": {"further": 1},
}


@pytest.mark.parametrize("what", ODD)
def test_lines_that_say_odd_things_are_put_aside(theirs: Path, scans: Path, what: str) -> None:
    line = json.loads(said("a.png", source=File.of(scans / "a.png", "a.png"))) | ODD[what]
    (theirs / MANIFEST).write_text(json.dumps(line) + "\n")
    manifest = Manifest(theirs)
    assert manifest.results() == set()
    with manifest.locked():
        manifest.valid_entry("a.png", scans / "a.png", HOW)
    assert "1 lines cannot be read" in manifest.remarks[0]


def test_a_line_without_end_is_put_aside_in_pieces(
    theirs: Path, scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retint.batch.lines.LONGEST", 1000)
    good = said("a.png", source=File.of(scans / "a.png", "a.png"))
    huge = b"[" * 5000 + b"\n"
    (theirs / MANIFEST).write_bytes(huge + good + b"[" * 3001)
    manifest = Manifest(theirs)
    with manifest.locked():
        manifest.add("b.png", Entry(None, [], HOW, 0.1, "x"))
    assert "2 lines cannot be read (line 1, 3)" in manifest.remarks[0]
    assert (theirs / ASIDE).read_bytes() == huge + b"[" * 3001
    assert len((theirs / MANIFEST).read_bytes().splitlines()) == 2


@posix
def test_a_manifest_that_cannot_be_read_names_itself(theirs: Path, start_up: Path) -> None:
    link(theirs / MANIFEST, start_up)
    with (
        pytest.raises(UsageError, match=r"retint-manifest\.jsonl.*link"),
        Manifest(theirs).locked(),
    ):
        pass


def test_folders_that_are_called_as_unfinished_files_are_passed_over(theirs: Path) -> None:
    (theirs / ".a.png.ffffff01.partial" / "x").mkdir(parents=True)
    with Manifest(theirs).locked():
        pass
    assert (theirs / ".a.png.ffffff01.partial" / "x").is_dir()
