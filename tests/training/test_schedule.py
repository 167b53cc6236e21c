from __future__ import annotations

import pytest

from retint.training.recipe import Schedule
from retint.training.schedule import LearningRate


def test_cosine_rises_then_falls_to_zero() -> None:
    rate = LearningRate(Schedule("cosine", warm_up=0.1), 1e-3)
    assert rate.rate(0) == 0
    assert rate.rate(0.05) == pytest.approx(5e-4)
    assert rate.rate(0.1) == pytest.approx(1e-3)
    assert rate.rate(0.55) == pytest.approx(5e-4)
    assert rate.rate(1) == pytest.approx(0, abs=1e-9)


def test_plateau_lowers_the_rate_and_then_stops() -> None:
    schedule = Schedule("plateau", factor=0.35, patience=3, stop_after=6, improvement=1e-4)
    rate = LearningRate(schedule, 1e-3)
    assert rate.epoch_done(0.5)
    assert rate.epoch_done(0.4)
    assert rate.epoch_done(0.39995)  # the lowest, but by too little for the plateau
    for _ in range(2):
        rate.epoch_done(0.41)
    assert rate.rate(0.5) == 1e-3
    rate.epoch_done(0.41)
    assert rate.rate(0.5) == pytest.approx(0.35e-3)
    assert not rate.stopped
    for _ in range(2):
        rate.epoch_done(0.41)
    assert rate.stopped


def test_losses_at_another_size_are_not_compared() -> None:
    rate = LearningRate(Schedule("plateau"), 1e-3)
    assert rate.epoch_done(0.1)
    assert not rate.epoch_done(0.2)
    assert rate.epoch_done(0.3, comparable=False)


def test_state_goes_through_json() -> None:
    import json

    rate = LearningRate(Schedule("plateau"), 1e-3)
    for loss in (0.5, 0.6, 0.6, 0.6, 0.6):
        rate.epoch_done(loss)
    other = LearningRate(Schedule("plateau"), 1e-3)
    other.restore(json.loads(json.dumps(rate.state())))
    assert other == rate
