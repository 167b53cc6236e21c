"""One place says how retint is installed; pages only repeat it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from retint.extras import CLONE, INDEX
from tools import install

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "notebooks").glob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
    *sorted((ROOT / "integrations").rglob("*.md")),
    *sorted((ROOT / "src").rglob("*.md")),
]
OTHERS = [
    *sorted((ROOT / "examples").rglob("*.yaml")),
    *sorted(path for folder in ("integrations", "src") for path in (ROOT / folder).rglob("*.py")),
]
OWN = re.compile(
    r"(?:\bpip3? (?:install|wheel|download)|\bpipx (?:install|run)|\buv (?:tool|pip|add)|\buvx)\b"
    r"[^\n`;&#]*?(?:\bretint\b|[ '\"]\.(?=[\[ '\"`\n]|$))"
)
"""A line that installs retint, from PyPI or a clone."""
GIT = "git+https://source.example/retint"
WITH_BLOCKS = [page for page in PAGES if install.BLOCK.search(page.read_text("utf-8"))]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_pages_show_todays_way(page: Path) -> None:
    text = page.read_text("utf-8")
    assert install.fill(text) == text, "run 'make results'"


@pytest.mark.parametrize("page", [*PAGES, *OTHERS], ids=name)
def test_no_page_has_a_way_of_its_own(page: Path) -> None:
    left = install.BLOCK.sub("", page.read_text("utf-8"))
    assert [each[0] for each in OWN.finditer(left)] == []


@pytest.mark.parametrize(
    ("line", "own"),
    [
        ("pip install retint", True),
        ("pip install 'retint[film]'", True),
        ('pip install ".[serve]" && retint serve', True),
        ("run `pip install .`", True),
        ("pipx install retint", True),
        ("uvx --from . retint photo.jpg", True),
        ("pip install torch", False),
        ("`pip install examples/plugin`, then `retint photo.jpg`", False),
        ("pip install --editable ./plugin", False),
    ],
)
def test_ways_are_recognized(line: str, own: bool) -> None:
    assert bool(OWN.search(line)) is own


@pytest.mark.parametrize("source", [CLONE, INDEX, GIT])
@pytest.mark.parametrize("page", WITH_BLOCKS, ids=name)
def test_one_constant_changes_all_pages(page: Path, source: str) -> None:
    before = page.read_text("utf-8")
    after = install.fill(before, source)
    blocks = "\n".join(each[0] for each in install.BLOCK.finditer(after))
    calls = [line for line in blocks.splitlines() if line.startswith(("pip", "uv"))]
    for call in calls:
        local = re.search(r"[ \"]\.[\[ ]|\.$", call.partition("  ")[0])
        assert bool(local) is (source == CLONE and "--no-index" not in call)
        assert (GIT in call) is (source == GIT and "--no-index" not in call)
    assert ("clone" in blocks) is (source == CLONE)
    assert install.fill(after) == before


def test_blocks_name_extras_that_exist() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    known = set(project["optional-dependencies"])
    named = {
        extra
        for page in PAGES
        for block in install.BLOCK.finditer(page.read_text("utf-8"))
        for extra in (block[3] or "").split(",")
        if extra
    }
    assert named <= known
    assert {"serve", "film", "cluster", "train", "evaluate", "diffusion"} <= named
    assert set(install.USUAL.split(",")) <= known


def test_an_unknown_block_is_refused() -> None:
    with pytest.raises(install.InstallError, match="no block 'conda'"):
        install.fill("<!-- install: conda -->\n<!-- /install -->")
