"""The entries of Windows, in a registry and folders that look like a user's."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace
from typing import Any

import onnxruntime  # noqa: F401  # it asks for the system when it is imported
import pytest
from filelock import FileLock, Timeout

from retint.desktop import commands, windows
from tests.cli.test_main import run
from tests.desktop.winreg import Winreg

LINKS = [
    "Microsoft/Windows/SendTo/Color with retint.lnk",
    "Microsoft/Windows/Start Menu/Programs/retint.lnk",
]
MENU = r"software\classes\directory\shell\retint"
JPEG = r"software\classes\.jpg\openwithprogids"


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Winreg:
    fake = Winreg(r"Software\Classes")
    monkeypatch.setitem(sys.modules, "winreg", fake)
    monkeypatch.setattr(platform, "system", lambda: "Windows")
    return fake


@pytest.fixture
def roaming(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for the data of programs, and a PowerShell that makes files with their arguments."""
    folder = tmp_path / "Roaming"
    (folder / "Microsoft" / "Windows" / "Start Menu" / "Programs").mkdir(parents=True)
    monkeypatch.setenv("APPDATA", str(folder))

    def powershell(call: list[str], env: Mapping[str, str], **_: Any) -> Any:
        assert PureWindowsPath(call[0]).name == "powershell.exe"
        assert call[-1] == windows.SHORTCUT
        text = f"{env['RETINT_TARGET']}\0{env['RETINT_ARGUMENTS']}"
        Path(env["RETINT_LINK"]).write_bytes(text.encode("utf-16-le"))
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(subprocess, "run", powershell)
    return folder


def files(folder: Path) -> list[str]:
    return sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*.*"))


def test_remove_leaves_nothing(
    registry: Winreg, roaming: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with registry.CreateKey("", r"Software\Classes\.png\OpenWithProgids") as key:
        registry.SetValueEx(key, "Paint.Picture", 0, registry.REG_SZ, "")
    before = {path: dict(values) for path, values in registry.keys.items()}
    for _ in range(2):  # again, as after an update
        assert run("desktop", "install") == 0
        assert files(roaming) == LINKS
        assert registry.keys[JPEG] == {"retint.file": ""}
        assert registry.keys[MENU]["muiverb"] == "Color with retint"
        assert set(registry.keys[r"software\classes\.png\openwithprogids"]) == {
            "paint.picture", "retint.file",
        }  # fmt: skip
    assert run("desktop", "remove") == 0
    assert registry.keys == before
    assert files(roaming) == []
    said = capsys.readouterr().out
    assert r"removed HKEY_CURRENT_USER\Software\Classes\Directory\shell\retint" in said
    assert run("desktop", "remove") == 0
    assert capsys.readouterr().out == "there was nothing to remove\n"


def test_commands_and_names_are_quoted_as_windows_expects(
    registry: Winreg, roaming: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = (r"C:\Program Files\Python\python.exe", *commands.COLOR[1:])
    monkeypatch.setattr(windows, "COLOR", command)
    windows.install()
    called = '"C:\\Program Files\\Python\\python.exe" -P -m retint desktop color -- "%1"'
    assert registry.keys[rf"{MENU}\command"][""] == called
    assert registry.keys[r"software\classes\retint.file\shell\open\command"][""] == called
    target, arguments = (roaming / LINKS[0]).read_bytes().decode("utf-16-le").split("\0")
    assert target == command[0]
    assert arguments == "-P -m retint desktop color --"


def test_entries_of_others_are_left(
    registry: Winreg, roaming: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with registry.CreateKey("", rf"{MENU}\command") as key:
        registry.SetValueEx(key, "", 0, registry.REG_SZ, "other.exe")
    before = {path: dict(values) for path, values in registry.keys.items()}
    for action in ("install", "remove"):
        assert run("desktop", action) == (action == "install")
        assert registry.keys == before
    link = roaming / LINKS[1]
    link.write_bytes(b"other")
    registry.DeleteKey("", rf"{MENU}\command")
    registry.DeleteKey("", MENU)
    assert run("desktop", "install") == 1
    assert files(roaming) == [LINKS[1]]
    error = capsys.readouterr().err
    assert error.count("exists and is not from retint\n") == error.count("\n") == 2


def test_a_registry_that_cannot_be_written_is_one_line_and_leaves_nothing(
    registry: Winreg, roaming: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    registry.full = True
    assert run("desktop", "install") == 1
    assert capsys.readouterr().err == "retint: cannot write the entries: Access is denied\n"
    assert list(registry.keys) == ["", "software", r"software\classes"]
    assert files(roaming) == []


def test_without_powershell_nothing_is_left(
    registry: Winreg, roaming: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=1))
    assert run("desktop", "install") == 1
    assert capsys.readouterr().err.endswith("PowerShell made no shortcut\n")
    assert list(registry.keys) == ["", "software", r"software\classes"]
    assert files(roaming) == []


def test_failures_are_shown_in_a_box(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Windows")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    shown: list[str] = []
    box = SimpleNamespace(MessageBoxW=lambda _window, text, *_: shown.append(text))
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(user32=box), raising=False)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"none")
    assert run("desktop", "color", broken) == 1
    assert "Coloring broken.png" in capsys.readouterr().out
    (text,) = shown
    assert text.startswith("Not everything of broken.png was colored\n\n")
    assert "not a readable picture" in text


def test_files_of_several_processes_wait_for_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Windows")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    locks: list[Path] = []

    def color(_: tuple[Path, ...]) -> int:
        locks.extend(tmp_path.glob("*.lock"))
        with pytest.raises(Timeout):
            FileLock(locks[0], timeout=0).acquire()
        return 0

    monkeypatch.setattr("retint.cli.desktop._color", color)
    assert run("desktop", "color", tmp_path) == 0
    assert len(locks) == 1
