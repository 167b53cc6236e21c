"""What an agent can do with pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from retint.agent.roots import Roots
from retint.agent.tools import OPEN, Tools
from retint.errors import ExistsError, PhotoError, RetintError, TooLargeError, UsageError
from retint.picture.finish import Finish
from tests.cli.test_main import is_coloured

RAMP = np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    folder = tmp_path / "scans"
    folder.mkdir()
    Image.fromarray(RAMP).save(folder / "a.png")
    return Tools(Roots.of([folder]), 10_000)


def color(tools: Tools, **given: Any) -> dict[str, Any]:
    return tools.colorize("a.png", method="mean", **given)


def test_a_picture_is_colored_beside_the_original(tools: Tools, tmp_path: Path) -> None:
    before = (tmp_path / "scans" / "a.png").read_bytes()
    found = tools.colorize("a.png")
    target = tmp_path / "scans" / "a.retint.png"
    assert found == {"file": str(target.resolve()), "width": 64, "height": 48, "remarks": []}
    assert is_coloured(target)
    assert (tmp_path / "scans" / "a.png").read_bytes() == before


def test_a_result_is_replaced_only_if_asked(tools: Tools) -> None:
    color(tools, output="out/b.jpg")
    with pytest.raises(ExistsError):
        color(tools, output="out/b.jpg")
    color(tools, output="out/b.jpg", overwrite=True)


def test_only_results_are_replaced(tools: Tools, tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    mine = folder / "mine.png"
    Image.fromarray(RAMP[::-1]).save(mine)
    before = mine.read_bytes()
    color(tools)
    calls: list[Callable[[], Any]] = [
        lambda: color(tools, output="mine.png", overwrite=True),
        lambda: tools.hint("a.png", ["1,1,red"], output="mine.png", overwrite=True),
        lambda: tools.restore("a.retint.png", "mine.png", overwrite=True),
        lambda: tools.restore("a.retint.png", "a.png", overwrite=True),  # the only original
    ]
    for call in calls:
        with pytest.raises(ExistsError, match="not a result of retint"):
            call()
    assert mine.read_bytes() == before
    later = Tools(tools.roots, tools.max_pixels)
    color(later, overwrite=True)  # it says that retint wrote it
    later.results.force = True
    color(later, output="mine.png", overwrite=True)
    with pytest.raises(ExistsError):
        color(later, output="mine.png")


def test_a_restored_picture_is_replaced_while_it_is_as_it_was_written(
    tools: Tools, tmp_path: Path
) -> None:
    color(tools)
    tools.restore("a.retint.png")
    tools.restore("a.retint.png", overwrite=True)
    Image.fromarray(RAMP[::-1]).save(tmp_path / "scans" / "a.restored.png")  # retouched
    with pytest.raises(ExistsError, match="not a result of retint"):
        tools.restore("a.retint.png", overwrite=True)


def test_the_output_may_be_a_folder(tools: Tools, tmp_path: Path) -> None:
    (tmp_path / "scans" / "out").mkdir()
    assert color(tools, output="out")["file"].endswith("a.png")
    assert tools.restore("out/a.png", "out")["file"].endswith("a.restored.png")


@pytest.mark.parametrize("output", ["a.png", "./x/../a.png"])
def test_the_original_is_never_replaced(output: str, tools: Tools) -> None:
    with pytest.raises(PhotoError, match="never overwritten"):
        color(tools, output=output, overwrite=True)
    color(tools)
    with pytest.raises(PhotoError, match="not overwritten"):
        tools.restore("a.retint.png", "a.retint.png", overwrite=True)


def test_hints_color_their_place(tools: Tools, tmp_path: Path) -> None:
    hints = '{"version": 1, "size": [64, 48], "points": [{"x": 48, "y": 24, "color": "red"}]}'
    (tmp_path / "scans" / "hints.json").write_text(hints)
    for given in ({"hints": ["75%,50%,red"]}, {"hints_file": "hints.json"}):
        found = tools.hint("a.png", **given, overwrite=True)
        red, green, _ = np.asarray(Image.open(found["file"])).astype(int)[24, 48]
        assert red > green + 20
    assert tools.inspect("a.retint.png")["provenance"]["Hints"]["points"]


def test_a_colored_picture_is_inspected_and_restored(tools: Tools) -> None:
    assert tools.inspect("a.png") == {
        "file": str(tools.roots.folders[0] / "a.png"), "width": 64, "height": 48,
        "colors": "black and white, or toned", "provenance": None, "credentials": "",
    }  # fmt: skip
    color(tools)
    assert tools.inspect("a.retint.png")["provenance"]["Method"] == "mean"
    restored = tools.restore("a.retint.png")["file"]
    found = np.asarray(Image.open(restored)).astype(int)
    assert np.abs(found - RAMP).max() <= 1
    with pytest.raises(ExistsError):
        tools.restore("a.retint.png")


def test_too_large_pictures_are_refused(tools: Tools, tmp_path: Path) -> None:
    Image.new("L", (101, 100)).save(tmp_path / "scans" / "large.png")
    for tool in (tools.colorize, tools.inspect, tools.restore):
        with pytest.raises(TooLargeError):
            tool("large.png")
    with pytest.raises(TooLargeError):
        tools.hint("large.png", ["1,1,red"])


def test_paths_outside_are_refused_by_every_tool(tools: Tools, tmp_path: Path) -> None:
    Image.fromarray(RAMP).save(tmp_path / "b.png")
    calls: list[Any] = [
        lambda: tools.colorize("../b.png"), lambda: tools.inspect("../b.png"),
        lambda: tools.restore("../b.png"), lambda: tools.hint("../b.png", ["1,1,red"]),
        lambda: tools.hint("a.png", hints_file="../hints.json"),
        lambda: tools.restore("a.png", "../c.png"), lambda: color(tools, output="../c.png"),
        lambda: tools.hint("a.png", ["1,1,red"], output="../c.png"),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(PhotoError, match="outside of the folders"):
            call()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["b.png", "scans"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"method": "none"}, "unknown method"),
        ({"options": {"weights": "/etc/passwd"}}, "unknown option"),
        ({"options": {"look": "none"}}, "unknown look"),
        ({"options": {"vividness": 9}}, "from 0 to 2"),
        ({"options": {"vividness": "high"}}, "must be a number"),
        ({"options": {"keep_color": "no"}}, "true or false"),
        ({"options": {"crop": 3}}, "must be a text"),
        ({"options": {"warmth": None}}, "must be a number or a text"),
        ({"options": {"look": ["natural"]}}, "must be a number or a text"),
        ({"output": "b.txt"}, "b.txt"),
        ({"output": "a.png/b.png"}, "cannot write .*b.png: "),
        ({"path": "film.mp4"}, "films"),
    ],
)
def test_wrong_calls_are_one_line(
    given: dict[str, Any], message: str, tools: Tools, tmp_path: Path
) -> None:
    (tmp_path / "scans" / "film.mp4").write_bytes(b"none")
    with pytest.raises(RetintError, match=message) as caught:
        tools.colorize(**{"path": "a.png"} | given)
    assert "\n" not in str(caught.value)


def test_hints_are_needed(tools: Tools) -> None:
    with pytest.raises(UsageError, match="no hints"):
        tools.hint("a.png")


def test_methods_looks_and_options_are_listed(tools: Tools) -> None:
    found = tools.list_methods()
    assert "guided-unet" in found["methods"]
    assert "natural" in found["looks"]
    assert found["options"].keys() == OPEN.keys()
    assert not {each for each, option in Finish.described().items() if option.local} & OPEN.keys()
    assert found["folders"] == [str(tools.roots.folders[0])]
