"""Recipes as TOML files."""

from __future__ import annotations

import dataclasses
import math
import tomllib
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import tomli_w

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

T = TypeVar("T")

PARTS = {
    "data": Data,
    "optimizer": Optimizer,
    "schedule": Schedule,
    "encoder": Encoder,
    "hints": Hinting,
    "degradations": Degrading,
    "losses": Losses,
}


def read_recipe(path: Path) -> Recipe:
    """Read and validate a recipe.

    With `base = "other.toml"`, a path relative to the recipe's folder, it needs to contain only
    what differs from the other: a table is merged key by key, a list (`stages`) is replaced.

    Raises
    ------
    RecipeError
        If a file is missing, is not TOML, or has an invalid key or value.
    """
    table = _merged_with_base(path, ())
    try:
        stages = tuple(_build(Stage, each, "stages") for each in _tables(table.pop("stages", [])))
        parts: dict[str, Any] = {
            name: _build(kind, table.pop(name), name)
            for name, kind in PARTS.items()
            if name in table
        }
        return _build(Recipe, {**table, **parts, "stages": stages}, "the top level")
    except (RecursionError, ValueError) as error:  # RecipeError, too
        raise RecipeError(f"{path}: {error}") from None


def whole_recipe(path: Path) -> str:
    """A recipe as TOML that needs no other file: merged with its bases. Raises as `read_recipe`."""
    return tomli_w.dumps(_merged_with_base(path, ()))


def _merged_with_base(path: Path, derived: tuple[Path, ...]) -> dict[str, Any]:
    """The tables of a file, over those of its base; `derived` are the files that led here."""
    if path.resolve() in derived:
        raise RecipeError(f"{path}: a recipe cannot be its own base")
    try:
        own = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(f"{path}: {error.strerror}") from None
    except (RecursionError, ValueError) as error:  # also those of TOML and Unicode
        raise RecipeError(f"{path}: {error}") from None
    base = own.pop("base", None)
    if base is None:
        return own
    if not isinstance(base, str):
        raise RecipeError(f"{path}: base must be a str, not {base!r}")
    return _merged(_merged_with_base(path.parent / base, (*derived, path.resolve())), own)


def _merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = base | own
    for name in base.keys() & own.keys():
        if isinstance(base[name], dict) and isinstance(own[name], dict):
            merged[name] = _merged(base[name], own[name])
    return merged


def _tables(stages: Any) -> list[Any]:
    if not isinstance(stages, list):
        raise RecipeError("stages must be tables: [[stages]]")
    return stages


def _build(kind: type[T], table: dict[str, Any], where: str) -> T:
    if not isinstance(table, dict):
        raise RecipeError(f"{where} must be a table, not {table!r}")
    hints = get_type_hints(kind)
    required = {
        f.name
        for f in dataclasses.fields(kind)  # type: ignore[arg-type]
        if f.default is f.default_factory is dataclasses.MISSING
    }
    for name, value in table.items():
        if name not in hints:
            known = ", ".join(hints)
            raise RecipeError(f"unknown key {name!r} in {where}; known: {known}")
        choices = get_args(hints[name])
        if hints[name] in (int, float, bool, str):
            allowed = (int, float) if hints[name] is float else hints[name]
            if not isinstance(value, allowed) or (isinstance(value, bool) != (hints[name] is bool)):
                raise RecipeError(
                    f"{name} in {where} must be a {hints[name].__name__}, not {value!r}"
                )
            if isinstance(value, float) and not math.isfinite(value):
                raise RecipeError(f"{name} in {where} must be a finite number, not {value}")
        elif get_origin(hints[name]) is dict:
            if not isinstance(value, dict):
                raise RecipeError(f"{name} in {where} must be a table, not {value!r}")
        elif choices and all(isinstance(c, str) for c in choices) and value not in choices:
            raise RecipeError(
                f"{name} in {where} must be one of {', '.join(choices)}, not {value!r}"
            )
    if missing := sorted(required - table.keys()):
        raise RecipeError(f"{where} lacks {', '.join(missing)}")
    return kind(**table)
