"""Stages on threads end with their errors, when cancelled, and when they hang."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from retint.errors import PhotoError
from retint.film import stages
from retint.film.stages import Aside, pulse

pytestmark = pytest.mark.alone


def ended(doing: str) -> bool:
    """Whether no thread does that any more, soon."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if not any(each.name == doing for each in threading.enumerate()):
            return True
        time.sleep(0.01)
    return False


def test_items_come_in_their_order() -> None:
    with Aside(range(100), "counting", weigh=lambda _: 1, most=7) as found:
        assert list(found) == list(range(100))
    assert ended("counting")


def test_waiting_items_are_bounded_by_their_bytes() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for k in range(50):
            made.append(k)
            yield k

    with Aside(items(), "making", weigh=lambda _: 10, most=30) as found:
        assert next(found) == 0
        time.sleep(0.3)
        assert len(made) <= 1 + 3 + 1  # drawn, waiting, in the maker's hand
        assert list(found) == list(range(1, 50))


def test_one_item_may_wait_whatever_its_size() -> None:
    with Aside(range(5), "making", weigh=lambda _: 1000, most=1) as found:
        assert list(found) == list(range(5))


def test_an_error_comes_after_what_was_made_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError(28, "No space left on device")

    with Aside(items(), "writing") as found:
        assert next(found) == 1
        with pytest.raises(OSError, match="No space"):
            next(found)
        with pytest.raises(OSError, match="No space"):
            next(found)


def test_a_stage_that_stands_still_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "GRACE", 0.1)
    free = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        free.wait(30)

    with (
        pytest.raises(PhotoError, match="standing made no progress"),
        Aside(items(), "standing", patience=0.3) as found,
    ):
        list(found)
    free.set()
    assert ended("standing")


def test_waiting_for_a_stage_counts_as_progress() -> None:
    def slow() -> Iterator[int]:
        for k in range(4):
            time.sleep(0.3)
            yield k

    with Aside(slow(), "slow", patience=5) as inner, Aside(inner, "outer", patience=0.5) as found:
        assert list(found) == [0, 1, 2, 3]


def test_pulses_count_as_progress() -> None:
    def items() -> Iterator[int]:
        for _ in range(8):
            time.sleep(0.1)
            pulse()
        yield 1

    with Aside(items(), "working", patience=0.4) as found:
        assert list(found) == [1]


def test_leaving_ends_all_stages_and_closes_their_sources() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    def nothing(items: Iterator[int]) -> Iterator[int]:
        for _ in items:
            pulse()
        yield 0

    with Aside(endless(), "first") as one, Aside(nothing(one), "second"):
        time.sleep(0.1)
    assert closed.wait(5)
    assert ended("first")
    assert ended("second")


def test_an_abandoned_stage_ends() -> None:
    def endless() -> Iterator[int]:
        while True:
            yield 1

    found = Aside(endless(), "forgotten")
    assert next(found) == 1
    del found
    assert ended("forgotten")


def test_waiting_consumers_can_cancel() -> None:
    def items() -> Iterator[int]:
        for _ in range(300):
            time.sleep(0.1)
            pulse()
        yield 1

    def no_more() -> None:
        raise KeyboardInterrupt

    began = time.monotonic()
    with (
        pytest.raises(KeyboardInterrupt),
        Aside(items(), "unwanted", waiting=no_more) as found,
    ):
        list(found)
    assert time.monotonic() - began < 5
    assert ended("unwanted")
