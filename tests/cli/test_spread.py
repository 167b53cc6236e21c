"""Several values of an option."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from retint.cli.spread import spread

from .test_main import run

VALUED = {"--reference", "-o", "--hint"}


@pytest.mark.parametrize(
    ("words", "same_as"),
    [
        ("p --reference a b -o x", "p --reference a --reference b -o x"),
        ("-o x p --reference a b c", "-o x p --reference a --reference b --reference c"),
        ("--reference a b -o x -- p", "--reference a --reference b -o x -- p"),
        ("--quiet p --reference a b", "--quiet p --reference a --reference b"),
        ("p --reference a --hint 1,2,red --reference b c",
         "p --reference a --hint 1,2,red --reference b --reference c"),
        ("--reference a p q -o x", "--reference a p q -o x"),
        ("-o x --reference a p", "-o x --reference a p"),
        ("--reference=a b p", "--reference=a b p"),
        ("q --reference=a b", "q --reference=a --reference b"),
        ("p --reference", "p --reference"),
        ("p --reference a -", "p --reference a --reference -"),
        ("", ""),
    ],
)  # fmt: skip
def test_words_after_a_reference_belong_to_it_if_there_are_pictures_elsewhere(
    words: str, same_as: str
) -> None:
    assert spread(words.split(), VALUED) == same_as.split()


def test_pictures_after_several_references_are_not_coloured(tmp_path: Path) -> None:
    for name, color in (("a", "red"), ("b", "green"), ("p", "grey")):
        Image.new("RGB", (64, 64), color).save(tmp_path / f"{name}.png")
    names = [tmp_path / f"{name}.png" for name in "pab"]
    out = tmp_path / "out"
    call = (names[0], "-o", f"{out}/", "--reference", *names[1:], "--quiet", "--threads", 1)
    assert run(*call) == 0
    assert [each.name for each in out.iterdir()] == ["p.png"]
