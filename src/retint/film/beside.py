"""What frames contain besides pixels: captions, and metadata of high dynamic range."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import av

CAPTIONS = "A53_CC"
MASTERING, LIGHT = "MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL"
HDR = "the metadata of its mastering display"
NAMED = {
    CAPTIONS: "the closed captions in its picture",
    MASTERING: HDR,
    LIGHT: HDR,
    "DYNAMIC_HDR_PLUS": "its HDR10+ metadata",
    "DYNAMIC_HDR_VIVID": "its HDR Vivid metadata",
    "DOVI_METADATA": "its Dolby Vision metadata",
    "DOVI_RPU_BUFFER": "its Dolby Vision metadata",
    "AMBIENT_VIEWING_ENVIRONMENT": "the metadata of its viewing environment",
    "STEREO3D": "the arrangement of its stereoscopic views",
    "SPHERICAL": "its spherical projection",
    "AFD": "its active format description",
    "ICC_PROFILE": "its ICC profile",
    "S12M_TIMECODE": "the timecodes in its picture",
}
"""By FFmpeg's name of a frame's side data."""
KEPT = {
    "libx264": (CAPTIONS, MASTERING, LIGHT),
    "libx265": (CAPTIONS, MASTERING, LIGHT),
    "libsvtav1": (MASTERING, LIGHT),
}
"""What encoders write."""
CHROMATICITY, LUMINANCE = 50_000, 10_000
"""Units in HEVC of a chromaticity, and of a candela per square metre."""


def kinds(frame: av.VideoFrame) -> set[str]:
    """FFmpeg's names of the side data of a frame."""
    return {each.type.name for each in _side_data(frame)}


def _side_data(frame: av.VideoFrame) -> Iterable[Any]:
    found: Any = frame.side_data  # its stubs declare other items
    return cast("Iterable[Any]", found)


def lost(seen: Collection[str], codec: str) -> list[str]:
    """What an encoder does not write of the side data of a film."""
    kept = KEPT.get(codec, ())
    return list(dict.fromkeys(NAMED[kind] for kind in NAMED if kind in seen and kind not in kept))


@dataclass(frozen=True)
class Mastering:
    """Static metadata of high dynamic range (SMPTE ST 2086, CTA 861.3)."""

    primaries: tuple[float, ...] = ()
    """x and y of red, green, blue and white."""
    luminance: tuple[float, ...] = ()
    """Minimum and maximum in candelas per square metre."""
    light: tuple[int, ...] = ()
    """Maximum and average light level."""

    @classmethod
    def of(cls, frame: av.VideoFrame) -> Mastering:
        """The metadata of a frame."""
        primaries: tuple[float, ...] = ()
        luminance: tuple[float, ...] = ()
        light: tuple[int, ...] = ()
        for each in _side_data(frame):
            content = bytes(each)
            if each.type.name == MASTERING and len(content) >= 88:
                *numbers, has_primaries, has_luminance = struct.unpack("=22i", content[:88])
                values = [a / b if b else 0.0 for a, b in zip(*[iter(numbers)] * 2, strict=True)]
                primaries = tuple(values[:8]) if has_primaries else ()
                luminance = tuple(values[8:10]) if has_luminance else ()
            elif each.type.name == LIGHT and len(content) >= 8:
                light = struct.unpack("=2I", content[:8])
        return cls(primaries, luminance, light)

    def params(self, codec: str) -> list[str]:
        """Parameters for an encoder."""
        display, level = NAMES.get(codec, ("", ""))
        found = []
        if display and self.primaries and self.luminance:
            found.append(f"{display}={self._display(exact=codec == 'libsvtav1')}")
        if level and any(self.light):
            found.append(f"{level}={self.light[0]},{self.light[1]}")
        return found

    def _display(self, *, exact: bool) -> str:
        x_and_y, nits = (1, 1) if exact else (CHROMATICITY, LUMINANCE)
        places = [value * x_and_y for value in self.primaries]
        low, high = (value * nits for value in self.luminance)
        numbers = [f"{each:.6g}" if exact else str(round(each)) for each in (*places, high, low)]
        red, green, blue, white, levels = (
            f"({a},{b})" for a, b in zip(*[iter(numbers)] * 2, strict=True)
        )
        return f"G{green}B{blue}R{red}WP{white}L{levels}"


NAMES = {
    "libx264": ("mastering-display", "cll"),
    "libx265": ("master-display", "max-cll"),
    "libsvtav1": ("mastering-display", "content-light"),
}
"""The encoders' names of these parameters."""
