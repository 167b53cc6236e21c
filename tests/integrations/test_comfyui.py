"""The nodes for ComfyUI, loaded and called as ComfyUI does, without ComfyUI itself."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import retint
from retint.errors import RetintError, UsageError
from retint.picture.finish import Finish

HERE = Path(__file__).parents[2] / "integrations" / "comfyui"
PACK = HERE / "retint_nodes"
PRIMITIVE = {"FLOAT": float, "INT": int, "STRING": str, "BOOLEAN": bool}


class Tensor:
    """As much of a tensor as the nodes use."""

    def __init__(self, array: NDArray[Any]) -> None:
        self.array = array

    def detach(self) -> Tensor:
        return self

    def float(self) -> Tensor:
        return Tensor(self.array.astype(np.float32))

    def cpu(self) -> Tensor:
        return self

    def numpy(self) -> NDArray[Any]:
        return self.array


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """`NODE_CLASS_MAPPINGS`, as ComfyUI loads a folder of `custom_nodes`."""
    torch = ModuleType("torch")
    torch.from_numpy = Tensor  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", torch)
    name = str(PACK)  # ComfyUI takes the path for the name
    spec = importlib.util.spec_from_file_location(name, PACK / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    assert set(module.NODE_DISPLAY_NAME_MAPPINGS) == set(module.NODE_CLASS_MAPPINGS)
    yield module.NODE_CLASS_MAPPINGS
    for each in [each for each in sys.modules if each.startswith(name)]:
        sys.modules.pop(each, None)


def execute(nodes: dict[str, Any], prompt: dict[str, Any], wanted: str) -> Any:
    """The first output of a node of a prompt: inputs are links [node, output], or values, which are
    checked as ComfyUI's `execution.py` checks them.
    """
    node = nodes[prompt[wanted]["class_type"]]
    types = node.INPUT_TYPES()
    given = prompt[wanted]["inputs"]
    assert set(types.get("required", {})) <= set(given)
    values = {}
    for name, value in given.items():
        kind, *more = (types.get("required", {}) | types.get("optional", {}))[name]
        if isinstance(value, list):
            source = nodes[prompt[value[0]]["class_type"]]
            assert source.RETURN_TYPES[value[1]] == kind
            values[name] = execute(nodes, prompt, value[0])
            continue
        if isinstance(kind, list):
            assert value in kind
        elif kind in PRIMITIVE:
            value = PRIMITIVE[kind](value)
        if more and "min" in more[0]:
            assert more[0]["min"] <= value <= more[0]["max"]
        values[name] = value
    return getattr(node(), node.FUNCTION)(**values)[0]


def colored(nodes: dict[str, Any], image: NDArray[Any], **more: Any) -> NDArray[Any]:
    """The output of the colouring node."""
    prompt = {
        "load": {"class_type": "RetintLoad", "inputs": {"method": more.pop("method", "unet")}},
        "hints": {"class_type": "RetintHints",
                  "inputs": {"mask": more.pop("mask", None), "color": more.pop("color", "navy")}},
        "color": {"class_type": "RetintColorize",
                  "inputs": {"image": Tensor(image), "method": ["load", 0],
                             "look": "natural", "warmth": 0, "vividness": 1, **more}},
    }  # fmt: skip
    found: NDArray[Any] = execute(nodes, prompt, "color").array
    return found


@pytest.fixture
def batch(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Two grey pictures, as ComfyUI loads them."""
    small = grey[::4, ::4].astype(np.float32) / 255
    pair = np.stack([small, small[::-1]])[..., None]
    return np.repeat(pair, 3, axis=-1)


def test_pictures_of_a_batch_get_the_colours_that_python_gives_them(
    nodes: dict[str, Any], batch: NDArray[np.float32]
) -> None:
    found = colored(nodes, batch, look="vivid", vividness=1.2, warmth=0.3)
    assert found.shape == batch.shape
    assert found.dtype == np.float32
    for picture, result in zip(batch, found, strict=True):
        wanted = retint.colorize(picture, "unet", look="vivid", vividness=1.2, warmth=0.3)
        np.testing.assert_array_equal(result, wanted)


def test_inputs_are_retints_options(nodes: dict[str, Any]) -> None:
    types = nodes["RetintColorize"].INPUT_TYPES()["required"]
    known = Finish.described()
    looks, more = types["look"]
    assert looks == list(retint.looks())
    assert more["default"] == known["look"].default
    for name in ("warmth", "vividness"):
        kind, more = types[name]
        wanted = known[name]
        assert (kind, more["min"], more["max"], more["default"], more["tooltip"]) == (
            "FLOAT", wanted.least, wanted.most, wanted.default, wanted.help,
        )  # fmt: skip
    methods, more = nodes["RetintLoad"].INPUT_TYPES()["required"]["method"]
    assert methods == list(retint.methods())
    assert more["default"] in methods


def test_a_mask_and_a_colour_are_hints_at_those_places(
    nodes: dict[str, Any], batch: NDArray[np.float32]
) -> None:
    mask = np.zeros((1, 64, 64), np.float32)  # of another size than the pictures
    mask[0, 16:32, 8:40] = 1
    first, options = batch[:1], {"method": "guided-unet"}
    plain = colored(nodes, first, **options)
    found = colored(nodes, first, hints=["hints", 0], mask=Tensor(mask), color="red", **options)
    change = np.abs(found - plain).max(axis=-1)[0]
    assert change[34:62, 18:78].mean() > 10 * change[80:, 90:].mean()
    redder = found[..., 0] - found[..., 1] - plain[..., 0] + plain[..., 1]
    assert redder[0, 34:62, 18:78].mean() > 0.05


def test_hints_are_added_to_others_and_each_picture_of_a_batch_has_its_own(
    nodes: dict[str, Any],
) -> None:
    masks = np.zeros((2, 10, 10), np.float32)
    masks[0, :5], masks[1, 5:] = 1, 1
    node = nodes["RetintHints"]()
    (first,) = node.hint(Tensor(masks), "navy")
    (both,) = node.hint(Tensor(masks[0]), "red", first)
    assert [len(each.polygons) for each in first] == [1, 1]
    assert [[each.color for each in hints.polygons] for hints in both] == [["navy", "red"]] * 2
    assert first[0] != first[1]


def test_pictures_take_the_colours_of_a_reference(
    nodes: dict[str, Any], batch: NDArray[np.float32]
) -> None:
    first = batch[:1]
    reference = Tensor(first * np.array([1.0, 0.5, 0.4], np.float32))
    found = colored(nodes, first, method="guided-unet", reference=reference)
    assert (found[..., 0] - found[..., 1]).mean() > 0.1


def test_values_beyond_white_are_clipped(nodes: dict[str, Any], batch: NDArray[np.float32]) -> None:
    bright = batch * 1.5 - 0.1
    np.testing.assert_array_equal(colored(nodes, bright[:1]), colored(nodes, bright[:1].clip(0, 1)))


@pytest.mark.parametrize(
    ("mask", "color", "message"),
    [
        (np.zeros((1, 64, 64)), "navy", "the mask is empty; mark the places"),
        (np.ones((1, 8, 8)), "no such color", "no such color"),
        (np.ones((3, 8, 8)), "navy", "there are 3 hints for 2 pictures; give 1 or 2"),
    ],
    ids=["empty mask", "color", "number"],
)
def test_bad_input_is_one_clear_line(
    nodes: dict[str, Any], batch: NDArray[np.float32], mask: NDArray[Any], color: str, message: str
) -> None:
    with pytest.raises(RetintError, match=message) as found:
        colored(nodes, batch, hints=["hints", 0], mask=Tensor(mask), color=color)
    assert "\n" not in str(found.value)


def test_pictures_that_are_none_are_one_clear_line(nodes: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"^an image must be \[B, H, W, C\], not \[8, 8\]$"):
        colored(nodes, np.zeros((8, 8), np.float32))
    with pytest.raises(RetintError, match="float array must lie in"):
        colored(nodes, np.full((1, 8, 8, 3), np.nan, np.float32))


def test_a_missing_retint_is_said_in_one_line(tmp_path: Path) -> None:
    program = (
        "import importlib.util, sys; sys.modules['retint'] = None\n"
        f"spec = importlib.util.spec_from_file_location('pack', r'{PACK / '__init__.py'}')\n"
        "spec.loader.exec_module(importlib.util.module_from_spec(spec))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-1] == (
        "ImportError: the nodes of retint need retint in the Python that runs ComfyUI"
    )


def test_the_registry_gets_what_it_requires() -> None:
    content = tomllib.loads((PACK / "pyproject.toml").read_text("utf-8"))
    project = content["project"]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", project["name"])
    assert "comfyui" not in project["name"].lower()
    assert re.fullmatch(r"\d+\.\d+\.\d+", project["version"])
    assert project["urls"]["Repository"].partition("//")[2].partition("/")[0].endswith(".example")
    assert set(content["tool"]["comfy"]) == {"PublisherId", "DisplayName"}
