"""The number of CPU threads and their distribution."""

from __future__ import annotations

import os
from dataclasses import dataclass


def processors() -> int:
    """The number of processors available to this process."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def threads_or_all(threads: int) -> int:
    """`threads`, or all if it is 0; never more than the number of processors."""
    return min(threads, processors()) if threads else processors()


@dataclass(frozen=True)
class Shares:
    """Number of workers that colour pictures in parallel, and the threads of each."""

    workers: int
    threads: int

    @classmethod
    def of(cls, threads: int, workers: int, most: int) -> Shares:
        """Divide the threads (0: all) among `workers` (0: one per thread), at most `most`.

        One thread for each of several pictures is faster than all threads for one picture.
        """
        there = threads_or_all(threads)
        at_once = max(1, min(threads_or_all(workers) if workers else there, most))
        return cls(at_once, max(1, there // at_once))
