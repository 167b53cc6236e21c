"""A patient and an urgent request that share a result do not block each other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import pytest

from retint.color.lab import Float32
from retint.color.size import SizeRequirement
from retint.colorizers.base import Colorizer, Look
from retint.picture.pipeline import Pipeline
from retint.server.keep import workshop
from retint.steps import with_progress

from .conftest import encoded
from .serving import Served

pytestmark = pytest.mark.alone

SOON = 10.0
"""Seconds within which a test's own events come; a server that hangs takes twelve times as long."""


class Stub(Colorizer):
    """A method of two steps; between them it waits until a test lets it go on."""

    name = "stub"
    summary = "waits"
    look_class = Look
    native = 32
    size = SizeRequirement()

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.free = threading.Event()
        self.made = 0
        self.ended = threading.Semaphore(0)

    def look(self, lightness: Float32) -> Look:
        return StubLook(self, lightness)


class StubLook(Look):
    takes_hints = True

    def __init__(self, stub: Stub, lightness: Float32) -> None:
        super().__init__("stub")
        self._stub, self._lightness = stub, lightness

    def _chroma(self, hints: Float32 | None) -> Float32:  # noqa: ARG002
        try:
            for step in with_progress(range(2)):
                if step == 0:
                    self._stub.begun.release()
                    assert self._stub.free.wait(SOON)
            self._stub.made += 1
        finally:
            self._stub.ended.release()
        return np.zeros((*self._lightness.shape, 2), np.float32)


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    stub = Stub()
    monkeypatch.setattr(workshop, "load_pipeline", lambda *_, **__: Pipeline(stub, 1))
    yield stub
    stub.free.set()


@pytest.fixture
def served(stub: Stub, served_of: Callable[..., Served]) -> Served:  # noqa: ARG001
    return served_of(workers=2)


class Asked:
    """Requests about one kept picture, each in a thread of its own."""

    def __init__(self, served: Served, pool: ThreadPoolExecutor) -> None:
        self._served, self._pool = served, pool
        answer = httpx.post(f"{served.url}/v1/sessions", content=encoded(), timeout=SOON)
        self.url = f"{served.url}/v1/sessions/{answer.json()['id']}/colorize"

    def __call__(self, **wish: Any) -> Future[int]:
        def ask() -> int:
            return httpx.post(self.url, json=wish, timeout=2 * SOON).status_code

        before = self._served.under_way()
        asked = self._pool.submit(ask)
        self._served.wait_until_under_way(before + 1)
        return asked


@pytest.fixture
def ask(served: Served) -> Iterator[Asked]:
    with ThreadPoolExecutor(4) as pool:
        yield Asked(served, pool)


def test_work_inherits_the_urgency_of_waiting_requests(ask: Asked, stub: Stub) -> None:
    patient = ask(patient=True)
    assert stub.begun.acquire(timeout=SOON)
    urgent = ask(patient=False)
    stub.free.set()
    assert urgent.result(SOON) == 200
    assert patient.result(SOON) == 200
    assert stub.made == 1


def test_another_wish_still_goes_before_a_patient_one(ask: Asked, stub: Stub) -> None:
    patient = ask(patient=True)
    assert stub.begun.acquire(timeout=SOON)
    urgent = ask(method="other")
    assert stub.begun.acquire(timeout=SOON)
    assert not patient.done()
    stub.free.set()
    assert urgent.result(SOON) == 200
    assert patient.result(SOON) == 200
    assert stub.made == 2


def test_a_waiting_request_computes_an_abandoned_result(
    served: Served, ask: Asked, stub: Stub
) -> None:
    """The caller who came first leaves: what was begun is finished for the one who came later."""
    with served.connected() as leaving:
        leaving.ask("POST", ask.url, {"patient": True})
        assert stub.begun.acquire(timeout=SOON)
        urgent = ask()
    served.wait_until_under_way(1)
    stub.free.set()
    assert urgent.result(SOON) == 200


def test_urgent_work_ends_too_when_its_caller_has_gone(
    served: Served, ask: Asked, stub: Stub
) -> None:
    with served.connected() as leaving:
        leaving.ask("POST", ask.url, {})
        assert stub.begun.acquire(timeout=SOON)
    served.wait_until_under_way(0)
    stub.free.set()
    assert stub.ended.acquire(timeout=SOON)
    assert stub.made == 0


def test_work_that_nobody_can_end_is_bounded(served_of: Callable[..., Served], stub: Stub) -> None:
    """Callers who leave cannot fill the machine with what goes on without them."""
    served = served_of(workers=1)
    with ThreadPoolExecutor(1) as pool:
        ask = Asked(served, pool)
        begun = 0
        for _ in range(workshop.MOST_LEFT):
            with served.connected() as leaving:
                leaving.ask("POST", ask.url, {"method": f"{begun}"})
                assert stub.begun.acquire(timeout=SOON)
            served.wait_until_under_way(0)
            begun += 1
        assert httpx.post(ask.url, json={"method": "more"}, timeout=SOON).status_code == 503
        stub.free.set()
        for _ in range(begun):
            assert stub.ended.acquire(timeout=SOON)
        assert stub.made == 0
        assert httpx.post(ask.url, json={}, timeout=SOON).status_code == 200
