"""Encoders leave the processors to other programs."""

from __future__ import annotations

import os
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from retint.film import priority

from ..cli.test_main import run
from .clips import moving, write

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these policies")


def policies() -> set[int]:
    return {os.sched_getscheduler(int(each.name)) for each in priority.THREADS.iterdir()}


def test_coloring_a_film_as_av1_keeps_the_usual_policy(tmp_path: Path) -> None:
    deep = write(tmp_path / "a.mp4", moving(3), codec="libx265", pix_fmt="yuv420p10le")
    assert run(deep, "-o", tmp_path / "b.webm") == 0
    with av.open(tmp_path / "b.webm") as film:
        assert film.streams.video[0].codec.canonical_name == "av1"
    assert policies() == {os.SCHED_OTHER}


def test_an_encoder_that_fails_keeps_it_too() -> None:
    def fail() -> None:
        with priority.ordinary():
            encoder = av.CodecContext.create("libsvtav1", "w")
            encoder.width, encoder.height, encoder.pix_fmt = 64, 64, "yuv420p"
            encoder.framerate = Fraction(24)
            encoder.encode(av.VideoFrame.from_ndarray(np.zeros((96, 64), np.uint8), "yuv420p"))
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fail()
    assert policies() == {os.SCHED_OTHER}


def test_a_policy_that_the_user_chose_stays() -> None:
    try:
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        with priority.ordinary():
            pass
        assert os.sched_getscheduler(0) == os.SCHED_BATCH
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
