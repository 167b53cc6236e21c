"""Colours in the functional notation of CSS Color 4, with spaces or commas.

`rgb()`, `hsl()`, and `oklch()` and `oklab()` (Ottosson 2020, A perceptual color space for image
processing), the latter without commas.
"""

from __future__ import annotations

import math
import re
from colorsys import hls_to_rgb

FUNCTION = re.compile(r"(?:(rgb|hsl)a?|(oklch|oklab))\((.*)\)", re.DOTALL)
VALUE = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(%|deg|grad|rad|turn)?", re.ASCII)
TURNS = {"": 1 / 360, "deg": 1 / 360, "grad": 1 / 400, "rad": 1 / math.tau, "turn": 1.0}
"""Turns per unit of a hue."""
FULL_CHROMA = 0.4
"""What 100 % of chroma, and of a and b, means in Oklab."""
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
    components = _components(match[3]) if match else None
    if match is None or components is None or (match[2] and "," in color):
        return None
    shares = _shares(match[1] or match[2], components)
    if shares is None or not all(0 <= each <= 1 for each in shares):
        return None
    red, green, blue = (int(each * 255 + 0.5) for each in shares)
    return red, green, blue


def _shares(function: str, components: list[Component]) -> tuple[float, ...] | None:
    """Shares of red, green and blue."""
    first, second, third = components
    if function == "rgb":
        return _rgb(first, second, third)
    if function == "hsl":
        return _hsl(first, second, third)
    if function == "oklch":
        return _oklch(first, second, third)
    return _oklab(first, second, third)


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


def _oklch(lightness: Component, chroma: Component, hue: Component) -> tuple[float, ...] | None:
    """Shares of red, green and blue."""
    if hue[1] not in TURNS or chroma[0] < 0:
        return None
    number, unit = chroma
    angle = hue[0] * TURNS[hue[1]] * math.tau
    return _oklab(lightness, (number * math.cos(angle), unit), (number * math.sin(angle), unit))


def _oklab(lightness: Component, *others: Component) -> tuple[float, ...] | None:
    """Shares of red, green and blue, clipped to sRGB."""
    if any(unit not in ("", "%") for _, unit in (lightness, *others)):
        return None
    own = lightness[0] / (100 if lightness[1] else 1)
    a, b = (number * FULL_CHROMA / 100 if unit else number for number, unit in others)
    if not (0 <= own <= 1 and abs(a) <= 1 and abs(b) <= 1):
        return None
    long = (own + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (own - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (own - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return tuple(
        _encoded(each)
        for each in (
            4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
        )
    )


def _encoded(linear: float) -> float:
    """The share of linear light in sRGB's encoding, clipped (IEC 61966-2-1)."""
    clipped = min(max(linear, 0.0), 1.0)
    return 12.92 * clipped if clipped <= 0.0031308 else 1.055 * clipped ** (1 / 2.4) - 0.055
