"""The entries of macOS, in a folder that looks like a user's."""

from __future__ import annotations

import platform
import plistlib
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from retint.desktop import notices
from tests.cli.test_main import is_coloured, run

CONTENTS = "Library/Services/Color with retint.workflow/Contents"
NAMES = ["Applications/retint.command", f"{CONTENTS}/Info.plist", f"{CONTENTS}/document.wflow"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "home" / "Library").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    return tmp_path / "home"


def files(home: Path) -> list[str]:
    return sorted(each.relative_to(home).as_posix() for each in home.rglob("*") if each.is_file())


def read(home: Path, name: str) -> Any:
    return plistlib.loads((home / CONTENTS / name).read_bytes())


def test_remove_leaves_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):  # again, as after an update
        assert run("desktop", "install") == 0
        assert files(home) == NAMES
    assert run("desktop", "remove") == 0
    assert [each.name for each in home.rglob("*")] == ["Library"]
    capsys.readouterr()
    assert run("desktop", "remove") == 0
    assert capsys.readouterr().out == "there was nothing to remove\n"


def test_a_workflow_of_others_is_left(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / CONTENTS).mkdir(parents=True)
    (home / CONTENTS / "Info.plist").write_bytes(plistlib.dumps({}))
    assert run("desktop", "install") == 1
    assert "exists and is not from retint" in capsys.readouterr().err
    assert run("desktop", "remove") == 0
    assert files(home) == [f"{CONTENTS}/Info.plist"]


def test_finder_offers_it_for_pictures_films_and_folders(home: Path) -> None:
    run("desktop", "install")
    (service,) = read(home, "Info.plist")["NSServices"]
    assert service["NSMenuItem"] == {"default": "Color with retint"}
    assert service["NSSendFileTypes"] == ["public.image", "public.movie", "public.folder"]
    data = read(home, "document.wflow")["workflowMetaData"]
    assert data["workflowTypeIdentifier"] == "com.apple.Automator.servicesMenu"


def test_the_script_of_the_workflow_colors_files(home: Path, tmp_path: Path) -> None:
    run("desktop", "install")
    (step,) = read(home, "document.wflow")["actions"]
    parameters = step["action"]["ActionParameters"]
    assert parameters["inputMethod"] == 1  # as arguments
    source = tmp_path / "my $photo.png"
    Image.fromarray(np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))).save(source)
    call = [parameters["shell"], "-c", parameters["COMMAND_STRING"], "-", str(source)]
    subprocess.run(call, check=True)
    assert is_coloured(source.with_suffix(".retint.png"))


def test_the_command_in_applications_starts_the_page(home: Path) -> None:
    run("desktop", "install")
    path = home / "Applications" / "retint.command"
    assert path.stat().st_mode & 0o111
    assert "-m retint serve --open" in path.read_text()


def test_notifications_get_texts_as_arguments(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert home
    log = tmp_path / "said.txt"
    program = tmp_path / "bin" / "osascript"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nfor word; do echo "$word" >> {shlex.quote(str(log))}; done\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    notices.show('-e "quit"', "done")
    assert log.read_text().splitlines()[-3:] == ["--", '-e "quit"', "done"]
