from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from retint.batch.lines import Entry, File
from retint.batch.manifest import Manifest
from retint.batch.names import MANIFEST
from retint.errors import UsageError
from retint.files.atomic import partials

HOW = {"method": "unet"}


@pytest.fixture
def result(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    path.write_bytes(b"in colour")
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.png"
    path.write_bytes(b"in grey")
    return path


def entry(source: Path, result: Path) -> Entry:
    return Entry(File.of(source, "source.png"), [File.of(result, result.name)], HOW, 0.1)


def test_results_are_in_the_manifest_of_the_next_run(
    tmp_path: Path, source: Path, result: Path
) -> None:
    first = Manifest(tmp_path)
    with first.locked():
        assert not first.valid_entry("a.png", source, HOW)
        first.add("a.png", entry(source, result))
    second = Manifest(tmp_path)
    with second.locked():
        assert second.valid_entry("a.png", source, HOW)
        assert not second.valid_entry("a.png", source, {"method": "mean"})
        assert not second.valid_entry("b.png", source, HOW)
        source.write_bytes(b"another")
        assert not second.valid_entry("a.png", source, HOW)


def test_a_torn_last_line_is_dropped(tmp_path: Path, source: Path, result: Path) -> None:
    manifest = Manifest(tmp_path)
    with manifest.locked():
        manifest.add("a.png", entry(source, result))
    whole = manifest.path.read_text()
    manifest.path.write_text(whole + whole[: len(whole) // 2])
    again = Manifest(tmp_path)
    with again.locked():
        assert again.valid_entry("a.png", source, HOW)
        again.add("b.png", entry(source, result))
    assert [json.loads(line)["output"] for line in manifest.path.read_text().splitlines()] == [
        "a.png", "b.png",
    ]  # fmt: skip


def test_broken_lines_are_named_and_put_aside(tmp_path: Path, source: Path, result: Path) -> None:
    manifest = Manifest(tmp_path)
    with manifest.locked():
        manifest.add("a.png", entry(source, result))
    deep = "[" * 100_000
    manifest.path.write_text(f'{{"output": "a"}}\n{deep}\n' + manifest.path.read_text())
    again = Manifest(tmp_path)
    with again.locked():
        assert again.valid_entry("a.png", source, HOW)
    (remark,) = again.remarks
    assert "2 lines cannot be read (line 1, 2)" in remark
    aside = tmp_path / "retint-manifest.broken.jsonl"
    assert aside.read_text() == f'{{"output": "a"}}\n{deep}\n'
    assert len(manifest.path.read_text().splitlines()) == 1


def test_half_a_line_and_a_kill_lose_no_later_line(
    tmp_path: Path, source: Path, result: Path
) -> None:
    (tmp_path / MANIFEST).write_text('{"output": "a.p')
    with pytest.raises(KeyboardInterrupt), Manifest(tmp_path).locked():
        raise KeyboardInterrupt
    manifest = Manifest(tmp_path)
    with manifest.locked():
        manifest.add("a.png", entry(source, result))
    with manifest.locked():
        assert manifest.valid_entry("a.png", source, HOW)


def test_a_full_disk_leaves_no_half_line(
    tmp_path: Path, source: Path, result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = Manifest(tmp_path)
    with manifest.locked():
        manifest.add("a.png", entry(source, result))
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(OSError, match="No space left"):
                manifest.add("b.png", entry(source, result))
        manifest.add("c.png", entry(source, result))
    assert [json.loads(line)["output"] for line in manifest.path.read_text().splitlines()] == [
        "a.png", "c.png",
    ]  # fmt: skip


def full(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_one_line_per_output_is_kept(tmp_path: Path, source: Path, result: Path) -> None:
    manifest = Manifest(tmp_path)
    with manifest.locked():
        manifest.add("a.png", Entry(None, [], HOW, 0.1, "broken"))
        manifest.add("a.png", entry(source, result))
    (line,) = manifest.path.read_text().splitlines()
    assert json.loads(line)["error"] is None


def test_an_announced_but_missing_file_is_not_done(
    tmp_path: Path, source: Path, result: Path
) -> None:
    manifest = Manifest(tmp_path)
    with manifest.locked():
        manifest.add("a.png", entry(source, result))
        result.unlink()
        assert not manifest.valid_entry("a.png", source, HOW)


def test_names_that_are_no_utf8_are_kept(tmp_path: Path, source: Path, result: Path) -> None:
    name = os.fsdecode(b"caf\xe9\n.png")
    manifest = Manifest(tmp_path)
    with manifest.locked():
        manifest.add(name, Entry(File.of(source, name), [File.of(result, "a.png")], HOW, 0.1))
    again = Manifest(tmp_path)
    with again.locked():
        assert again.valid_entry(name, source, HOW)


def test_unfinished_files_of_killed_runs_are_swept_away(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "deep" / ".a.png.ffffff01.partial", tmp_path / ".mine.partial"
    ours.parent.mkdir()
    for path in (ours, theirs):
        path.write_bytes(b"half")
    with Manifest(tmp_path).locked():
        assert not ours.exists()
    assert theirs.exists()


def test_files_that_another_run_is_writing_are_left(tmp_path: Path) -> None:
    with partials([tmp_path / "a.png"]) as (partial,):
        partial.write_bytes(b"half")
        with Manifest(tmp_path).locked():
            assert partial.exists()
    assert (tmp_path / "a.png").read_bytes() == b"half"


HOLDING = """
import sys, time
from pathlib import Path
from retint.batch.manifest import Manifest
with Manifest(Path(sys.argv[1])).locked():
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.mark.alone
def test_a_folder_has_one_run_at_a_time_and_a_killed_one_lets_go(tmp_path: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(UsageError, match="another run is writing"), Manifest(tmp_path).locked():
        pass
    other.send_signal(signal.SIGKILL)
    other.wait()
    deadline = time.monotonic() + 5
    while True:
        try:
            with Manifest(tmp_path).locked():
                break
        except UsageError:
            assert time.monotonic() < deadline
