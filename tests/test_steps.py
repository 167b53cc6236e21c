"""Progress and cancellation of long computations."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest

import retint
from retint.steps import report_steps_to, with_progress

from .cli.test_main import run

GREY = np.random.default_rng(0).integers(0, 256, (48, 64)).astype(np.uint8)


def test_progress_is_reported_before_each_step() -> None:
    told: list[tuple[int, int]] = []
    with report_steps_to(lambda done, of: told.append((done, of))):
        for each in with_progress((7, 8)):
            told.append((each, each))  # noqa: PERF401 - in the order of events
    assert told == [(0, 2), (7, 7), (1, 2), (8, 8), (2, 2)]
    assert list(with_progress("cd")) == ["c", "d"]
    assert len(told) == 5


def test_sampling_reports_its_steps_and_can_be_cancelled() -> None:
    method = retint.load("chroma-diffusion", threads=1, steps=4)
    told: list[tuple[int, int]] = []
    with report_steps_to(lambda done, of: told.append((done, of))):
        method(GREY)
    assert told[-1] == (told[-1][1], told[-1][1])

    class EnoughError(Exception):
        pass

    def stop(done: int, _of: int) -> None:
        if done:
            raise EnoughError

    with report_steps_to(stop), pytest.raises(EnoughError):
        method(GREY)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_one_picture_of_many_steps_shows_a_bar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PIL import Image

    path = tmp_path / "a.png"
    Image.fromarray(GREY).save(path)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    call = (path, "--method", "chroma-diffusion", "--variants", 2, "--threads", 1, "--force")
    assert run(*call) == 0
    assert "step" in terminal.getvalue()
    quiet = Terminal()
    monkeypatch.setattr(sys, "stderr", quiet)
    assert run(*call, "--quiet") == 0
    assert "step" not in quiet.getvalue()
