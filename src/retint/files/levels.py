"""Interprets the values of a decoded picture: bit depth, opacity, colour profile."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from retint.errors import PhotoError
from retint.files import icc

BITS_PER_SAMPLE, PHOTOMETRIC, EXTRA_SAMPLES, SAMPLE_FORMAT = 258, 262, 338, 339
"""Tags of TIFF."""
WHITE_IS_ZERO, SIGNED = 0, 2
UNSPECIFIED, PREMULTIPLIED, OPACITY = 0, 1, 2
"""Meanings of a fourth channel (TIFF 6.0, section 18)."""
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
    if picture.format != "TIFF" or tags is None or not picture.mode.startswith("I"):
        return Levels()
    if tags.get(SAMPLE_FORMAT, (1,))[0] == SIGNED:
        raise PhotoError("signed gray values are not supported; save it with 8 or 16 bits")
    bits = tags.get(BITS_PER_SAMPLE, (16,))[0]
    return Levels(16 - bits, tags.get(PHOTOMETRIC) == WHITE_IS_ZERO)


def without_extra(
    wide: NDArray[np.uint16], picture: Image.Image
) -> tuple[NDArray[np.uint16], NDArray[np.uint16] | None]:
    """RGB and opacity [H, W] from 16-bit pixels [H, W, 3 or 4], depending on the fourth channel.

    TIFF 6.0, section 18: ExtraSamples. In PNG it is always opacity.
    """
    rgb = np.ascontiguousarray(wide[..., :3])
    if wide.shape[2] == 3:
        return rgb, None
    meaning = OPACITY
    if picture.format == "TIFF":
        meaning = next(iter(getattr(picture, "tag_v2", {}).get(EXTRA_SAMPLES, ())), OPACITY)
    if meaning == UNSPECIFIED:
        return rgb, None
    alpha = np.ascontiguousarray(wide[..., 3])
    if meaning == PREMULTIPLIED:
        share = np.maximum(alpha, 1)[..., None].astype(np.uint32)
        rgb = np.minimum((rgb.astype(np.uint32) * 65535 + share // 2) // share, 65535)
        rgb = rgb.astype(np.uint16)
    return rgb, alpha


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
        try:
            return np.asarray(_with_lcms(picture, profile)), None
        except (ImageCms.PyCMSError, OSError, ValueError):
            remarks.append(UNUSED_PROFILE)
            return np.asarray(picture.convert("RGB")), None
    if mode in ("LA", "La", "PA", "RGBa") or picture.has_transparency_data:
        grey = mode in ("L", "LA", "La")
        channels = np.asarray(picture.convert("RGBA"))
        pixels = np.ascontiguousarray(channels[..., 0] if grey else channels[..., :3])
        return in_srgb(pixels, profile, remarks), np.ascontiguousarray(channels[..., 3])
    pixels = np.asarray(picture.convert("L" if mode in ("1", "L") else "RGB"))
    return in_srgb(pixels, profile, remarks), None


def in_srgb(pixels: NDArray[Any], profile: bytes | None, remarks: list[str]) -> NDArray[Any]:
    """Convert pixels from a profile to sRGB; unchanged, with a remark, if it is unusable."""
    if not profile:
        return pixels
    try:
        return icc.Profile.parse(profile).to_srgb(pixels)
    except icc.ProfileError:
        if pixels.ndim == 3 and pixels.dtype == np.uint8:
            with suppress(ImageCms.PyCMSError, OSError, ValueError):
                return np.asarray(_with_lcms(Image.fromarray(pixels), profile))
    except Exception:  # profiles are untrusted data, too
        pass
    remarks.append(UNUSED_PROFILE)
    return pixels


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
