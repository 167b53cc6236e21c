from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from retint.cli.colorize import colorize
from tools import cards
from tools.cards import CardError

PROJECT = Path(__file__).parents[2]
PAGES = [
    PROJECT / "README.md",
    PROJECT / "docs" / "results.md",
    PROJECT / "docs" / "options.md",
    PROJECT / "docs" / "diffusion.md",
    PROJECT / "docs" / "serve.md",
    PROJECT / "docs" / "methods.md",
    *sorted((PROJECT / "src" / "retint" / "weights").glob("*.md")),
]


@pytest.fixture
def content() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PROJECT / "docs" / "results.json").read_text())
    return found


def test_results_are_of_the_weights_that_are_shipped(content: dict[str, Any]) -> None:
    cards.check(content)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_show_the_committed_results(page: Path, content: dict[str, Any]) -> None:
    text = page.read_text()
    assert cards.fill(text, content) == text, "run 'make results'"


def test_every_shipped_colorizer_has_a_card_with_its_figures() -> None:
    for weights in (PROJECT / "src" / "retint" / "weights").glob("*.onnx"):
        card = weights.with_suffix(".md").read_text()
        if weights.stem not in (
            "kid-lite0",
            "semantics",
            "skin",
            "things",
            "damage",
            "upright",
        ):  # they do not colour by themselves
            assert f"<!-- results: card {weights.stem} -->" in card
            assert f"<!-- results: skin {weights.stem} -->" in card


def test_shipped_weights_stay_under_95_mb() -> None:
    folder = PROJECT / "src" / "retint" / "weights"
    assert sum(file.stat().st_size for file in folder.glob("*.onnx")) < 95e6


def test_other_weights_are_noticed(content: dict[str, Any]) -> None:
    content["weights"]["unet"] = "0" * 64
    with pytest.raises(CardError, match="other weights"):
        cards.check(content)


def test_a_changed_figure_is_put_right(content: dict[str, Any]) -> None:
    page = "before\n<!-- results: summary -->\n99 dB\n<!-- /results -->\nafter\n"
    filled = cards.fill(page, content)
    assert "99 dB" not in filled
    assert f"{content['methods']['unet']['psnr']['mean']:.2f}" in filled
    assert filled.startswith("before\n")
    assert filled.endswith("after\n")


def test_a_method_that_has_seen_its_judges_notes_is_marked(content: dict[str, Any]) -> None:
    figures = content["methods"]["unet"]
    for seen in (False, True):
        figures["kid_lite0_features_used_in_training"] = seen
        page = "".join(
            f"<!-- results: {block} -->\n<!-- /results -->\n" for block in ("summary", "card unet")
        )
        filled = cards.fill(page, content)
        assert ("| unet * |" in filled) == seen
        assert ("| KID-lite0 x 1000 * |" in filled) == seen
        assert ("features of KID-lite0" in filled) >= seen


def test_an_unknown_block_is_refused(content: dict[str, Any]) -> None:
    with pytest.raises(CardError, match="zebra"):
        cards.fill("<!-- results: zebra -->\n<!-- /results -->", content)


@pytest.mark.parametrize("block", ["limits", "flags chroma-diffusion", "flags controlnet"])
def test_a_changed_fact_of_the_code_is_put_right(block: str, content: dict[str, Any]) -> None:
    page = f"<!-- results: {block} -->\n| `--steps` | 99 |\n<!-- /results -->\n"
    filled = cards.fill(page, content)
    assert "99" not in filled
    assert filled.count("\n|") > 5


def test_flags_are_those_of_the_command_line(content: dict[str, Any]) -> None:
    known = {name for each in colorize.params for name in each.opts}
    for group in ("chroma-diffusion", "controlnet"):
        page = f"<!-- results: flags {group} -->\n<!-- /results -->\n"
        names = re.findall(r"^\| `(--[\w-]+)`", cards.fill(page, content), re.MULTILINE)
        assert len(names) > 5
        assert set(names) <= known
