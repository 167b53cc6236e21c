"""Wrong values and names of options: one line says what is wanted."""

from __future__ import annotations

import re

import pytest

from .test_main import run


def said(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert run("photo.jpg", *args) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ("--vividness 1,2", "--vividness must be a number from 0 to 2, not '1,2' (write a decimal "
                            "point: 1.2)"),
        ("--vividness 5", "--vividness must be a number from 0 to 2, not 5"),
        ("--vividness nan", "--vividness must be a number from 0 to 2, not 'nan'"),
        ("--strength 0", "--strength must be a number above 0 and at most 1, not 0"),
        ("--crf 3,5", "--crf must be a whole number from 0 to 51, not '3,5'"),
        ("--variants 65", "--variants must be a whole number from 1 to 64, not 65"),
        ("--max-pixels 0", "--max-pixels must be a whole number, 1 or more, not 0"),
        ("--look vivd", "--look: unknown look 'vivd'; did you mean vivid?"),
        ("--format jpg", "--format: unknown format 'jpg'; did you mean jpeg or png?"),
        ("--colour red", "no such option: --colour; did you mean --hint?"),
        ("--recolour", "no such option: --recolour; did you mean --recolor?"),
        ("--vividnes 1", "no such option: --vividnes; did you mean --vividness?"),
        ("--xyz", "no such option: --xyz"),
    ],
)  # fmt: skip
def test_a_mistyped_option_is_explained_in_one_line(
    args: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, *args.split()) == f"retint: {message} (see 'retint colorize --help')\n"


def test_the_help_states_each_range_once_and_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("colorize", "serve", "watch", "cluster", "evaluate", "train"):
        assert run(command, "--help") == 0
        text = " ".join(capsys.readouterr().out.split())
        assert not re.search(r"[<>]=|RANGE", text)
        for found in re.findall(r"--vividness NUMBER.*?--saturation", text):
            assert found.count("from 0 to 2") == 1
