"""How a picture is finished once its colours are known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from retint.options import Options, option

Profile = Literal["srgb", "display-p3", "adobe-rgb"]
Lightness = Literal["auto", "exact", "recompressed"]
Chroma = Literal["source", "4:2:0", "4:4:4"]


class Output(Enum):
    """What colours end in besides a picture that is written anew, which takes every finish."""

    EXACT = "a JPEG that keeps each coefficient of its lightness"
    FILM = "a film"


@dataclass(frozen=True)
class Finish(Options):
    """What is made of a picture and its chroma; it changes none of what the method thinks."""

    vividness: float = option(
        1.0, "What the colours are multiplied by; 0 is grey.", least=0, most=2
    )
    saturation: float = option(
        1.0, "What the coloured picture's saturation (HSV) is multiplied by.", least=0, most=3
    )
    profile: Profile = option("srgb", "Colour profile of the file that is written.")
    repair: float = option(
        0.0, "How much of dust and scratches is painted over; 0 is nothing.", least=0, most=1
    )
    fading: float = option(0.0, "How much of fading is taken back; 0 is nothing.", least=0, most=1)
    lightness: Lightness = option(
        "auto", "Of JPEG to JPEG: exact keeps each coefficient of luma, auto does where it can."
    )
    chroma: Chroma = option(
        "source", "How JPEG files with exact lightness sample chroma; grey ones are 4:2:0."
    )
    raw: bool = option(False, "The network's own RGB, its blurred lightness included.", local=True)

    @property
    def changes_lightness(self) -> bool:
        """Whether the original cannot be given back from the result."""
        return bool(self.repair or self.fading)

    def misfit(self, output: Output) -> str:
        """Why an output cannot be finished like this; empty where it can."""
        reasons = _MISFITS[output]
        return next((reasons[name] for name in self.chosen() if name in reasons), "")


_MISFITS = {
    Output.EXACT: {
        "saturation": "`saturation` may change lightness",
        "profile": "`profile` asks for another colour space",
        "repair": "`repair` changes lightness",
        "fading": "`fading` changes lightness",
        "raw": "`raw` shows the network's own lightness",
    },
    Output.FILM: {
        "saturation": "`saturation` is of photographs; `vividness` works for films too",
        "profile": "`profile` is of photographs; a film keeps its own colour tags",
        "repair": "`repair` changes lightness, which a film keeps to the last level",
        "fading": "`fading` changes lightness, which a film keeps to the last level",
        "raw": "`raw` changes lightness, which a film keeps to the last level",
    },
}
"""By output, the options that do not fit it unless they are as by default, and why."""

AS_IT_COMES = Finish()
