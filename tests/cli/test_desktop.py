"""`retint desktop`: entries of menus, in folders that look like a user's."""

from __future__ import annotations

import configparser
import os
import platform
import shlex
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retint.desktop import placing
from retint.desktop.commands import MARK
from retint.desktop.entries import action, application, service_menu
from tests.cli.test_main import is_coloured, run
from tests.programs import program

pytestmark = pytest.mark.skipif(
    platform.system() in ("Windows", "Darwin"), reason="is for Linux desktops"
)
NAMES = [
    "config/caja/scripts/Color with retint", "data/applications/retint-page.desktop",
    "data/applications/retint.desktop", "data/file-manager/actions/retint.desktop",
    "data/kio/servicemenus/retint.desktop",
    "data/nautilus/scripts/Color with retint", "data/nemo/scripts/Color with retint",
]  # fmt: skip


PATH = os.environ.get("PATH", "")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder, and no programs."""
    for name in ("data", "config"):
        (tmp_path / "home" / name).mkdir(parents=True)
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / "home" / name))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "home"


@pytest.fixture
def notices(tmp_path: Path, home: Path) -> Path:
    """What a program in the place of notify-send was called with."""
    assert home
    path = tmp_path / "bin" / "notify-send"
    path.parent.mkdir()
    log = tmp_path / "notices.txt"
    path.write_text(f'#!/bin/sh\nfor word; do echo "$word" >> {shlex.quote(str(log))}; done\n')
    path.chmod(0o755)
    return log


def files(home: Path) -> list[str]:
    return sorted(
        each.relative_to(home).as_posix() for each in home.rglob("*") if not each.is_dir()
    )


def picture(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))).save(path)
    return path


def test_remove_leaves_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("desktop", "install") == 0
    assert files(home) == NAMES
    assert capsys.readouterr().out.count("installed ") == len(NAMES)
    assert run("desktop", "install") == 0  # again, as after an update
    assert run("desktop", "remove") == 0
    assert sorted(each.name for each in home.rglob("*")) == ["config", "data"]
    capsys.readouterr()
    assert run("desktop", "remove") == 0
    assert capsys.readouterr().out == "there was nothing to remove\n"


def test_remove_leaves_nothing_in_a_bare_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert run("desktop", "install") == 0
    assert (tmp_path / "home" / ".local" / "share" / "applications" / "retint.desktop").exists()
    assert run("desktop", "remove") == 0
    assert [each.name for each in tmp_path.rglob("*")] == ["home"]


def test_files_of_others_are_left(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = home / "data" / "nemo" / "scripts" / "Color with retint"
    beside = home / "data" / "applications" / "other.desktop"
    for path in (other, beside):
        path.parent.mkdir(parents=True)
        path.write_text("mine")
    assert run("desktop", "install") == 1
    assert "exists and is not from retint" in capsys.readouterr().err
    assert len(files(home)) == 2
    other.rename(other.with_name("mine"))
    assert run("desktop", "install") == 0
    assert run("desktop", "remove") == 0
    assert files(home) == ["data/applications/other.desktop", "data/nemo/scripts/mine"]


def test_the_cache_of_types_is_removed_with_the_last_entry(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", PATH)
    program("update-desktop-database")
    assert run("desktop", "install") == 0
    cache = home / "data" / "applications" / "mimeinfo.cache"
    assert "image/jpeg=retint.desktop;" in cache.read_text()
    assert "inode/directory" not in cache.read_text()
    assert run("desktop", "remove") == 0
    assert files(home) == []


def test_what_cannot_be_written_is_one_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "data" / "nemo").write_text("a file")
    assert run("desktop", "install") == 1
    error = capsys.readouterr().err
    assert error.startswith("retint: cannot write ")
    assert error.count("\n") == 1
    assert files(home) == ["data/nemo"]


@pytest.mark.parametrize("name", [each for each in NAMES if each.startswith("data/app")])
def test_entries_are_valid(name: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    placing.install()
    monkeypatch.setenv("PATH", PATH)
    done = subprocess.run(
        [program("desktop-file-validate"), str(home / name)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")


def test_a_command_is_quoted_as_desktops_expect() -> None:
    text = application(['/opt/a b/$x%/py"th`on\\', "-m"])
    (line,) = [each for each in text.splitlines() if each.startswith("Exec=")]
    assert line == r'Exec="/opt/a b/\\$x%%/py\\"th\\`on\\\\" "-m" %F'
    parsed = configparser.ConfigParser(interpolation=None)
    parsed.read_string(service_menu(["retint"]))
    assert parsed["Desktop Action retint"]["Exec"] == '"retint" %F'
    assert "inode/directory;" in parsed["Desktop Entry"]["MimeType"]
    assert MARK in text


def test_an_action_names_its_types_and_command() -> None:
    parsed = configparser.ConfigParser(interpolation=None)
    parsed.read_string(action(["/opt/a b/py", "-m"]))
    profile = parsed["X-Action-Profile retint"]
    assert parsed["Desktop Entry"]["Profiles"] == "retint;"
    assert profile["MimeTypes"] == "image/*;video/*;inode/directory;"
    assert profile["Exec"] == '"/opt/a b/py" "-m" %F'


def test_a_script_colors_files_and_folders(home: Path, notices: Path, tmp_path: Path) -> None:
    placing.install()
    chosen = [
        picture(tmp_path / "album" / "my photo.png"), picture(tmp_path / "album" / "-x.png"),
        picture(tmp_path / "album" / "box" / "c.png"),
    ]  # fmt: skip
    (tmp_path / "album" / "retint.py").write_text("raise SystemExit(9)")  # not to be imported
    before = [each.read_bytes() for each in chosen]
    script = home / "data" / "nautilus" / "scripts" / "Color with retint"
    subprocess.run([script, "my photo.png", "-x.png", "box"], cwd=tmp_path / "album", check=True)
    assert [each.read_bytes() for each in chosen] == before
    for each in chosen:
        assert is_coloured(each.with_suffix(".retint.png"))
    said = notices.read_text().splitlines()
    assert "Coloring 3 files" in said
    assert "Colored 3 files" in said


def test_a_desktop_starts_the_entry(
    home: Path, notices: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placing.install()
    monkeypatch.setenv("PATH", f"{notices.parent / 'bin'}:{PATH}")
    entry = home / "data" / "applications" / "retint.desktop"
    source = picture(tmp_path / "album" / "my $photo%.png")
    subprocess.run([program("gio"), "launch", str(entry), str(source)], check=True)
    limit = time.monotonic() + 60
    while not (notices.exists() and f"Colored {source.name}" in notices.read_text()):
        assert time.monotonic() < limit
        time.sleep(0.1)
    assert is_coloured(source.with_suffix(".retint.png"))


def test_a_failure_is_shown(
    notices: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"none")
    assert run("desktop", "color", broken) == 1
    assert "Not everything of broken.png was colored" in notices.read_text()
    assert "not a readable picture" in notices.read_text()
    assert "not a readable picture" in capsys.readouterr().err


def test_pictures_are_coloured_without_notifications(home: Path, tmp_path: Path) -> None:
    assert home
    assert run("desktop", "color", picture(tmp_path / "a.png")) == 0
    assert is_coloured(tmp_path / "a.retint.png")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["install", "a.png"], "takes no files"),
        (["color"], "requires files"),
        ([], "install, remove, color"),
    ],
)
def test_wrong_calls_are_one_line(
    arguments: list[str], message: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("desktop", *arguments) == 2
    error = capsys.readouterr().err
    assert message.lower() in error.lower()
    assert error.count("\n") == 1
    assert files(home) == []
