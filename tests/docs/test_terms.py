"""The terms stand on one page; the README has their short form, and the cards link to them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TERMS = ROOT / "docs" / "terms.md"
CARDS = sorted((ROOT / "src" / "retint" / "weights").glob("*.md"))
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")), *CARDS]
LONG_FORM = "allow research use only"


def test_only_the_page_of_terms_explains_them() -> None:
    saying = [page for page in PAGES if LONG_FORM in " ".join(page.read_text("utf-8").split())]
    assert saying == [TERMS]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.stem)
def test_each_card_states_its_terms_and_links_to_the_page(card: Path) -> None:
    (said,) = re.findall(r"terms of the weights:\*\*(.*?\))", card.read_text("utf-8"), re.I | re.S)
    assert "research" in said
    assert "[terms](../../../docs/terms.md)" in said


def test_the_readme_begins_with_the_short_form_and_the_site_repeats_it() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    (short,) = re.findall(r"<!-- terms -->\n(.*?)<!-- /terms -->", readme, re.S)
    assert readme.index(short) < readme.index("![")
    for fact in ("Apache-2.0", "research use", "claims", "](docs/terms.md)"):
        assert fact in short
    assert "start-after: <!-- terms -->" in (ROOT / "docs" / "index.md").read_text("utf-8")


def test_the_page_answers_for_an_album_a_newspaper_and_a_shop() -> None:
    text = TERMS.read_text("utf-8")
    for question in ("album", "newspaper", "customers", "cannot promise"):
        assert question in text
