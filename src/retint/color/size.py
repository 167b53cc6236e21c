"""Size requirements of networks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SizeRequirement:
    """Accepted heights and widths: `multiple_of * k + offset`, and at least `minimum`.

    Raises
    ------
    ValueError
        If the three values contradict each other.
    """

    minimum: int = 1
    """The smallest accepted height and width."""
    multiple_of: int = 1
    """The stride of the network's deepest layer."""
    offset: int = 0
    """Pixels that unpadded convolutions remove from each multiple; in (-multiple_of, 0]."""

    def __post_init__(self) -> None:
        if self.multiple_of < 1 or not -self.multiple_of < self.offset <= 0:
            raise ValueError(f"offset {self.offset} does not fit multiple_of {self.multiple_of}")
        if self.minimum < 1 or not self.accepts(self.minimum):
            raise ValueError(f"minimum {self.minimum} is not itself an accepted size")

    def accepts(self, length: int) -> bool:
        """Whether a height or width of `length` pixels is accepted without padding."""
        return length >= self.minimum and (length - self.offset) % self.multiple_of == 0

    def padded(self, length: int) -> int:
        """The smallest accepted height or width that is at least `length`."""
        length = max(length, self.minimum)
        return length + (self.offset - length) % self.multiple_of
