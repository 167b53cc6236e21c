"""Films in a look keep their luma, and say which look it is."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from ..cli.test_main import run
from .clips import colorfulness, lumas, moving, write

QUIET = ("--quiet", "--threads", 1, "--method", "mean", "--lossless")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write(tmp_path / "a.mkv", moving(4), codec="ffv1")


def test_a_look_changes_the_chroma_of_a_film_only(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain, grey = tmp_path / "plain.mkv", tmp_path / "grey.mkv"
    assert run(clip, "-o", plain, *QUIET) == 0
    assert run(clip, "-o", grey, "--look", "hand-tinted", *QUIET) == 0
    assert max(colorfulness(grey)) < min(colorfulness(plain))
    for one, other in itertools.zip_longest(lumas(clip), lumas(grey)):
        np.testing.assert_array_equal(one, other)
    assert run("inspect", grey) == 0
    assert '"look": "hand-tinted"' in capsys.readouterr().out


def test_a_warm_film_is_more_colourful(clip: Path, tmp_path: Path) -> None:
    colors = []
    for warmth in (0, 1):
        target = tmp_path / f"{warmth}.mkv"
        assert run(clip, "-o", target, "--warmth", warmth, *QUIET) == 0
        colors.append(np.mean(colorfulness(target)))
    assert colors[1] > colors[0]
