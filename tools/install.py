"""Writes how retint is installed today into the project's pages.

    python tools/install.py PAGE...

The text between `<!-- install: BLOCK -->` and `<!-- /install -->` is replaced. BLOCK is
`pip`, `pip EXTRAS`, or another name of `BLOCKS`. Where users get retint stands in
`retint.extras.PUBLISHED`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from retint.errors import RetintError
from retint.extras import CLONE, INDEX, PUBLISHED, command, requirement

USUAL = "film,serve"
"""The extras of the examples."""
BLOCK = re.compile(r"(<!-- install: (\w+)(?: ([\w,]+))? -->\n).*?(<!-- /install -->)", re.DOTALL)


class InstallError(RetintError):
    """A page has a block that does not exist."""


def fill(page: str, source: str = PUBLISHED) -> str:
    """Fill the blocks of a page for a source of retint."""

    def block(match: re.Match[str]) -> str:
        if match[2] not in BLOCKS:
            raise InstallError(f"no block {match[2]!r}")
        return f"{match[1]}{BLOCKS[match[2]](match[3] or '', source)}\n{match[4]}"

    return BLOCK.sub(block, page)


def _console(*lines: str) -> str:
    return "\n".join(["```console", *lines, "```"])


def _pip(extras: str, source: str) -> str:
    where = ["# in a clone of the repository"] if source == CLONE else []
    return _console(*where, command(extras, source))


def _where(_: str, source: str) -> str:
    if source == INDEX:
        return "retint is on [PyPI](https://pypi.org/project/retint/)."
    if source == CLONE:
        place = "in a clone of the repository: the folder that contains `pyproject.toml`"
        return f"retint is not on PyPI yet. The commands of this page work {place}."
    return "retint is not on PyPI yet. The commands of this page take it from its repository."


def _tools(_: str, source: str) -> str:
    return _console(
        f"pipx install {requirement(USUAL, source)}",
        "# the same with uv",
        f"uv tool install {requirement(USUAL, source)}",
        "# once, without installing",
        f"uvx --from {requirement('', source)} retint photo.jpg",
    )


def _offline(_: str, source: str) -> str:
    return _console(
        "# with a connection",
        f"pip wheel {requirement(USUAL, source)} -w wheels",
        "# without",
        f'pip install --no-index --find-links wheels "{INDEX}[{USUAL}]"',
    )


BLOCKS: dict[str, Callable[[str, str], str]] = {
    "pip": _pip,
    "where": _where,
    "tools": _tools,
    "offline": _offline,
}


def main(pages: Iterable[Path]) -> None:
    """Fill the pages in place."""
    for page in pages:
        page.write_text(fill(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(map(Path, sys.argv[1:]))
