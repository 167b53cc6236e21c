"""Limits that the pages state in prose are those of the code."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

pytest.importorskip("av")
from retint.files.samples import MOST_ABOVE
from retint.film.decoding import MOST_BROKEN
from retint.film.joining import UNPACKED, UNPACKED_AT_LEAST
from retint.film.kept import MOST_CHAPTERS
from retint.film.opening import MOST_STREAMS
from retint.film.options import FilmOptions
from retint.film.source import MAX_SIDE
from retint.hints.shapes import RADIUS
from retint.picture.reference import MOST

DOCS = Path(__file__).parents[2] / "docs"
STATED = {
    "film.md": [
        f"up to {MOST_CHAPTERS:,} chapters",
        f"`--crf` became {FilmOptions().crf}",
    ],
    "reliability.md": [
        f"{MOST_STREAMS} streams or more, frames larger than {MAX_SIDE:,} pixels on a side",
        f"{MOST_CHAPTERS:,} are kept",
        f"ends after {MOST_BROKEN:,} consecutive packets without a frame",
        f"expand to more than {UNPACKED_AT_LEAST >> 20} MB and",
        f"refused if more than {MOST_ABOVE:.0%} of the values exceed 1".replace("%", " %"),
    ],
    "archives.md": [f"refused if more than {MOST_ABOVE:.0%} exceed 1".replace("%", " %")],
    "references.md": [f"At most {MOST} pictures are allowed"],
    "hints.md": [f"the default radius is {RADIUS.percent} % of the short side"],
}


def words(page: str) -> str:
    return " ".join((DOCS / page).read_text(encoding="utf-8").split())


@pytest.mark.parametrize("page", STATED)
def test_pages_state_the_limits_of_the_code(page: str) -> None:
    text = words(page)
    assert [each for each in STATED[page] if each not in text] == []


def test_compressed_subtitles_may_double_the_file() -> None:
    assert UNPACKED == 2
    assert "twice the file size" in words("reliability.md")


def test_the_page_of_hints_counts_the_names_of_colors() -> None:
    names = resources.files("retint.color").joinpath("names.csv").read_text("utf-8").splitlines()
    assert f"({len(names)} names from the XKCD" in words("hints.md")
