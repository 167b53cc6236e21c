"""How many CPU threads there are, and who gets how many."""

from __future__ import annotations

import os
from dataclasses import dataclass


def processors() -> int:
    """How many this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def threads_or_all(threads: int) -> int:
    """`threads`, or all where it is 0; more than there are processors would only get in the way."""
    return min(threads, processors()) if threads else processors()


@dataclass(frozen=True)
class Shares:
    """Workers that colour pictures side by side, and the threads of each."""

    workers: int
    threads: int

    @classmethod
    def of(cls, threads: int, workers: int, most: int) -> Shares:
        """Divide threads, 0 for all: among `workers`, 0 for one a thread, no more than `most`.

        A picture each beats all threads for one picture.
        """
        there = threads_or_all(threads)
        at_once = max(1, min(threads_or_all(workers) if workers else there, most))
        return cls(at_once, max(1, there // at_once))
