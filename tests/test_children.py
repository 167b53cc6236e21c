"""No code from the working directory is run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from retint import children

ENTRY = "from retint.cli import main\nmain()\n"
SHADOWS = ("json", "runpy", "numpy", "click", "jpeglib", "sitecustomize", "usercustomize",
           "multiprocessing", "pickle", "hashlib")  # fmt: skip
"""Modules that children, or `python -m retint` once it has begun, import."""


@pytest.fixture
def downloads(tmp_path: Path, photo: Path) -> Path:
    """A folder of somebody's, with modules that say so when they are run."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(photo.read_bytes())
    for name in SHADOWS:
        trap = f"open({str(folder / 'RUN')!r}, 'a').write({name!r} + '\\n')\n"
        (folder / f"{name}.py").write_text(trap + "raise ImportError('trap')\n")
    (folder / "retint").mkdir()
    (folder / "retint" / "__init__.py").write_text(
        f"open({str(folder / 'RUN')!r}, 'a').write('retint\\n')\n"
    )
    return folder


def ran(folder: Path) -> str:
    """Which of the traps were run."""
    said = folder / "RUN"
    return said.read_text() if said.exists() else ""


def script(tmp_path: Path, content: str) -> Path:
    """A command that lies elsewhere, as those that pip installs."""
    path = tmp_path / "bin" / "command"
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    return path


def call(command: list[object], folder: Path) -> str:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [str(each) for each in command], cwd=folder, env=clean, text=True, timeout=100,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_a_photograph_is_coloured_beside_modules_of_others(tmp_path: Path, downloads: Path) -> None:
    pytest.importorskip("jpeglib")
    command = script(tmp_path, ENTRY)
    said = call([sys.executable, command, "a.jpg", "--lightness", "exact"], downloads)
    assert "a.retint.jpg" in said
    assert ran(downloads) == ""


def test_processes_of_a_pool_run_nothing_of_the_folder(tmp_path: Path, downloads: Path) -> None:
    pytest.importorskip("jinja2")
    command = script(
        tmp_path,
        "from retint.evaluation.run import measuring\n"
        "if __name__ == '__main__':\n"
        "    with measuring([1, 2], str, 2) as found:\n"
        "        print(list(found))\n",
    )
    assert "['1', '2']" in call([sys.executable, command], downloads)
    assert ran(downloads) == ""


def test_the_measure_of_memory_runs_nothing_of_the_folder(tmp_path: Path, downloads: Path) -> None:
    pytest.importorskip("jinja2")
    command = script(
        tmp_path,
        "from retint.evaluation.memory import peak_memory\nprint(peak_memory('mean') > 10)\n",
    )
    assert "True" in call([sys.executable, command], downloads)
    assert ran(downloads) == ""


def test_the_module_leaves_the_folder_before_it_imports_others(downloads: Path) -> None:
    """What Python itself imports before `retint` begins is Python's: `-P` is for that."""
    (downloads / "retint" / "__init__.py").unlink()
    (downloads / "retint").rmdir()
    (downloads / "runpy.py").unlink()
    call([sys.executable, "-m", "retint", "a.jpg", "--method", "mean"], downloads)
    assert ran(downloads) == ""


def test_children_are_isolated_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "installed"
    own.mkdir()
    (own / "told.py").write_text(
        "import json, os, sys\n"
        "print(json.dumps([os.getcwd(), sorted(os.environ), sys.path, sys.argv[1:],"
        " sys.flags.isolated]))\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONSTARTUP", "start.py")
    monkeypatch.setenv("OF_THE_USER", "stays")
    monkeypatch.syspath_prepend(str(own))
    for entry in ("", ".", str(tmp_path)):
        monkeypatch.syspath_prepend(entry)
    with children.start("told", "one", "two words", stdout=subprocess.PIPE) as process:
        said, _ = process.communicate(timeout=60)
    folder, names, path, arguments, isolated = json.loads(said)
    assert Path(folder) != tmp_path
    assert not any(name.startswith("PYTHON") for name in names)
    assert "OF_THE_USER" in names
    assert str(own) in path
    assert not {"", ".", str(tmp_path)} & set(path)
    assert arguments == ["one", "two words"]
    assert isolated


def test_the_folder_that_retint_itself_is_in_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Path(children.__file__).parent.parent
    monkeypatch.chdir(own)
    monkeypatch.syspath_prepend(str(own))
    assert str(own) in children.search_path()


def test_the_search_path_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    monkeypatch.syspath_prepend("")
    before = list(sys.path)
    with children.guarded():
        assert os.environ["PYTHONSAFEPATH"] == "1"
        assert "" not in sys.path
    assert "PYTHONSAFEPATH" not in os.environ
    assert sys.path == before


PLUGIN = """
from retint.colorizers import method_names
print('planted' in method_names())
"""


def test_a_distribution_that_lies_in_the_folder_adds_no_method(downloads: Path) -> None:
    (downloads / "retint" / "__init__.py").unlink()
    (downloads / "retint").rmdir()
    planted = downloads / "planted-1.0.dist-info"
    planted.mkdir()
    (planted / "METADATA").write_text("Metadata-Version: 2.1\nName: planted\nVersion: 1.0\n")
    (planted / "entry_points.txt").write_text("[retint.methods]\nplanted = json:JSONDecoder\n")
    for path in downloads.glob("*.py"):
        path.unlink()
    assert "False" in call([sys.executable, "-c", PLUGIN], downloads)
    assert "planted" not in call([sys.executable, "-m", "retint", "methods"], downloads)
