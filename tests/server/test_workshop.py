"""Urgent work goes first, and work for disconnected clients ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest
from starlette.requests import Request

from retint.server.keep.workshop import Workshop
from retint.server.problems import Problem
from retint.server.settings import Settings
from retint.steps import with_progress

pytestmark = pytest.mark.alone


def request(gone: anyio.Event | None = None) -> Request:
    async def receive() -> dict[str, Any]:
        await (gone or anyio.Event()).wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http"}, receive)


def finished(main: Callable[[], Awaitable[None]]) -> None:
    """Run it in a thread of its own: this one may have a loop already, of a browser's driver."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(anyio.run, main).result()


def test_urgent_work_goes_before_patient_work() -> None:
    workshop = Workshop(Settings(threads=1))
    order: list[str] = []

    def behind() -> None:
        for step in with_progress(range(20)):
            order.append(f"step {step}")
            time.sleep(0.02)

    def urgent() -> None:
        order.append("begun")
        time.sleep(0.2)
        order.append("done")

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(workshop.run_behind, request(), behind)
            await anyio.sleep(0.1)
            await workshop.run(urgent)

    finished(main)
    begun, done = order.index("begun"), order.index("done")
    assert begun > 0
    assert done - begun <= 2  # no more than the step that was under way
    assert order[-1] == "step 19"


def test_work_ends_when_its_caller_has_gone() -> None:
    workshop = Workshop(Settings(threads=1))
    ended = threading.Event()
    steps = []

    def behind() -> None:
        try:
            for step in with_progress(range(1000)):
                steps.append(step)
                time.sleep(0.01)
        finally:
            ended.set()

    async def main() -> None:
        gone = anyio.Event()
        refused = False

        async def ask() -> None:
            nonlocal refused
            try:
                await workshop.run_behind(request(gone), behind)
            except Problem:
                refused = True

        async with anyio.create_task_group() as group:
            group.start_soon(ask)
            await anyio.sleep(0.1)
            gone.set()
        assert refused

    finished(main)
    assert ended.wait(5)
    assert 0 < len(steps) < 100
