"""What the options of all diffusion methods have in common."""

from __future__ import annotations

from typing import Protocol

from retint.colorizers.ddim import SCHEDULE
from retint.errors import UsageError


class DiffusionOptions(Protocol):
    """Names and meanings are the same for each method; defaults are its own."""

    @property
    def strength(self) -> float: ...
    @property
    def guidance_scale(self) -> float: ...
    @property
    def control_scale(self) -> float: ...
    @property
    def steps(self) -> int: ...
    @property
    def seed(self) -> int: ...


def check(options: DiffusionOptions) -> None:
    """Raise UsageError where one of them makes no sense."""
    if not 0 < options.strength <= 1:
        raise UsageError(f"strength is above 0 and at most 1, not {options.strength:g}")
    if options.guidance_scale < 0 or options.control_scale < 0:
        raise UsageError("guidance_scale and control_scale are 0 or more")
    if not 1 <= options.steps <= SCHEDULE:
        raise UsageError(f"steps is between 1 and {SCHEDULE}, not {options.steps}")
    if options.seed < 0:
        raise UsageError(f"seed is 0 or more, not {options.seed}")
