"""The interface of networks for training."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

from retint.color.size import SizeRequirement
from retint.training.guess import Batch, Guess
from retint.training.networks.encoder import Encoder
from retint.training.onnx_file import Part, picture_part
from retint.training.recipe import RecipeError


class Guesser(nn.Module, ABC):
    """A network that predicts something about a picture from its lightness.

    `forward`, which is what an exported network computes, maps L* / 100 [N, 1, H, W] to a tensor.
    """

    size: SizeRequirement
    tolerance = 1e-3
    """Largest allowed difference of an exported network, in units of its output."""

    @abstractmethod
    def guess(self, lightness: Tensor, hints: Tensor | None = None) -> Guess:
        """All predictions that losses may use.

        Parameters
        ----------
        lightness
            L* / 100 [N, 1, H, W].
        hints
            a*, b* over `CHROMA_SCALE` where there is a hint, and 1 there, else 0: [N, 3, H, W];
            None if there are none. Networks that take no hints ignore them.
        """

    def attempt(self, truth: Batch, hints: Tensor) -> Guess:
        """The prediction for the losses; networks that sample iteratively override it."""
        return self.guess(truth.lightness, hints)

    def pretrained(self) -> Encoder | None:
        """The part that starts from other weights and may be frozen, if there is one."""
        return None

    def learn_only_hints(self) -> None:
        """Freeze all layers except those for hints, so that predictions without hints stay the
        same.

        Raises
        ------
        RecipeError
            If the network takes no hints.
        """
        raise RecipeError("only_hints: the network takes no hints")

    def beside(self) -> Guesser | None:
        """The network of another method that this one is used with, if there is one."""
        return None

    def parts(self, sizes: list[tuple[int, int]]) -> list[Part]:
        """The parts of an exported file, compared with PyTorch on pictures of these (H, W)."""
        return [picture_part(self, [(1, *size) for size in sizes])]
