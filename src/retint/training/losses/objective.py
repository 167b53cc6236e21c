"""The training objective: the weighted losses of a recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from retint.training.guess import Batch, Guess
from retint.training.losses.classification import Classification
from retint.training.losses.critic import Adversary
from retint.training.losses.distillation import Distillation
from retint.training.losses.perceptual import Perceptual, feature_maps
from retint.training.losses.pixelwise import (
    Colorfulness,
    Denoising,
    Huber,
    MeanAbsolute,
    MeanSquared,
)
from retint.training.networks.base import Guesser
from retint.training.recipe import Losses


class Objective(nn.Module):
    """The weighted sum of the losses of one network on a batch."""

    def __init__(self, network: Guesser, losses: WeightedLosses, *, half: bool = False) -> None:
        super().__init__()
        self.network = network
        self.losses = losses
        self.reduced = half

    def forward(self, lightness: Tensor, rgb: Tensor, hints: Tensor) -> Tensor:
        """The loss for L* / 100 [N, 1, H, W], sRGB and hint planes [N, 3, H, W]."""
        truth = Batch(lightness, rgb)
        if not self.reduced:
            guess = self.network.attempt(truth, hints)
        else:
            _ = truth.chroma  # computed in single precision, before the network uses it
            with torch.autocast(lightness.device.type, torch.bfloat16):
                guess = self.network.attempt(truth, hints).single()
        total: Tensor = self.losses(guess, truth)
        return total


class WeightedLosses(nn.Module):
    """Losses by name, each with the weight from the recipe."""

    def __init__(self, terms: dict[str, nn.Module], weights: dict[str, float]) -> None:
        super().__init__()
        self.terms = nn.ModuleDict(terms)
        self.weights = weights

    def forward(self, guess: Guess, truth: Batch) -> Tensor:
        parts = [self.weights[name] * term(guess, truth) for name, term in self.terms.items()]
        return torch.stack(parts).sum()

    @property
    def critic(self) -> Adversary | None:
        """The loss with a critic, if there is one."""
        return next((term for term in self.terms.values() if isinstance(term, Adversary)), None)

    def look_at(self, pictures: Iterable[Tensor]) -> None:
        """Pass training pictures, sRGB [N, 3, H, W], to the loss that weights colours by rarity."""
        for term in self.terms.values():
            if isinstance(term, Classification):
                term.rebalance(pictures)


def build_losses(recipe: Losses) -> WeightedLosses:
    """The losses that have a weight in the recipe.

    Raises
    ------
    WeightsError
        If the network for one of them is missing.
    """
    weights = recipe.weights()
    return WeightedLosses({name: BUILDERS[name](recipe) for name in weights}, weights)


def _perceptual(recipe: Losses) -> nn.Module:
    features = feature_maps(
        recipe.perceptual_features, recipe.perceptual_weights, recipe.perceptual_sha256
    )
    return Perceptual(features)


BUILDERS: dict[str, Callable[[Losses], nn.Module]] = {
    "mse": lambda _: MeanSquared(),
    "l1": lambda _: MeanAbsolute(),
    "huber": lambda recipe: Huber(recipe.huber_beta),
    "perceptual": _perceptual,
    "colorfulness": lambda _: Colorfulness(),
    "classification": lambda _: Classification(),
    "critic": lambda recipe: Adversary(recipe.critic_rate),
    "distillation": lambda _: Distillation(),
    "denoising": lambda _: Denoising(),
}
