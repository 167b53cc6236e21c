"""Interprets the samples of a TIFF page (TIFF 6.0) that Pillow does not support: 16-bit grey with
opacity, floating point, CIELAB, CMYK at 16 bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retint.color.srgb import gamma
from retint.errors import PhotoError
from retint.files.deep.pages import Samples
from retint.files.icc import D50, SRGB_FROM_D50, stripes
from retint.files.levels import (
    LEFT_OUT,
    SIGNED_VALUES,
    UNSPECIFIED,
    UNUSED_PROFILE,
    WHITE_IS_ZERO,
    Levels,
    cmyk_in_srgb,
    in_srgb,
    split_extra,
)

BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR, CIELAB, ICCLAB = 1, 2, 3, 5, 6, 8, 9
"""Values of PhotometricInterpretation."""
COLOURS = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, PALETTE: 1, CMYK: 4, YCBCR: 3, CIELAB: 3,
           ICCLAB: 3}  # fmt: skip
"""Samples per pixel without the extra ones."""
OTHERS = {4: "a transparency mask", 10: "ITU L*a*b*", 32803: "a color filter array",
          32844: "LogL", 32845: "LogLuv", 34892: "linear RAW"}  # fmt: skip
LINEAR_FROM_RATIOS = (SRGB_FROM_D50 * D50).T.astype(np.float32)
"""From X, Y and Z relative to white to linear sRGB."""
ICC_WHITE = 65280
"""L* = 100 in 16-bit ICCLAB (ICC.1:2001-04, 6.3.4)."""
MOST_ABOVE = 0.01
"""Share of floating-point values that may exceed 1, which are clipped: resampling overshoots."""
CLIPPED = "its values outside 0 to 1 were clipped"


@dataclass(frozen=True)
class Planes:
    """A page that a photo is made from."""

    pixels: NDArray[Any]
    """Grey [H, W] or sRGB [H, W, 3]; uint8 or uint16."""
    alpha: NDArray[Any] | None


def interpreted(samples: Samples, remarks: list[str]) -> Planes:
    """Convert a page to grey or sRGB.

    Raises
    ------
    PhotoError
        If its kind of samples is not supported.
    """
    kind = samples.photometric
    count = COLOURS.get(kind, 0)
    given = samples.values.shape[2]
    if not count or given < count:
        what = OTHERS.get(kind, f"interpretation {kind}") if not count else f"{given} samples"
        raise PhotoError(f"TIFF with {what} is not supported; save it as grayscale or RGB")
    if UNSPECIFIED in samples.extra:
        remarks.append(LEFT_OUT)
    if kind == PALETTE:
        return _from_palette(samples, remarks)
    if kind in (CIELAB, ICCLAB) and samples.values.dtype.kind == "u":
        pixels = _from_lab(samples.values[..., :3], samples.bits, icc=kind == ICCLAB)
        rest = _unsigned(samples.values[..., 3:], samples.bits, remarks)
        return Planes(*split_extra(np.dstack([pixels, rest.astype(pixels.dtype)]), samples.extra))
    values = _unsigned(samples.values, samples.bits, remarks)
    if kind == WHITE_IS_ZERO:
        values[..., 0] = np.iinfo(values.dtype).max - values[..., 0]
    if kind in (CIELAB, ICCLAB):
        raise PhotoError("floating-point CIELAB is not supported; save it as RGB")
    pixels, alpha = split_extra(values, samples.extra, count)
    if kind == CMYK:
        return Planes(_from_cmyk(pixels, samples.profile, remarks), alpha)
    return Planes(in_srgb(pixels, samples.profile, remarks), alpha)


def _unsigned(values: NDArray[Any], bits: int, remarks: list[str]) -> NDArray[Any]:
    """Values as uint8 if they have 8 bits, and otherwise as uint16 with its full range."""
    if values.dtype.kind == "f":
        return _from_float(values, remarks)
    if values.dtype.kind == "b":
        return values.astype(np.uint8) * np.uint8(255)
    if values.dtype.kind != "u":
        complex_ = "complex numbers are not supported"
        raise PhotoError(SIGNED_VALUES if values.dtype.kind == "i" else complex_)
    if values.dtype == np.uint8 and bits == 8:
        return values
    if bits > 32:
        values, bits = values >> np.uint64(bits - 32), 32
    if bits < 8:
        full = (1 << bits) - 1
        return ((values.astype(np.uint16) * 255 + full // 2) // full).astype(np.uint8)
    return Levels(16 - bits).applied(values)


def _from_float(values: NDArray[Any], remarks: list[str]) -> NDArray[np.uint16]:
    """Floating-point values in [0, 1] as uint16."""
    finite = np.isfinite(values)
    with np.errstate(invalid="ignore"):  # undefined values compare as false
        above = values > 1
        outside = above | (values < 0)
    if np.count_nonzero(above) > MOST_ABOVE * values.size:
        most = float(values[finite].max(initial=0))
        raise PhotoError(
            f"its floating-point values reach {most:g}, so white is unknown; save it with values "
            "from 0 to 1, or with 16 bits"
        )
    if outside.any() or not finite.all():
        remarks.append(CLIPPED)
    converted = np.empty(values.shape, np.uint16)
    for rows in stripes(values):
        part = np.nan_to_num(values[rows].astype(np.float32), nan=0, posinf=1, neginf=0)
        converted[rows] = part.clip(0, 1) * np.float32(65535) + np.float32(0.5)
    return converted


def _from_cmyk(values: NDArray[Any], profile: bytes | None, remarks: list[str]) -> NDArray[Any]:
    """CMYK [H, W, 4] as sRGB of the same type."""
    if values.dtype == np.uint8:
        return cmyk_in_srgb(Image.fromarray(values, "CMYK"), profile, remarks)
    if profile:
        try:
            import imagecodecs

            return np.asarray(imagecodecs.cms_transform(
                values, profile, imagecodecs.cms_profile("srgb"), colorspace="cmyk",
                outcolorspace="rgb", outdtype=np.uint16,
            ))  # fmt: skip
        except Exception:  # profiles are untrusted data
            remarks.append(UNUSED_PROFILE)
    out = np.empty((*values.shape[:2], 3), np.uint16)
    for rows in stripes(values):
        ink = values[rows].astype(np.float32) / np.float32(65535)
        out[rows] = (1 - ink[..., :3]) * (1 - ink[..., 3:]) * np.float32(65535) + np.float32(0.5)
    return out


def _from_palette(samples: Samples, remarks: list[str]) -> Planes:
    if samples.palette is None or samples.values.dtype.kind != "u":
        raise PhotoError("its palette is missing")
    colours = np.ascontiguousarray(samples.palette.T)
    index = np.minimum(samples.values[..., 0], len(colours) - 1)
    return Planes(in_srgb(colours[index], samples.profile, remarks), None)


def _from_lab(values: NDArray[Any], bits: int, *, icc: bool) -> NDArray[Any]:
    """CIELAB of unsigned samples [H, W, 3] as sRGB of the same type.

    TIFF 6.0, section 23, and for 16 bits Adobe's Photoshop TIFF Technical Notes (2002): a* and b*
    are signed, in ICCLAB they are offset by half of the range.
    """
    if bits not in (8, 16):
        raise PhotoError(f"CIELAB of {bits} bits is not supported; save it as RGB")
    signed, unit, white = (np.int8, 1, 255) if bits == 8 else (np.int16, 256, 65535)
    if icc and bits == 16:
        white = ICC_WHITE
    out = np.empty(values.shape, values.dtype)
    full = np.float32(np.iinfo(values.dtype).max)
    for rows in stripes(values):
        part = values[rows]
        chroma = part[..., 1:] ^ values.dtype.type(1 << (bits - 1)) if icc else part[..., 1:]
        a, b = np.moveaxis(chroma.view(signed).astype(np.float32) / unit, -1, 0)
        y = (part[..., 0].astype(np.float32) * np.float32(100 / white) + 16) / 116
        f = np.stack([y + a / 500, y, y - b / 200], axis=-1)
        ratio = np.where(f > 6 / 29, f**3, (f - 16 / 116) * np.float32(108 / 841))
        linear = ratio @ LINEAR_FROM_RATIOS
        out[rows] = gamma(linear.clip(0, 1)) * full + np.float32(0.5)
    return out
