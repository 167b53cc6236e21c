"""Learning rate schedules and early stopping."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

from retint.training.recipe import Schedule


@dataclass
class LearningRate:
    """The learning rate, updated with the validation loss after each epoch."""

    schedule: Schedule
    base: float
    factor: float = 1.0
    lowest: float = math.inf
    """The lowest validation loss at this picture size."""
    best: float = math.inf
    """The last loss that counted as an improvement."""
    epochs_without: int = 0
    plateau: int = 0

    def rate(self, progress: float) -> float:
        """The learning rate at `progress` (0-1) of the run."""
        if self.schedule.kind == "plateau":
            return self.base * self.factor
        warm_up = self.schedule.warm_up
        if progress < warm_up:
            return self.base * progress / warm_up
        return self.base * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up))) / 2

    def epoch_done(self, loss: float, *, comparable: bool = True) -> bool:
        """Record the validation loss of an epoch; returns whether it is the lowest so far.

        Losses at different picture sizes are not comparable, so counting restarts with a new size.
        """
        if not comparable:
            self.lowest = self.best = math.inf
        if loss < self.best - self.schedule.improvement:
            self.best, self.epochs_without, self.plateau = loss, 0, 0
        else:
            self.epochs_without += 1
            self.plateau += 1
        if self.plateau > self.schedule.patience:
            self.factor *= self.schedule.factor
            self.plateau = 0
        is_lowest = loss < self.lowest
        self.lowest = min(self.lowest, loss)
        return is_lowest

    @property
    def stopped(self) -> bool:
        """Whether the run should end before its last epoch."""
        return self.schedule.kind == "plateau" and self.epochs_without >= self.schedule.stop_after

    def state(self) -> dict[str, float]:
        """The state for `restore`, as JSON numbers."""
        state = asdict(self)
        del state["schedule"], state["base"]
        return state

    def restore(self, state: dict[str, float]) -> None:
        for name, value in state.items():
            setattr(self, name, value)
