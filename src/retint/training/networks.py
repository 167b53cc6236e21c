"""The networks that can be trained, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from retint.training.recipe import Recipe, RecipeError
from retint.training.unet import UNet, UNetConfig


def _unet(options: dict[str, Any]) -> UNet:
    return UNet(UNetConfig(**options))


NETWORKS: dict[str, Callable[[dict[str, Any]], UNet]] = {"unet": _unet}


def build_network(recipe: Recipe) -> UNet:
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
