"""A network's predictions for a batch, in the forms that losses compare with the truth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from retint.training import color

CHROMA_SCALE = 100.0
"""a*, b* are divided by this in training, like L*."""


@dataclass(frozen=True)
class Batch:
    """Photographs, and the inputs that the network gets of them."""

    lightness: Tensor
    """L* / 100 [N, 1, H, W], degraded if the recipe requests it."""
    rgb: Tensor
    """sRGB [N, 3, H, W] in [0, 1]."""

    @cached_property
    def chroma(self) -> Tensor:
        """a*, b* over `CHROMA_SCALE` [N, 2, H, W]."""
        return self._lab[:, 1:] / CHROMA_SCALE

    @cached_property
    def clean_lightness(self) -> Tensor:
        """L* / 100 [N, 1, H, W] of the photographs themselves."""
        return self._lab[:, :1] / 100

    @cached_property
    def _lab(self) -> Tensor:
        return color.rgb_to_lab(self.rgb)


@dataclass(frozen=True)
class Guess:
    """A network's predictions for their lightness; it fills in what it predicts."""

    lightness: Tensor
    """The input."""
    painted: Tensor | None = None
    """sRGB [N, 3, H, W] of a network that predicts the whole picture."""
    chroma: Tensor | None = None
    """a*, b* over `CHROMA_SCALE` [N, 2, H, W]."""
    logits: Tensor | None = None
    """Scores of the 313 colours [N, 313, h, w]."""
    features: tuple[Tensor, ...] = ()
    """Feature maps of a network that imitates another one, finest first."""
    velocities: tuple[Tensor, Tensor] | None = None
    """Predicted and true velocity of a network that removes noise."""

    def single(self) -> Guess:
        """The same in single precision, for the losses."""
        tensors = {
            name: value.float() for name, value in vars(self).items() if isinstance(value, Tensor)
        }
        features = tuple(each.float() for each in self.features)
        velocities = self.velocities and (self.velocities[0].float(), self.velocities[1].float())
        return replace(self, **tensors, features=features, velocities=velocities)

    @cached_property
    def rgb(self) -> Tensor:
        """The picture: sRGB [N, 3, H, W] in [0, 1]."""
        return self.on(self.lightness)

    def on(self, lightness: Tensor) -> Tensor:
        """The predicted chroma on an L* / 100 [N, 1, H, W]: sRGB [N, 3, H, W] in [0, 1]."""
        if self.painted is not None:
            return self.painted
        assert self.chroma is not None
        lab = torch.cat([lightness * 100, self.chroma * CHROMA_SCALE], dim=1)
        return color.lab_to_rgb(lab)
