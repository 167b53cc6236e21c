"""Keeps encoders at the priority of other programs.

SVT-AV1 gives its threads, and the one that opens it, the real-time policy of Linux if the process
belongs to root, as in many containers. Nothing else gets the processors that they take, and child
processes inherit the policy.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

THREADS = Path("/proc/self/task")


@contextmanager
def ordinary() -> Iterator[None]:
    """Take real-time policies away that threads got meanwhile, unless the caller had one before."""
    if sys.platform != "linux" or os.sched_getscheduler(0) != os.SCHED_OTHER:
        yield
        return
    try:
        yield
    finally:
        for thread in (int(each.name) for each in THREADS.iterdir()):
            with suppress(OSError):  # it has ended
                if os.sched_getscheduler(thread) in (os.SCHED_FIFO, os.SCHED_RR):
                    os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))
