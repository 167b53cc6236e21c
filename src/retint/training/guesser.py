"""What a network must be to be trained here."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

from retint.size import SizeRequirement
from retint.training.guess import Guess
from retint.training.resnet import ResNet18


class Guesser(nn.Module, ABC):
    """A network that guesses something about a picture from its lightness.

    `forward`, which is what an exported network does, answers L* / 100 [N, 1, H, W] with a tensor.
    """

    size: SizeRequirement

    @abstractmethod
    def guess(self, lightness: Tensor) -> Guess:
        """L* / 100 [N, 1, H, W] to all that losses may ask for."""

    def pretrained(self) -> ResNet18 | None:
        """The part that starts from other weights and may be frozen, if there is one."""
        return None
