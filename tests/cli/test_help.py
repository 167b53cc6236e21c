"""Help, and completion in shells."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from retint.cli.commands import COMMANDS

from .test_main import run

BASH = shutil.which("bash")


def test_without_arguments_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 2
    out, err = capsys.readouterr()
    assert not out
    assert "\\n" not in err
    assert "\nCommands:\n" in err


@pytest.mark.parametrize("args", [["-h"], ["help"]])
def test_help_has_several_names(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    usual = capsys.readouterr().out
    assert usual.startswith("Usage: retint PHOTO... [OPTIONS]\n")
    assert run(*args) == 0
    assert capsys.readouterr().out == usual


@pytest.mark.parametrize("name", [each.name for each in COMMANDS])
def test_help_shows_the_options_of_a_command(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(name, "--help") == 0
    usual = capsys.readouterr().out
    assert usual.startswith(f"Usage: retint {name} [OPTIONS]")
    for args in ([name, "-h"], ["help", name]):
        assert run(*args) == 0
        assert capsys.readouterr().out == usual


@pytest.mark.parametrize("name", ["colourize", "colorise"])
def test_help_of_an_unknown_command_suggests_one(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("help", name) == 2
    assert "did you mean colorize?" in capsys.readouterr().err


def test_missing_choices_are_listed_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("evaluate") == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def completions(folder: Path, *words: str) -> list[str]:
    """What bash offers for the last word, with the script that retint prints."""
    assert BASH is not None
    command = folder / "bin" / "retint"
    if not command.exists():
        command.parent.mkdir()
        command.write_text(f"#!{sys.executable}\nfrom retint.cli import main\nmain()\n")
        command.chmod(0o755)
    here = folder / "here"
    here.mkdir(exist_ok=True)
    # Readline adds its own file names where nothing is offered and `-o default` is set.
    script = """
    eval "$(_RETINT_COMPLETE=bash_source retint)"
    compopt() { [[ $2 == default ]] && is_default=1; return 0; }
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    _retint_completion retint
    if [[ ${#COMPREPLY[@]} -eq 0 && $is_default ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "${@: -1}")
    fi
    printf '%s\\n' "${COMPREPLY[@]}"
    """
    path = os.pathsep.join((str(command.parent), os.environ["PATH"]))
    done = subprocess.run(
        [BASH, "--norc", "-c", script, "bash", "retint", *words],
        cwd=here, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert not done.stderr
    return sorted(done.stdout.split("\n")[:-1])


@pytest.mark.skipif(BASH is None or sys.platform == "win32", reason="needs bash")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["al"], ["album one", "album.jpg"]),
        (["co"], ["colorize", "compare", "cow.jpg"]),
        (["album.jpg", "c"], ["cow.jpg"]),
        (["colour", "c"], ["cow.jpg"]),
        (["album.jpg", "-o", "al"], ["album one", "album.jpg"]),
        (["restore", "al"], ["album one", "album.jpg"]),
        (["help", "re"], ["restore"]),
        (["--method", "chr"], ["chroma-diffusion"]),
        (["album.jpg", "--method", "res"], ["resnet-unet"]),
        (["compare", "--method", "unet,hy"], ["unet,hybrid"]),
        (["--me"], ["--method"]),
    ],
    ids=" ".join,
)
def test_bash_completes(tmp_path: Path, words: list[str], expected: list[str]) -> None:
    (tmp_path / "here" / "album one").mkdir(parents=True)
    for name in ("album.jpg", "cow.jpg"):
        (tmp_path / "here" / name).touch()
    assert completions(tmp_path, *words) == expected
