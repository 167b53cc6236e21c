"""Output options that apply after the colours are computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Literal

from retint.options import Options, option
from retint.picture.looks import LOOKS, Grading, LookName

Profile = Literal["srgb", "display-p3", "adobe-rgb"]
Lightness = Literal["auto", "exact", "recompressed"]
Chroma = Literal["source", "4:2:0", "4:4:4"]
Turn = Literal["off", "auto", "90", "180", "270"]
Caption = Literal["off", "add", "append", "replace"]
MOST_STRAIGHTENED = 45
"""Degrees; larger angles are turns."""
MOST_LONGEST = 100_000
"""Pixels; more than any picture has on a side."""


UNRESTORABLE = {
    "repair": "repaired",
    "fading": "corrected for fading",
    "negative": "inverted",
    "straighten": "straightened",
    "longest": "reduced",
    "label": "labelled",
}
"""Options after which the original cannot be restored from the result, and what they did to it."""


class Output(Enum):
    """Outputs that accept only some finishes; a newly encoded picture accepts all."""

    EXACT = "a JPEG with exact lightness"
    FILM = "a film"


@dataclass(frozen=True)
class Finish(Options):
    """Options for turning a picture and its chroma into the result, independent of the method."""

    look: LookName = option("natural", "Look of the colors; lightness is the same in all looks.")
    warmth: float = option(
        0.0, "Strength of warm colors such as skin and wood: 0 is faithful, 1 is warm.",
        least=0, most=1,
    )  # fmt: skip
    vividness: float = option(
        1.0, "Factor for the chroma of the colors; 0 is gray.", least=0, most=2
    )
    saturation: float = option(
        1.0, "Factor for the HSV saturation of the colored picture.", least=0, most=3
    )
    profile: Profile = option("srgb", "Color profile of the output file.")
    repair: float = option(
        0.0,
        "Strength of the repair of dust, scratches and small tears (experimental); 0 turns it off.",
        least=0,
        most=1,
    )
    fading: float = option(
        0.0, "Strength of the correction of faded lightness; 0 turns it off.", least=0, most=1
    )
    keep_color: bool = option(
        False, "Keep the colors of parts that are in color already, such as a stamp."
    )
    negative: bool = option(
        False, "The picture is a negative: invert it before it is colored.", local=True
    )
    turn: Turn = option(
        "off",
        "Degrees clockwise by which the output is turned; auto turns pictures that are surely not "
        "upright. JPEG files with exact lightness only get another orientation tag.",
    )
    straighten: float = option(
        0.0,
        "Degrees clockwise by which the output is rotated after `turn`; its corners are cut off.",
        least=-MOST_STRAIGHTENED,
        most=MOST_STRAIGHTENED,
    )
    crop: str = option(
        "",
        "Part of the turned and straightened output to keep: x,y,width,height in pixels or "
        "percent, such as 10%,10%,80%,80%.",
    )
    longest: int = option(
        0,
        "Maximum side of the output in pixels; larger pictures are reduced, 0 keeps all pixels.",
        least=0,
        most=MOST_LONGEST,
    )
    quality: int = option(
        0,
        "Quality of JPEG, WebP and AVIF files, from 1 to 100; 0 for the default of the format.",
        least=0,
        most=100,
    )
    lightness: Lightness = option(
        "auto", "From JPEG to JPEG: exact keeps all luma coefficients, auto does so if possible."
    )
    chroma: Chroma = option(
        "source",
        "Chroma subsampling of JPEG files with exact lightness; for gray "
        "sources, source means 4:2:0.",
    )
    label: str = option(
        "", "Text to write into a corner of the picture, such as Colorized; empty for none."
    )
    caption: Caption = option(
        "off",
        "Write into the description that the colors are a guess: add only if there is no "
        "description, append to it, or replace it.",
    )
    raw: bool = option(
        False, "Output the network's own RGB, including its blurred lightness.", local=True
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.label:
            from retint.picture.label import check

            check(self.label)
        if self.crop:
            from retint.picture.crop import Crop

            Crop.parse(self.crop)

    @property
    def grading(self) -> Grading | None:
        """How chroma is changed; None if it stays as predicted."""
        named = LOOKS[self.look].grading
        graded = replace(named, warmth=min(1.0, named.warmth + self.warmth))
        return None if graded == Grading() else graded

    @property
    def changes_lightness(self) -> bool:
        """Whether the original cannot be restored from the result."""
        return any(getattr(self, name) for name in UNRESTORABLE)

    @property
    def cuts(self) -> bool:
        """Whether a part of the picture is cut off."""
        return bool(self.straighten or self.crop)

    def seen(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Options of a method for pictures with this finish: the method sees a picture as it is
        turned by request, unless `upright` says otherwise.
        """
        if self.turn in ("off", "auto") or options.get("upright", "auto") != "auto":
            return dict(options)
        return {**options, "upright": self.turn}

    def misfit(self, output: Output) -> str:
        """Why this finish does not apply to an output; empty if it does."""
        reasons = _MISFITS[output]
        return next((reasons[name] for name in self.chosen() if name in reasons), "")


_MISFITS = {
    Output.EXACT: {
        "saturation": "`saturation` may change lightness",
        "profile": "`profile` requires another color space",
        "repair": "`repair` changes lightness",
        "fading": "`fading` changes lightness",
        "keep_color": "`keep_color` keeps colors of the original",
        "negative": "`negative` changes lightness",
        "label": "`label` changes lightness",
        "straighten": "`straighten` resamples the picture",
        "crop": "`crop` cuts off a part of it",
        "longest": "`longest` resamples the picture",
        "quality": "`quality` compresses it again",
        "raw": "`raw` shows the network's own lightness",
    },
    Output.FILM: {
        "saturation": "`saturation` applies to photographs only; use `vividness` for films",
        "profile": "`profile` applies to photographs only; a film keeps its own color tags",
        "repair": "`repair` would change lightness, which is kept exactly in films",
        "fading": "`fading` would change lightness, which is kept exactly in films",
        "keep_color": "`keep_color` applies to photographs only",
        "negative": "`negative` would change lightness, which is kept exactly in films",
        "label": "`label` would change lightness, which is kept exactly in films",
        "turn": "`turn` applies to photographs only",
        "straighten": "`straighten` applies to photographs only",
        "crop": "`crop` applies to photographs only",
        "longest": "`longest` applies to photographs only",
        "quality": "`quality` applies to photographs only; use `crf` for films",
        "raw": "`raw` would change lightness, which is kept exactly in films",
    },
}
"""For each output, the options that must have their defaults, and why."""

AS_IT_COMES = Finish()
