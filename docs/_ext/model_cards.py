"""A page for each model card that is shipped beside its weights."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

WEIGHTS = Path(__file__).parents[2] / "src" / "retint" / "weights"
PAGES = Path(__file__).parents[1] / "cards"


def make(_: Sphinx) -> None:
    """Write the pages."""
    PAGES.mkdir(exist_ok=True)
    for card in WEIGHTS.glob("*.md"):
        page = PAGES / card.name
        text = _moved(card.read_text("utf-8"))
        if not page.exists() or page.read_text("utf-8") != text:
            page.write_text(text, "utf-8")


def _moved(text: str) -> str:
    """Links as they are from here; what is no page of the site is named without one."""
    text = text.replace("](../../../docs/", "](../")
    return re.sub(r"\[([^]]*)\]\(\.\./\.\./\.\./[^)]*\)", r"\1", text)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("builder-inited", make)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
