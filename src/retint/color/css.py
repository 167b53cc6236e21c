"""Colours in the functional notation of CSS Color 4: `rgb()` and `hsl()`, with spaces or commas."""

from __future__ import annotations

import math
import re
from colorsys import hls_to_rgb

FUNCTION = re.compile(r"(rgb|hsl)a?\((.*)\)", re.DOTALL)
VALUE = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(%|deg|grad|rad|turn)?", re.ASCII)
TURNS = {"": 1 / 360, "deg": 1 / 360, "grad": 1 / 400, "rad": 1 / math.tau, "turn": 1.0}
"""Turns per unit of a hue."""
MISSING = "none"
"""A missing component, which counts as 0."""

Component = tuple[float, str]
"""A number and its unit."""


def functional_rgb(color: str) -> tuple[int, int, int] | None:
    """sRGB of `rgb(176 58 46)`, `hsl(6deg 59% 43%)` and the like; opacity is ignored.

    Returns None for other notations, and for components out of range, which are typing errors
    rather than colours.
    """
    match = FUNCTION.fullmatch(color.strip().lower())
    components = _components(match[2]) if match else None
    if match is None or components is None:
        return None
    shares = (_rgb if match[1] == "rgb" else _hsl)(*components)
    if shares is None or not all(0 <= each <= 1 for each in shares):
        return None
    red, green, blue = (int(each * 255 + 0.5) for each in shares)
    return red, green, blue


def _components(inside: str) -> list[Component] | None:
    """The three components, without the opacity; None if the notation is invalid."""
    if "," in inside:
        parts = [each.strip() for each in inside.split(",")]
        texts, opacity = parts[:3], parts[3:]
    else:
        inside, slash, after = inside.partition("/")
        texts, opacity = inside.split(), [after.strip()] if slash else []
    if len(texts) != 3 or len(opacity) > 1:
        return None
    found = [_component(each) for each in (*texts, *opacity)]
    known = [each for each in found if each is not None]
    return known[:3] if len(known) == len(found) else None


def _component(text: str) -> Component | None:
    if text == MISSING:
        return 0.0, ""
    match = VALUE.fullmatch(text)
    if match is None or not math.isfinite(number := float(match[1])):
        return None
    return number, match[2] or ""


def _rgb(*components: Component) -> tuple[float, ...] | None:
    """Shares of red, green and blue."""
    if any(unit not in ("", "%") for _, unit in components):
        return None
    return tuple(number / (100 if unit else 255) for number, unit in components)


def _hsl(hue: Component, *others: Component) -> tuple[float, ...] | None:
    """Shares of red, green and blue."""
    if hue[1] not in TURNS or any(unit not in ("", "%") for _, unit in others):
        return None
    saturation, lightness = (number / 100 for number, _ in others)
    if not (0 <= saturation <= 1 and 0 <= lightness <= 1):
        return None
    return hls_to_rgb(hue[0] * TURNS[hue[1]] % 1, lightness, saturation)
