"""What a network must be to be trained here."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

from retint.color.size import SizeRequirement
from retint.training.guess import Batch, Guess
from retint.training.networks.encoder import Encoder
from retint.training.onnx_file import Part, picture_part
from retint.training.recipe import RecipeError


class Guesser(nn.Module, ABC):
    """A network that guesses something about a picture from its lightness.

    `forward`, which is what an exported network does, answers L* / 100 [N, 1, H, W] with a tensor.
    """

    size: SizeRequirement
    tolerance = 1e-3
    """Largest difference that an exported network may have, in units of its output."""

    @abstractmethod
    def guess(self, lightness: Tensor, hints: Tensor | None = None) -> Guess:
        """All that losses may ask for.

        Parameters
        ----------
        lightness
            L* / 100 [N, 1, H, W].
        hints
            a*, b* over `CHROMA_SCALE` where there is a hint, and 1 there, else 0: [N, 3, H, W];
            None where there are none. A network that takes no hints does not look at them.
        """

    def attempt(self, truth: Batch, hints: Tensor) -> Guess:
        """What is judged in training; a network that does not guess in one go has its own way."""
        return self.guess(truth.lightness, hints)

    def pretrained(self) -> Encoder | None:
        """The part that starts from other weights and may be frozen, if there is one."""
        return None

    def learn_only_hints(self) -> None:
        """Freeze all but what hints go through, so that the answer without any stays as it is.

        Raises
        ------
        RecipeError
            If the network takes none.
        """
        raise RecipeError("only_hints: the network takes no hints")

    def beside(self) -> Guesser | None:
        """The network of another method that this one runs beside, if there is one."""
        return None

    def parts(self, sizes: list[tuple[int, int]]) -> list[Part]:
        """What an exported file holds; compared with torch on pictures of these (H, W)."""
        return [picture_part(self, [(1, *size) for size in sizes])]
