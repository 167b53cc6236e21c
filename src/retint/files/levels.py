"""Interprets the values of a decoded picture: bit depth, opacity, colour profile."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL.ExifTags import Base

from retint.errors import PhotoError
from retint.files import icc

WHITE_IS_ZERO, SIGNED = 0, 2
UNSPECIFIED, PREMULTIPLIED, OPACITY = 0, 1, 2
"""Meanings of a fourth channel (TIFF 6.0, section 18)."""
LEFT_OUT = "its extra channel was left out; scanners store infrared there"
MOST_GAMMA, NEARLY_SRGB = 5.0, 0.1
"""Exponents beyond which PNG's gamma is not plausible, and the distance from 2.2 of sRGB's."""
SIGNED_VALUES = "signed values are not supported; save it with 8 or 16 bits"
UNUSED_PROFILE = "its color profile is broken or for another kind of picture, and was ignored"


@dataclass(frozen=True)
class Levels:
    """How to interpret the values of a grey picture that Pillow returns unchanged."""

    shift: int = 0
    """Bits to shift the values by, so that they use the full 16 bits."""
    inverted: bool = False
    """Whether 0 is white."""

    def applied(self, values: NDArray[Any]) -> NDArray[np.uint16]:
        if self.shift < 0:
            values = values.astype(np.uint32) >> -self.shift
        wide: NDArray[np.uint16] = np.clip(values, 0, 65535).astype(np.uint16)
        if self.shift > 0:  # the upper bits are repeated below, so that the maximum is white
            wide = np.asarray((wide << self.shift) | (wide >> (16 - 2 * self.shift)), np.uint16)
        return np.uint16(65535) - wide if self.inverted else wide


def levels_of(picture: Image.Image) -> Levels:
    """Levels of a grey TIFF with more than 8 bits (TIFF 6.0, section 4: PhotometricInterpretation).

    Raises
    ------
    PhotoError
        If its values are signed.
    """
    tags = getattr(picture, "tag_v2", None)
    if picture.format != "TIFF" or tags is None:
        return Levels()
    if tags.get(Base.SampleFormat, (1,))[0] == SIGNED:
        raise PhotoError(SIGNED_VALUES)
    if not picture.mode.startswith("I"):
        return Levels()
    bits = tags.get(Base.BitsPerSample, (16,))[0]
    return Levels(16 - bits, tags.get(Base.PhotometricInterpretation) == WHITE_IS_ZERO)


def without_extra(
    wide: NDArray[np.uint16], picture: Image.Image
) -> tuple[NDArray[np.uint16], NDArray[np.uint16] | None]:
    """RGB or grey, and opacity [H, W], from 16-bit pixels [H, W, 2 to 4]. A further channel is
    always opacity, except in TIFF.
    """
    extra: tuple[int, ...] = ()
    if picture.format == "TIFF":
        extra = tuple(getattr(picture, "tag_v2", {}).get(Base.ExtraSamples, ()))
    return split_extra(wide, extra, 3 if wide.shape[2] > 2 else 1)


def split_extra(
    values: NDArray[Any], extra: tuple[int, ...], count: int = 3
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """The `count` channels of the colour (a single one as [H, W]), and the opacity [H, W] if there
    is one, from unsigned values [H, W, channels].

    Parameters
    ----------
    extra
        Meanings of the other channels (TIFF 6.0, section 18: ExtraSamples); without them, the first
        is opacity. Infrared is unspecified there.
    """
    color = np.ascontiguousarray(values[..., :count] if count > 1 else values[..., 0])
    others = values.shape[2] - count
    meanings = (*extra, *(OPACITY,) * (others - len(extra)))[:others] if others else ()
    place = next((k for k, each in enumerate(meanings) if each != UNSPECIFIED), None)
    if place is None or (place > 0 and not extra):
        return color, None
    alpha = np.ascontiguousarray(values[..., count + place])
    if meanings[place] == PREMULTIPLIED:
        full = np.iinfo(values.dtype).max
        share = np.maximum(alpha, 1).astype(np.uint32)
        share = share[..., None] if count > 1 else share
        undone = (color.astype(np.uint32) * full + share // 2) // share
        color = np.minimum(undone, full).astype(values.dtype)
    return color, alpha


def pixels_of(
    picture: Image.Image, profile: bytes | None, levels: Levels, remarks: list[str]
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    mode = picture.mode
    if mode.startswith("I"):  # 16 bits per pixel, or 32
        values = np.asarray(picture)
        clear = picture.info.get("transparency")
        alpha = None
        if isinstance(clear, int):  # a transparent level of a grey PNG is not part of the picture
            alpha = np.where(values == clear, 0, 65535).astype(np.uint16)
        return in_srgb(levels.applied(values), profile, remarks), alpha
    if mode == "F":
        raise PhotoError("floating-point pictures are not supported; save it with 8 or 16 bits")
    if mode == "CMYK":
        return cmyk_in_srgb(picture, profile, remarks), None
    if mode in ("LA", "La", "PA", "RGBa") or picture.has_transparency_data:
        grey = mode in ("L", "LA", "La")
        channels = np.asarray(picture.convert("RGBA"))
        pixels = np.ascontiguousarray(channels[..., 0] if grey else channels[..., :3])
        return in_srgb(pixels, profile, remarks), np.ascontiguousarray(channels[..., 3])
    pixels = np.asarray(picture.convert("L" if mode in ("1", "L") else "RGB"))
    return in_srgb(pixels, profile, remarks), None


def profile_of(picture: Image.Image) -> bytes | None:
    """The ICC profile of a picture; for a PNG file without one, built from its gamma (PNG
    specification, section 11.3.2.2) unless that is nearly sRGB's.
    """
    profile: bytes | None = picture.info.get("icc_profile")
    share = picture.info.get("gamma")
    if profile or picture.format != "PNG" or "srgb" in picture.info or not share:
        return profile
    if not MOST_GAMMA > 1 / share > 1 / MOST_GAMMA or abs(1 / share - 2.2) <= NEARLY_SRGB:
        return None
    grey = picture.mode in ("1", "L", "LA") or picture.mode.startswith("I")
    return icc.build("Gamma of PNG", (1 / share,), None if grey else icc.XYZ_FROM_SRGB)


def in_srgb(pixels: NDArray[Any], profile: bytes | None, remarks: list[str]) -> NDArray[Any]:
    """Convert pixels from a profile to sRGB; unchanged, with a remark, if it is unusable.

    RGB with equal channels may become grey, so that rounding does not tint it. Grey may have a
    profile of RGB: many programs leave it in place.
    """
    if not profile:
        return pixels
    try:
        parsed = icc.Profile.parse(profile)
        grey = grey_if_equal(pixels)
        neutral = parsed.of_neutral if grey.ndim == 2 else None
        if neutral is None or (pixels.ndim == 3 and parsed.matrix is None):
            return parsed.to_srgb(pixels)
        return neutral.to_srgb(grey)
    except icc.ProfileError:
        if pixels.ndim == 3 and pixels.dtype == np.uint8:
            with suppress(ImageCms.PyCMSError, OSError, ValueError):
                return np.asarray(_with_lcms(Image.fromarray(pixels), profile))
    except Exception:  # profiles are untrusted data, too
        pass
    remarks.append(UNUSED_PROFILE)
    return pixels


def cmyk_in_srgb(
    picture: Image.Image, profile: bytes | None, remarks: list[str]
) -> NDArray[np.uint8]:
    """Convert a CMYK picture to sRGB [H, W, 3]; with a remark if its profile is unusable."""
    try:
        return np.asarray(_with_lcms(picture, profile))
    except (ImageCms.PyCMSError, OSError, ValueError):
        remarks.append(UNUSED_PROFILE)
        return np.asarray(picture.convert("RGB"))


def _with_lcms(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile:
        return picture.convert("RGB")
    converted = ImageCms.profileToProfile(
        picture, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert converted is not None  # only in-place conversion returns None
    return converted


def grey_if_equal(pixels: NDArray[Any]) -> NDArray[Any]:
    if pixels.ndim == 2:
        return pixels
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    # For almost all toned pictures, the first row already differs.
    if not np.array_equal(red[0], green[0]):
        return pixels
    if np.array_equal(red, green) and np.array_equal(green, blue):
        return np.ascontiguousarray(green)
    return pixels
