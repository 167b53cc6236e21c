"""Before and after, with a slider between: the directive `compare`, and the pictures it shows.

They are coloured when the site is built, by the package as it is, so that they cannot be better
than it.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive, directives
from PIL import Image, ImageOps

import retint

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PHOTOGRAPHS = Path(__file__).parents[2] / "examples" / "photographs"
MADE = Path(__file__).parents[1] / "_made" / "gallery"
WIDTH = 900
QUALITY = 85


class Compare(Directive):
    """A picture by its name in the gallery, and what it shows."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = {"alt": directives.unchanged_required}
    has_content = True

    def run(self) -> list[nodes.Node]:
        name, alt = self.arguments[0], escape(self.options["alt"], quote=True)
        caption = _marked_up(escape(" ".join(self.content)))
        with Image.open(MADE / f"{name}-after.jpg") as picture:
            size = f'width="{picture.width}" height="{picture.height}"'
        at = f"_static/gallery/{name}"
        html = f"""
<figure class="compare">
  <div class="pair">
    <img src="{at}-after.jpg" alt="{alt}, in colour" {size}>
    <img class="before" src="{at}-before.jpg" alt="{alt}, in grey" {size}>
    <input type="range" min="0" max="100" value="50" aria-label="How much is grey: {alt}">
  </div>
  <figcaption>{caption}</figcaption>
</figure>"""
        return [nodes.raw("", html, format="html")]


def _marked_up(text: str) -> str:
    """The little of Markdown that captions have."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    return re.sub(r"\*([^*]+)\*", r"<em>\1</em>", text)


def make(_: Sphinx) -> None:
    """Colour the example photographs."""
    MADE.mkdir(parents=True, exist_ok=True)
    colorizer = retint.load()
    for path in sorted(PHOTOGRAPHS.glob("*.jpg")):
        with Image.open(path) as original:
            grey = ImageOps.grayscale(original)
        grey.thumbnail((WIDTH, WIDTH))
        grey.save(MADE / f"{path.stem}-before.jpg", quality=QUALITY)
        colorizer(grey).save(MADE / f"{path.stem}-after.jpg", quality=QUALITY)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_directive("compare", Compare)
    app.connect("builder-inited", make)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
