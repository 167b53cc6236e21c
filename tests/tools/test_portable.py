"""Archives of retint with Python in them: how they are made and started, with a small Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from retint.errors import RetintError
from tools.portable import __main__ as command
from tools.portable import folder, libraries
from tools.portable.pack import pack
from tools.portable.systems import SYSTEMS, VERSION

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="calls Linux programs")


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A folder that looks like a Python's."""
    root = tmp_path / "cpython"
    lib = f"lib/python{VERSION}"
    for name in (
        "bin/pip", f"bin/python{VERSION}", f"{lib}/os.py", f"{lib}/test/test_os.py",
        f"{lib}/__pycache__/os.pyc", f"{lib}/site-packages/pip/main.py", "include/Python.h",
        f"{lib}/json/tool.py", "LICENSE.txt",
    ):  # fmt: skip
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (root / "bin" / "python3").symlink_to(f"python{VERSION}")
    return root


def names(root: Path) -> list[str]:
    return sorted(
        each.relative_to(root).as_posix() for each in root.rglob("*") if not each.is_dir()
    )


@LINUX
def test_a_python_is_copied_without_what_is_not_needed(python: Path, tmp_path: Path) -> None:
    folder.copy(python, tmp_path / "copied", SYSTEMS["linux"])
    assert names(tmp_path / "copied") == [
        "LICENSE.txt", "bin/python3", f"bin/python{VERSION}", f"lib/python{VERSION}/json/tool.py",
        f"lib/python{VERSION}/os.py",
    ]  # fmt: skip


@LINUX
def test_the_start_file_finds_its_python_and_passes_arguments(tmp_path: Path) -> None:
    home = tmp_path / "my programs" / "retint"
    program = home / "python" / "bin" / "python3"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\nfor word; do echo "$word"; done\n')
    name, content = SYSTEMS["linux"].start
    (home / name).write_text(content)
    for path in (program, home / name):
        path.chmod(0o755)
    (tmp_path / "link").symlink_to(home / name)
    call = [str(tmp_path / "link"), "my photo.jpg", "-o", "$x"]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["-I", "-m", "retint", "my photo.jpg", "-o", "$x"]


def test_the_start_file_of_windows_names_what_is_in_the_archive() -> None:
    system = SYSTEMS["windows"]
    assert system.start[1] == f'@"%~dp0python\\{system.program}" -I -m retint %*\r\n'


@LINUX
@pytest.mark.parametrize("ending", [".tar.gz", ".zip"])
def test_the_same_content_gives_the_same_bytes(ending: str, python: Path, tmp_path: Path) -> None:
    (python / "bin" / "pip").chmod(0o755)
    packed = []
    for count in range(2):
        os.utime(python / "LICENSE.txt", (count, 2_000_000_000))
        target = tmp_path / f"{count}{ending}"
        pack(python, target)
        packed.append(target.read_bytes())
    assert packed[0] == packed[1]
    if ending == ".zip":
        with zipfile.ZipFile(target) as archive:
            assert "cpython/LICENSE.txt" in archive.namelist()
    else:
        with tarfile.open(target) as archive:
            assert archive.getmember("cpython/bin/pip").mode == 0o755
            assert archive.getmember("cpython/bin/python3").issym()


@LINUX
def test_libraries_of_the_system_are_copied_but_not_those_of_glibc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "python"
    module = root / "lib" / "python3" / "lib-dynload" / "zlib.so"
    module.parent.mkdir(parents=True)
    module.write_bytes(libraries.ELF)
    system = tmp_path / "libz.so.1"
    system.write_bytes(b"library")
    calls: list[list[str]] = []

    def run(*call: str) -> str:
        calls.append(list(call))
        if call[0] == "ldd":
            return f"libz.so.1 => {system} (0x0)\n libc.so.6 => /lib/libc.so.6 (0x0)\n"
        return "libz.so.1\nlibc.so.6\n" if call[1] == "--print-needed" and "zlib" in call[2] else ""

    monkeypatch.setattr(libraries, "_run", run)
    libraries.complete(root)
    assert names(root) == ["lib/libz.so.1", "lib/python3/lib-dynload/zlib.so"]
    assert ["patchelf", "--set-rpath", "$ORIGIN/../../../lib", str(module)] in calls
    system.unlink()
    (root / "lib" / "libz.so.1").unlink()
    with pytest.raises(RetintError, match=r"zlib\.so needs libz\.so\.1, which is not installed"):
        libraries.complete(root)


def test_a_folder_without_python_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target, empty = tmp_path / "dist", tmp_path / "empty"
    given = ["portable", str(target), "--system", "windows", "--python", str(empty)]
    monkeypatch.setattr(sys, "argv", given)
    assert command.main() == 1
    assert capsys.readouterr().err == f"tools.portable: {empty} has no python.exe\n"
    assert list(target.iterdir()) == []


def test_a_failure_of_uv_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: sys.executable)
    monkeypatch.setattr(sys, "argv", ["portable", str(tmp_path / "dist")])
    assert command.main() == 1
    error = capsys.readouterr().err
    assert error.startswith("tools.portable: uv python install: ")
    assert error.count("\n") == 1
