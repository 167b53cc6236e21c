"""`retint watch`."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retint.batch.growth import Growth
from retint.cli.watch import Watcher
from retint.errors import UsageError
from tests.cli.test_main import run
from tests.programs import optional

RAMP = np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))
MEAN = ("--method", "mean", "--quiet")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "scans"
    path.mkdir()
    return path


def scan(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(RAMP).save(path)
    return path


def watcher(folder: Path, *options: str, patience: float = 0) -> Watcher:
    return Watcher(folder, folder.with_name("colored"), Growth(patience), [*MEAN, *options])


def test_what_arrives_is_colored_once(folder: Path) -> None:
    watched, output = watcher(folder), folder.with_name("colored")
    assert watched.look() == 0
    assert not output.exists()
    scan(folder / "one.png")
    assert watched.look() == 0
    first = (output / "one.png").stat().st_mtime_ns
    scan(folder / "box [2]" / "two.png")
    assert watched.look() == 0
    assert (output / "box [2]" / "two.png").exists()
    assert (output / "one.png").stat().st_mtime_ns == first


def test_a_file_that_grows_is_left_until_it_is_complete(folder: Path) -> None:
    watched, output = watcher(folder, patience=0.2), folder.with_name("colored")
    scan(folder / "one.png")
    watched.look()
    time.sleep(0.3)
    slow = folder / "two [slow].png"
    slow.write_bytes((folder / "one.png").read_bytes()[:60])
    assert watched.look() == 1
    assert (output / "one.png").exists()
    assert not (output / slow.name).exists()
    scan(slow)
    assert watched.look() == 1
    time.sleep(0.3)
    assert watched.look() == 0
    assert (output / slow.name).exists()


def test_results_inside_the_folder_are_not_sources(folder: Path) -> None:
    output = folder / "colored"
    watched = Watcher(folder, output, Growth(0), MEAN)
    scan(folder / "one.png")
    assert watched.look() == 0
    assert watched.look() == 0
    assert [each.name for each in output.glob("*.png")] == ["one.png"]


def test_a_folder_that_disappears_is_waited_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watched = watcher(folder)
    scan(folder / "one.png")
    assert watched.look() == 0
    folder.rename(folder.with_name("away"))
    assert watched.look() is None
    assert watched.look() is None
    assert capsys.readouterr().err.count("is not there; waiting for it") == 1
    folder.with_name("away").rename(folder)
    scan(folder / "two.png")
    assert watched.look() == 0
    assert (folder.with_name("colored") / "two.png").exists()


def test_a_broken_file_does_not_stop_the_others(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.png").write_bytes(b"none")
    scan(folder / "one.png")
    assert watcher(folder).look() == 0
    assert "broken.png" in capsys.readouterr().err
    assert (folder.with_name("colored") / "one.png").exists()


def test_a_wrong_option_is_an_error_at_once(folder: Path) -> None:
    scan(folder / "one.png")
    watched = Watcher(folder, folder.with_name("colored"), Growth(0), ["--method", "none"])
    with pytest.raises(UsageError, match="none"):
        watched.look()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["none", "-o", "out"], "is not a folder"), ([".", "-o", "."], "a folder of their own")],
)
def test_wrong_calls_are_one_line(
    tmp_path: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    pytest.importorskip("watchfiles")
    monkeypatch.chdir(tmp_path)
    assert run("watch", *arguments) == 2
    assert message in capsys.readouterr().err


def test_an_interruption_ends_a_run_in_the_middle(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("retint.batch.runner.Runner.__call__", interrupted)
    scan(folder / "one.png")
    with pytest.raises(KeyboardInterrupt):
        watcher(folder).look()


@pytest.mark.parametrize("settle", ["nan", "inf", "-1", "1e400"])
def test_an_impossible_time_is_one_line(
    folder: Path, settle: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scan(folder / "one.png")
    output = folder.with_name("colored")
    assert run("watch", folder, "-o", output, "--once", "--settle", settle) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "--settle" in line


def test_once_colors_what_is_there(folder: Path) -> None:
    scan(folder / "one.png")
    output = folder.with_name("colored")
    assert run("watch", folder, "-o", output, "--once", "--settle", 0.1, *MEAN) == 0
    assert (output / "one.png").exists()


def test_once_names_what_it_leaves_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scan(folder / "box" / "one.png")
    empty = folder / "one.png"
    empty.touch()
    output = folder.with_name("colored")
    assert run("watch", folder, "-o", output, "--once", "--settle", 0.1, *MEAN) == 1
    # The file of the same name in a subfolder is complete.
    assert (output / "box" / "one.png").exists()
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"retint: {empty}: empty or still being written; it was left out"


def test_once_fails_if_a_picture_fails(folder: Path) -> None:
    scan(folder / "one.png")
    (folder / "two.png").write_bytes(b"no picture")
    output = folder.with_name("colored")
    assert run("watch", folder, "-o", output, "--once", "--settle", 0.1, *MEAN) == 1
    assert (output / "one.png").exists()


def test_results_may_go_into_a_folder_above(folder: Path) -> None:
    new = folder / "new"
    scan(new / "one.png")
    assert Watcher(new, folder, Growth(0), MEAN).look() == 0
    assert (folder / "one.png").exists()


def test_hidden_files_are_waited_for_like_others(folder: Path) -> None:
    scan(folder / ".new" / "one.png")
    watched = watcher(folder, "--hidden", patience=60)
    assert watched.look() == 1
    assert watcher(folder, "--hidden").look() == 0
    assert (folder.with_name("colored") / ".new" / "one.png").exists()


@pytest.mark.alone
def test_a_scan_is_colored_while_the_command_runs(folder: Path) -> None:
    pytest.importorskip("watchfiles")
    output = folder.with_name("colored")
    command = [
        sys.executable, "-m", "retint", "watch", str(folder), "-o", str(output), "--settle", "0.2",
        *MEAN,
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("watching ")
        scan(folder / "one.png")
        limit = time.monotonic() + 60
        while not (output / "one.png").exists() and time.monotonic() < limit:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert (output / "one.png").exists()


def test_the_unit_of_the_page_is_accepted_by_systemd(tmp_path: Path) -> None:
    verify = optional("systemd-analyze")
    page = Path(__file__).parents[2] / "docs" / "watch.md"
    (unit,) = re.findall(r"```ini\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    program = tmp_path / ".local" / "bin" / "retint"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (tmp_path / "retint.service").write_text(unit)
    done = subprocess.run(
        [verify, "--user", "--man=no", "verify", str(tmp_path / "retint.service")],
        env={**os.environ, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
