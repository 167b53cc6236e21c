"""The looks: named ways to change the colours that a method predicts.

A look is numbers only; `grading` applies it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LookName = Literal[
    "natural", "vivid", "warm-print", "kodachrome-like", "hand-tinted", "autochrome-like"
]
"""In the order in which they are offered."""

Color = tuple[float, float]
"""a*, b*."""


@dataclass(frozen=True)
class Hues:
    """A range of hues, with soft ends."""

    middle: float
    """CIELAB hue angle in degrees."""
    reach: float
    """Distance from the middle in degrees at which the range has ended."""


@dataclass(frozen=True)
class Band:
    """What happens to one range of hues."""

    hues: Hues
    gain: float = 1.0
    """Factor for chroma."""
    turn: float = 0.0
    """Degrees by which hues are turned, anticlockwise in the a*b* plane."""
    most: float = 100.0
    """Chroma that is approached but not exceeded."""


@dataclass(frozen=True)
class Dye:
    """A colour that is painted on everything of some hues and lightnesses."""

    hues: Hues
    color: float
    """Its hue angle in degrees."""
    most: float
    """Its chroma at most."""
    darkest: float
    lightest: float
    """Range of L* that is painted."""


@dataclass(frozen=True)
class Grading:
    """How chroma is changed, in this order: dyes, bands, gain, limits, tints."""

    gain: float = 1.0
    """Factor for all chroma."""
    warmth: float = 0.0
    """Strength of warm colours, in [0, 1]."""
    bands: tuple[Band, ...] = ()
    most: float = 100.0
    """Chroma that no hue exceeds."""
    dark: float = 1.0
    """Factor for chroma in places that are almost black."""
    shadows: Color = (0.0, 0.0)
    """a*, b* added to dark places; black gets none."""
    lights: Color = (0.0, 0.0)
    """a*, b* added to light places; white gets none."""
    dyes: tuple[Dye, ...] = ()
    """If there are any, everything else becomes grey."""


@dataclass(frozen=True)
class Look:
    """A look and how it is presented."""

    title: str
    summary: str
    grading: Grading


DARK = 0.5
"""Factor for almost black places where a look strengthens colours. HAVC's is 0.3 (`dark_p`), with
which the blue of night skies fades.
"""
MAGENTA = Band(Hues(358, 58), gain=0.65, most=28)
"""Limits magenta and red, the hues that HAVC desaturates (300 to 360 degrees in HSV)."""
SKIN = Band(Hues(52, 40), most=36)
"""Limits the hues of skin, which strong colours make orange."""
LEAVES = Band(Hues(118, 45), most=44)
"""Limits green, which strong colours make glaring."""

LOOKS: dict[LookName, Look] = {
    "natural": Look("Natural", "the colors as the method predicts them", Grading()),
    "vivid": Look(
        "Vivid",
        "stronger and warmer colors; blacks stay black, and reds, skin and greens natural",
        Grading(gain=1.6, warmth=0.35, bands=(MAGENTA, SKIN, LEAVES), most=60, dark=DARK),
    ),
    "warm-print": Look(
        "Warm print",
        "a print on cream paper: yellow lights, brown shadows, soft blues",
        Grading(
            gain=0.85, warmth=0.2, bands=(Band(Hues(255, 70), gain=0.5),), most=40,
            shadows=(4, 6), lights=(1, 14),
        ),
    ),
    "kodachrome-like": Look(
        "Kodachrome-like",
        "slide film of the 1950s: deep reds, dense blues, restrained greens, cool shadows",
        Grading(
            gain=1.5, warmth=0.15,
            bands=(
                Band(Hues(35, 30), gain=1.2, turn=-6),
                Band(Hues(125, 45), gain=0.7, turn=-8),
                Band(Hues(255, 55), gain=1.35, turn=8),
                MAGENTA, SKIN,
            ),
            most=64, dark=DARK, shadows=(0, -9), lights=(1, 1),
        ),
    ),
    "hand-tinted": Look(
        "Hand-tinted",
        "pale paint on skin, lips, sky and foliage; everything else stays gray",
        Grading(
            dyes=(
                Dye(Hues(52, 30), color=50, most=19, darkest=35, lightest=99),
                Dye(Hues(8, 30), color=14, most=20, darkest=25, lightest=90),
                Dye(Hues(248, 50), color=255, most=14, darkest=45, lightest=101),
                Dye(Hues(122, 48), color=125, most=17, darkest=12, lightest=95),
            ),
        ),
    ),
    "autochrome-like": Look(
        "Autochrome-like",
        "the first color plates: few soft colors, violet shadows, yellow lights",
        Grading(
            gain=1.1,
            bands=(
                Band(Hues(40, 50), gain=1.15, turn=-8),
                Band(Hues(125, 50), gain=1.1, turn=14),
                Band(Hues(265, 60), gain=1.2, turn=14),
            ),
            most=24, shadows=(4, -9), lights=(0, 10),
        ),
    ),
}  # fmt: skip
