"""The networks that can be trained, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from retint.training.networks.base import Guesser
from retint.training.networks.guided_unet import GuidedUNet, GuidedUNetConfig
from retint.training.networks.resnet_unet import ResNetUNet, ResNetUNetConfig
from retint.training.networks.student import Student, StudentConfig
from retint.training.networks.unet import UNet, UNetConfig
from retint.training.recipe import Recipe, RecipeError

NETWORKS: dict[str, Callable[[dict[str, Any]], Guesser]] = {
    "unet": lambda options: UNet(UNetConfig(**options)),
    "resnet-unet": lambda options: ResNetUNet(ResNetUNetConfig(**options)),
    "guided-unet": lambda options: GuidedUNet(GuidedUNetConfig(**options)),
    "chroma-diffusion": lambda options: _chroma_diffusion(options),
    "resnet18-distil": lambda options: Student(StudentConfig(**options)),
}


def build_network(recipe: Recipe) -> Guesser:
    """The untrained network of a recipe.

    Raises
    ------
    RecipeError
        If the network or one of its options is unknown.
    """
    if recipe.network not in NETWORKS:
        raise RecipeError(f"unknown network {recipe.network!r}; known: {', '.join(NETWORKS)}")
    try:
        return NETWORKS[recipe.network](recipe.options)
    except (TypeError, ValueError) as error:
        raise RecipeError(f"options of {recipe.network}: {error}") from None


def _chroma_diffusion(options: dict[str, Any]) -> Guesser:
    # Only this network needs diffusers, which is slow to import.
    from retint.training.networks.chroma_diffusion import ChromaDiffusion, ChromaDiffusionConfig

    guide = GuidedUNetConfig(**options.get("guide", {}))
    return ChromaDiffusion(ChromaDiffusionConfig(**{**options, "guide": guide}))
