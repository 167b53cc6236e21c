"""Colour names of CSS and of the XKCD colour survey.

`names.csv` contains the names of the survey (Munroe 2010, CC0), without the rude ones. If both have
a name, CSS takes precedence.
"""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

from PIL import ImageColor

from retint.color.css import functional_rgb
from retint.errors import UsageError, near
from retint.numbers import shortened

LONGEST = 100
"""Maximum length of a colour in characters."""


def rgb_of(color: str) -> tuple[int, int, int]:
    """sRGB of "navy", "#b03a2e", "rgb(176 58 46)", "hsl(6, 59%, 43%)" or "dusty rose".

    Opacity is ignored.

    Raises
    ------
    UsageError
        If there is no such colour; the message suggests similar names.
    """
    found = _lookup(color) if isinstance(color, str) and len(color) <= LONGEST else None
    if found is None:
        raise UsageError(f"unknown color {shortened(color)}; {_suggestion(color)}")
    return found


@functools.lru_cache(maxsize=1024)
def _lookup(color: str) -> tuple[int, int, int] | None:
    if (functional := functional_rgb(color)) is not None:
        return functional
    try:
        found = ImageColor.getrgb(surveyed().get(_plain(color), color.strip()))[:3]
    except ValueError:
        return None
    return None if max(found) > 255 else (found[0], found[1], found[2])


@functools.cache
def surveyed() -> dict[str, str]:
    """Colours by name, as "#rrggbb"."""
    text = resources.files("retint.color").joinpath("names.csv").read_text("utf-8")
    pairs = (line.split(",") for line in text.splitlines())
    return {name: value for name, value in pairs if name not in ImageColor.colormap}


def _suggestion(color: Any) -> str:
    if (
        isinstance(color, str)
        and len(color) <= LONGEST
        and (names := near(_plain(color), [*ImageColor.colormap, *surveyed()]))
    ):
        return f"did you mean {' or '.join(names)}?"
    return "use a name such as navy, or CSS such as #b03a2e"


def _plain(color: str) -> str:
    return " ".join(color.lower().replace("gray", "grey").split())
