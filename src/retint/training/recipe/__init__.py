"""Recipes: all settings of a training run, in one TOML file."""

from retint.training.recipe.reading import read_recipe, whole_recipe
from retint.training.recipe.sections import (
    Data,
    Degrading,
    Encoder,
    Hinting,
    Losses,
    Optimizer,
    Recipe,
    RecipeError,
    Schedule,
    Stage,
)

__all__ = [
    "Data", "Degrading", "Encoder", "Hinting", "Losses", "Optimizer", "Recipe", "RecipeError",
    "Schedule", "Stage", "read_recipe", "whole_recipe",
]  # fmt: skip
