"""Colour profiles: converts pixels to sRGB at the depth of the file.

Pillow's colour management (LittleCMS) works with 8 bits, but scans have 16. Grey profiles of
scanners and profiles of RGB working spaces consist of curves and a matrix (ICC.1:2022, sections 8.3
and 10), which are converted here; LittleCMS handles profiles with tables.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retint.color.srgb import gamma, linear_light

Float64 = NDArray[np.float64]

SRGB_FROM_D50 = np.array(
    [
        [3.1341359, -1.6173863, -0.4906619],
        [-0.9787954, 1.9162544, 0.0334428],
        [0.0719553, -0.2289768, 1.4053860],
    ]
)
"""From CIE XYZ with D50 to linear sRGB, with Bradford adaptation."""
CLOSE = 0.6 / 255
"""Maximum change by a conversion that is skipped: 8 bits could not represent it."""


class ProfileError(ValueError):
    """A profile that is broken, or does not consist of curves and a matrix."""


@dataclass(frozen=True)
class Profile:
    """Curves from a file's values to linear light, and a matrix to CIE XYZ (D50)."""

    curves: tuple[Float64, ...]
    """One for grey, three for RGB: linear light for 4096 values from 0 to 1."""
    matrix: Float64 | None
    """[3, 3] for RGB; None for grey."""

    @classmethod
    def parse(cls, content: bytes) -> Profile:
        """Read an ICC profile; raises ProfileError."""
        try:
            tags = _tags(content)
            space = content[16:20]
            if content[20:24] != b"XYZ " or b"A2B0" in tags:
                raise ProfileError("based on tables")
            if space == b"GRAY":
                return cls((_curve(tags[b"kTRC"]),), None)
            if space == b"RGB ":
                curves = tuple(_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC"))
                columns = [_xyz(tags[name]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
                return cls(curves, np.stack(columns, axis=1))
        except (LookupError, ArithmeticError, struct.error) as error:
            raise ProfileError(f"broken ({error})") from None
        raise ProfileError(f"of {space!r}")

    @property
    def of_neutral(self) -> Profile | None:
        """The profile of the grey pixels of an RGB picture; None if it tints them."""
        first = self.curves[0]
        if self.matrix is None:
            return self
        if any(not np.array_equal(first, each) for each in self.curves):
            return None
        white = SRGB_FROM_D50 @ self.matrix.sum(axis=1)
        return Profile((first,), None) if np.abs(white - 1).max() < 2e-3 else None

    def to_srgb(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """Convert grey [H, W] or RGB [H, W, 3] of unsigned integers to sRGB.

        Raises
        ------
        ProfileError
            If the profile is of the other kind.
        """
        if (pixels.ndim == 2) != (self.matrix is None):
            raise ProfileError("for another kind of picture")
        levels = np.iinfo(pixels.dtype).max
        values = np.linspace(0, 1, levels + 1)
        light = [np.interp(values, _places(curve), curve) for curve in self.curves]
        if self.matrix is None:
            encoded = gamma(light[0])
            if np.abs(encoded - values).max() <= CLOSE:
                return pixels
            return np.asarray((encoded * levels + 0.5).astype(pixels.dtype)[pixels])
        to_srgb = SRGB_FROM_D50 @ self.matrix
        if np.abs(to_srgb - np.eye(3)).max() < 2e-3:
            shown = np.stack([gamma(each) for each in light])
            if np.abs(shown - values).max() <= CLOSE:
                return pixels
            tables = (shown * levels + 0.5).astype(pixels.dtype)
            return np.stack([each[pixels[..., k]] for k, each in enumerate(tables)], axis=-1)
        converted = np.empty_like(pixels)
        for rows in stripes(pixels):
            planes = np.stack([each[pixels[rows, :, k]] for k, each in enumerate(light)], axis=-1)
            shown = gamma((planes @ to_srgb.T).clip(0, 1))
            converted[rows] = shown * levels + 0.5
        return converted


def _tags(content: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", content, 128)
    if content[36:40] != b"acsp" or count > 1000:
        raise ProfileError("not an ICC profile")
    found = {}
    for k in range(count):
        name, start, size = struct.unpack_from(">4sII", content, 132 + 12 * k)
        found[name] = content[start : start + size]
    return found


def _xyz(tag: bytes) -> Float64:
    return np.array(struct.unpack_from(">3i", tag, 8)) / 65536


def _curve(tag: bytes) -> Float64:
    values = np.linspace(0, 1, 4096)
    if tag[:4] == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        if count == 0:
            return values
        if count == 1:
            return np.asarray(values ** (struct.unpack_from(">H", tag, 12)[0] / 256))
        table = np.frombuffer(tag, ">u2", count, 12) / 65535
        return np.interp(values, _places(table), table)
    if tag[:4] == b"para":
        (kind,) = struct.unpack_from(">H", tag, 8)
        count = (1, 3, 4, 5, 7)[kind]
        given = [each / 65536 for each in struct.unpack_from(f">{count}i", tag, 12)]
        return _parametric(kind, given, values)
    raise ProfileError("with a curve of an unknown type")


def _parametric(kind: int, given: list[float], x: Float64) -> Float64:
    """ICC.1:2022, table 68."""
    g, a, b, c, d, e, f = 1.0, 1.0, 0.0, 0.0, -1.0, 0.0, 0.0
    if kind == 0:
        (g,) = given
    elif kind == 1:
        g, a, b = given
        d = -b / a
    elif kind == 2:
        g, a, b, e = given
        d, f = -b / a, e
    elif kind == 3:
        g, a, b, c, d = given
    else:
        g, a, b, c, d, e, f = given
    curved = np.maximum(a * x + b, 0) ** g + e
    return np.asarray(np.where(x >= d, curved, c * x + f)).clip(0, 1)


def _places(curve: Float64) -> Float64:
    return np.linspace(0, 1, len(curve))


D50 = (0.9642, 1.0, 0.8249)
GAMMA_SRGB = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
"""IEC 61966-2-1 as a parametric curve, also used by Display P3."""
GAMMA_ADOBE = (563 / 256,)
"""Adobe RGB (1998), section 4.3.4.2."""
XYZ_FROM_SRGB = np.array(
    [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
)
XYZ_FROM_P3 = np.array(
    [
        [0.5151187, 0.2919778, 0.1571035],
        [0.2411892, 0.6922441, 0.0665668],
        [-0.0010505, 0.0418791, 0.7840713],
    ]
)
XYZ_FROM_ADOBE = np.array(
    [
        [0.6097559, 0.2052401, 0.1492240],
        [0.3111242, 0.6256560, 0.0632197],
        [0.0194811, 0.0608902, 0.7448387],
    ]
)
"""From linear RGB to CIE XYZ with D50, with Bradford adaptation."""


def build(name: str, curve: tuple[float, ...], matrix: Float64 | None) -> bytes:
    """Build an ICC profile from one parametric curve, and a matrix [3, 3] unless it is for grey.

    The result is always the same: it contains no date.
    """
    kind = {1: 0, 5: 3}[len(curve)]
    para = b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + _fixed_point(curve)
    tags = {
        b"desc": _text(name),
        b"cprt": _text("CC0 1.0"),
        b"wtpt": b"XYZ \0\0\0\0" + _fixed_point(D50),
    }
    if matrix is None:
        tags[b"kTRC"] = para
    else:
        for k, letter in enumerate(b"rgb"):
            tags[bytes([letter]) + b"XYZ"] = b"XYZ \0\0\0\0" + _fixed_point(matrix[:, k])
            tags[bytes([letter]) + b"TRC"] = para
    head = 132 + 12 * len(tags)
    directory, content = struct.pack(">I", len(tags)), b""
    places: dict[bytes, int] = {}
    for tag, value in tags.items():
        if value not in places:
            places[value] = head + len(content)
            content += value + b"\0" * (-len(value) % 4)
        directory += struct.pack(">4sII", tag, places[value], len(value))
    space = b"GRAY" if matrix is None else b"RGB "
    size = head + len(content)
    header = struct.pack(">I4xI4s4s4s12x4s", size, 0x04300000, b"mntr", space, b"XYZ ", b"acsp")
    return (header.ljust(68, b"\0") + _fixed_point(D50)).ljust(128, b"\0") + directory + content


def _fixed_point(values: Any) -> bytes:
    return b"".join(struct.pack(">i", round(float(each) * 65536)) for each in values)


def _text(text: str) -> bytes:
    encoded = text.encode("utf-16-be")
    return (
        b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(encoded), 28) + encoded
    )


SPACES: dict[str, tuple[str, tuple[float, ...], Float64]] = {
    "srgb": ("sRGB", GAMMA_SRGB, XYZ_FROM_SRGB),
    "display-p3": ("Display P3", GAMMA_SRGB, XYZ_FROM_P3),
    "adobe-rgb": ("Compatible with Adobe RGB (1998)", GAMMA_ADOBE, XYZ_FROM_ADOBE),
}
"""Colour spaces that retint writes: name, curve and matrix."""


def profile(space: str, *, grey: bool) -> bytes:
    """The profile for one of `SPACES`, or for grey with sRGB's curve."""
    if grey:
        return build("Gray with sRGB curve", GAMMA_SRGB, None)
    return build(*SPACES[space])


def from_srgb(pixels: NDArray[Any], space: str) -> NDArray[Any]:
    """Convert sRGB [H, W, 3] of unsigned integers to one of `SPACES`."""
    if space == "srgb":
        return pixels
    _, curve, matrix = SPACES[space]
    levels = np.iinfo(pixels.dtype).max
    light = linear_light(np.linspace(0, 1, levels + 1))
    turn = np.linalg.inv(matrix) @ XYZ_FROM_SRGB
    converted = np.empty_like(pixels)
    for rows in stripes(pixels):
        linear = (light[pixels[rows]] @ turn.T).clip(0, 1)
        shown = gamma(linear) if len(curve) > 1 else linear ** (1 / curve[0])
        converted[rows] = shown * levels + 0.5
    return converted


def stripes(pixels: NDArray[Any]) -> Iterator[slice]:
    """Stripes of about a million pixels, since the arithmetic needs many times their memory."""
    step = max(1, (1 << 20) // pixels.shape[1])
    return (slice(top, top + step) for top in range(0, len(pixels), step))


def is_srgb(content: bytes, *, grey: bool) -> bool:
    """Whether a profile is equivalent to sRGB for 8-bit levels."""
    ramp = np.arange(256, dtype=np.uint8)[None]
    levels = ramp if grey else np.repeat(ramp[..., None], 3, axis=2)
    try:
        found = Profile.parse(content)
        found = (grey and found.of_neutral) or found
        return found.to_srgb(levels) is levels
    except ProfileError:
        return False
