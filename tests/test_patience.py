"""Limits of time hold for what a process does, not for what the machine does beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .patience import TICK, Patience

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/schedstat").exists(), reason="only Linux keeps the accounts"
)


@contextmanager
def running(script: str, before: Callable[[], None] | None = None) -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-c", f"print(flush=True)\n{script}"],
                               stdout=subprocess.PIPE, preexec_fn=before)  # fmt: skip
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
    finally:  # one that computes would go on for ever
        process.kill()
        process.communicate()


@pytest.mark.parametrize("script", ["import time; time.sleep(99)", "while True: pass"])
def test_it_ends_for_a_process_that_hangs(script: str) -> None:
    with running(script) as pid:
        patience = Patience(pid, 0.4)
        looks = 0
        while not patience.is_over():
            time.sleep(TICK)
            looks += 1
        assert patience.spent >= 0.4
        assert looks >= 2


def test_it_lasts_while_other_programs_hold_the_processor() -> None:
    def on_one_processor() -> None:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    busy = "while True: pass"
    with running(busy, on_one_processor), running(busy, on_one_processor), \
         running(busy, on_one_processor) as pid:  # fmt: skip
        patience, began = Patience(pid, 99), time.monotonic()
        while time.monotonic() < began + 2:
            patience.is_over()
            time.sleep(TICK)
        assert patience.spent < 1.5


def test_it_lasts_while_who_looks_is_stopped() -> None:
    with running("import time; time.sleep(99)") as pid:
        patience = Patience(pid, 0.5)
        os.kill(pid, signal.SIGSTOP)
        time.sleep(1)  # nobody looks
        os.kill(pid, signal.SIGCONT)
        assert not patience.is_over()
