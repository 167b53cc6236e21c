"""Statements in XMP that are wrong for a coloured picture, because they describe the pixels or the
file that it was made from.
"""

from __future__ import annotations

from contextlib import suppress
from xml.etree.ElementTree import Element

from retint.files.xmp.rdf import remove, tag

_STORAGE = """
    tiff:ImageWidth tiff:ImageLength tiff:BitsPerSample tiff:Compression tiff:SamplesPerPixel
    tiff:PhotometricInterpretation tiff:PlanarConfiguration tiff:YCbCrSubSampling
    tiff:YCbCrPositioning tiff:YCbCrCoefficients tiff:ReferenceBlackWhite tiff:TransferFunction
    tiff:WhitePoint tiff:PrimaryChromaticities tiff:NativeDigest exif:PixelXDimension
    exif:PixelYDimension exif:ColorSpace exif:ComponentsConfiguration exif:NativeDigest
    exif:CompressedBitsPerPixel exifEX:Gamma exifEX:InteroperabilityIndex photoshop:ColorMode
    photoshop:ICCProfile xmp:Thumbnails dc:format
"""
"""How the old pixels were stored; the new file itself says how its own are."""
_GREY = "crs:ConvertToGrayscale crs:Treatment crs:AutoGrayscaleMix"
"""Settings with which Adobe's programs would make the picture grey again."""
_BEHIND = """
    Container:Directory GCamera:MotionPhoto GCamera:MotionPhotoVersion
    GCamera:MotionPhotoPresentationTimestampUs GCamera:MicroVideo GCamera:MicroVideoVersion
    GCamera:MicroVideoOffset GCamera:MicroVideoPresentationTimestampUs hdrgm:Version
"""
"""Data behind the picture in its file, which are not copied."""
DARKTABLE = "http://darktable.sf.net/"
ENABLED = f"{{{DARKTABLE}}}enabled"
_PARTS = """
    crs:HasCrop crs:CropTop crs:CropLeft crs:CropBottom crs:CropRight crs:CropAngle crs:CropWidth
    crs:CropHeight crs:CropUnit crs:CropUnits crs:CropConstrainToWarp crs:GradientBasedCorrections
    crs:CircularGradientBasedCorrections crs:PaintBasedCorrections crs:MaskGroupBasedCorrections
    crs:RetouchInfo crs:RetouchAreas crs:RedEyeInfo
"""
STALE = frozenset(map(tag, f"{_STORAGE} {_GREY} {_BEHIND}".split()))
GREY_MIX = tag("crs:GrayMixer")
"""Beginning of the names of further settings for grey: the weights of colours."""
SATURATION = (tag("crs:Saturation"), tag("crs:Vibrance"), tag("crs:SaturationAdjustment"))
"""Beginning of the names of settings that make a picture grey with their lowest value."""
NO_COLOR = -100
PROFILES = (tag("crs:CameraProfile"), tag("crs:Look"))
GREY_PROFILES = ("monochrome", "b&w")
"""What the names of Adobe's profiles for grey contain, in lower case."""
TURNED = frozenset(map(tag, _PARTS.split()))
"""Settings of Adobe's programs for parts of the picture, which a turn would move."""


def remove_stale(root: Element) -> bool:
    """Remove such statements from a packet; returns whether there were any."""
    return any([remove(root, _is_stale), _switch_off_grey(root)])


def _switch_off_grey(root: Element) -> bool:
    """Switch off darktable's module that makes a picture grey; returns whether it was on."""
    found = [
        each
        for each in root.iter()
        if each.get(f"{{{DARKTABLE}}}operation") == "monochrome" and each.get(ENABLED) == "1"
    ]
    for each in found:
        each.set(ENABLED, "0")
    return bool(found)


def _is_stale(name: str, text: str, inner: Element | None) -> bool:
    if name.startswith(SATURATION):
        with suppress(ValueError):
            return float(text) <= NO_COLOR
    if name in PROFILES:
        texts = [text] if inner is None else _texts(inner)
        return any(grey in each.lower() for each in texts for grey in GREY_PROFILES)
    return name in STALE or name.startswith(GREY_MIX)


def _texts(element: Element) -> list[str]:
    """All values within an element."""
    found = [element.text or "" for element in element.iter()]
    return found + [value for each in element.iter() for value in each.attrib.values()]
