"""Which tags of TIFF and EXIF a coloured picture keeps, and how those about its pixels change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from PIL.ExifTags import IFD, TAGS, Base

from retint.files.deep.tiff_directory import IFD as POINTER
from retint.files.deep.tiff_directory import Tags, Value
from retint.files.turn import Turn

POINTERS = frozenset(map(int, (IFD.Exif, IFD.GPSInfo, IFD.Interop)))
"""Tags that contain the offset of a directory, which is kept."""
RESOLUTION = frozenset(map(int, (Base.XResolution, Base.YResolution, Base.ResolutionUnit)))
GEO = frozenset({33550, 33922, 34264, 34735, 34736, 34737})
"""GeoTIFF: ModelPixelScale, ModelTiepoint, ModelTransformation, GeoKeyDirectory, GeoDoubleParams,
GeoAsciiParams. They locate an aerial photograph.
"""
IMAGE_SOURCE_DATA = 37724
"""Layers of Photoshop."""

KEPT = RESOLUTION | GEO | frozenset(map(int, (
    Base.ProcessingSoftware, Base.DocumentName, Base.ImageDescription, Base.Make, Base.Model,
    Base.PageName, Base.Software, Base.DateTime, Base.Artist, Base.HostComputer, Base.Copyright,
    Base.Rating, Base.RatingPercent, Base.ImageID, Base.XPTitle, Base.XPComment, Base.XPAuthor,
    Base.XPKeywords, Base.XPSubject,
    # Some cameras and scanners store these outside of the EXIF directory (TIFF/EP).
    Base.ExposureTime, Base.FNumber, Base.ExposureProgram, Base.SpectralSensitivity,
    Base.ISOSpeedRatings, Base.DateTimeOriginal, Base.FocalLength, Base.ImageNumber,
    Base.SecurityClassification, Base.ImageHistory, Base.ImageUniqueID, Base.CameraOwnerName,
    Base.CameraSerialNumber, Base.UniqueCameraModel, Base.LensInfo, Base.LensModel,
)))  # fmt: skip
"""Tags of a TIFF page that describe the photograph, not how its pixels are stored."""
REPLACED = frozenset(map(int, (
    Base.XMLPacket, Base.IPTCNAA, Base.ImageResources, Base.InterColorProfile,
))) | {IMAGE_SOURCE_DATA}  # fmt: skip
"""Tags that are stored apart, written anew, or describe the original pixels."""

APART = frozenset(map(int, (Base.IPTCNAA, Base.ImageResources)))
"""Those of them that contain IPTC."""
READ = KEPT | POINTERS | APART
"""Tags of a TIFF page that are read at all; others may be as large as the picture."""


OF_PIXELS = re.compile(
    rb"\s*(ImageJ=|SCIFIO=|\{\"shape\":|(<\?xml[^>]*\?>\s*)?(<!--.*?-->\s*)*<([\w.-]+:)?OME[\s>])",
    re.DOTALL,
)
"""Beginning of an ImageDescription with the axes and channels of the file: of ImageJ, SCIFIO,
tifffile and OME (the OME-TIFF specification).
"""


def of_tiff(tags: Tags) -> dict[int, Value]:
    """The tags of a TIFF page that are kept."""
    return {tag: tags[tag] for tag in tags if tag in KEPT and not _is_of_pixels(tag, tags[tag])}


def _is_of_pixels(tag: int, value: Value) -> bool:
    return tag == Base.ImageDescription and OF_PIXELS.match(value.data) is not None


MOST_NAMED = 20
PRIVATE = 0x8000
"""Lowest number of registered and private tags; those below describe pixels or are kept."""
TECHNICAL = REPLACED | frozenset(
    {*range(32995, 32999), 33421, 33422, *range(34016, 34037), 42112, 42113, *range(50706, 50782)}
)
"""Those above that describe pixels: of SGI, CFA patterns, of IT8, GDAL's statistics, of DNG."""


def left_out(tags: Iterable[int], turn: Turn, description: str = "") -> tuple[str, ...]:
    """A remark that names the tags of a TIFF page that are lost and describe more than its pixels,
    if there are any.

    Parameters
    ----------
    description
        The page's ImageDescription.
    """
    own = set(tags)
    lost = sorted(own - KEPT - POINTERS - TECHNICAL)
    names = ["layers of Photoshop"] * (IMAGE_SOURCE_DATA in own)
    names += [f"tag {TAGS.get(tag, tag)}" for tag in lost if tag >= PRIVATE]
    if OF_PIXELS.match(description.encode("utf-8", "replace")):
        names.append("its description, which states axes and channels (ImageJ, OME)")
    if turn and own & GEO:
        names.append("its place on the map, which holds for its original orientation (GeoTIFF)")
    return (f"left out: {listed(names)}",) if names else ()


def listed(names: Sequence[str]) -> str:
    """Names in one line; only the first ones if there are many."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def of_exif(tags: Tags) -> dict[int, Value]:
    """The tags of EXIF that are kept: numbers below XMP's belong to TIFF, and most of them describe
    pixels; those above are private, and unknown ones are kept.
    """
    return {
        tag: value
        for tag, value in tags.items()
        if tag in KEPT or (tag > Base.XMLPacket and tag not in REPLACED | POINTERS)
        if value.kind != POINTER  # the directory that it points to is not kept
        if not _is_of_pixels(tag, value)
    }


SRGB, UNCALIBRATED = 1, 0xFFFF
"""Values of EXIF's ColorSpace."""
STALE = frozenset(map(int, (Base.CompressedBitsPerPixel, Base.Gamma)))
"""Tags of EXIF that describe the old pixels."""
INTEROP_INDEX = 1
SRGB_INDEX, ADOBE_RGB = b"R98", b"R03"
"""A tag of the interoperability directory, and its values for two colour spaces."""
SUBJECT_AREA = 0x9214
SUBJECTS = frozenset(map(int, (SUBJECT_AREA, Base.SubjectLocation)))
"""Tags with positions in the picture."""
SWAPPED = (
    (Base.XResolution, Base.YResolution),
    (Base.FocalPlaneXResolution, Base.FocalPlaneYResolution),
)
"""Tags for the two directions."""
Y_CB_CR = b"\1\2\3\0"
"""ComponentsConfiguration of all JPEG files in colour."""


def of_new_pixels(tags: Tags, turn: Turn) -> dict[int, Value]:
    """A directory of EXIF whose statements about pixels hold for a picture in sRGB, after an
    orientation is applied.
    """
    kept = {tag: value for tag, value in tags.items() if tag not in STALE}
    if turn:
        lost = GEO | SUBJECTS if turn.cut else GEO
        kept = {tag: value for tag, value in kept.items() if tag not in lost}
    for one, other in SWAPPED if turn.swaps else ():
        swapped = {one: tags.get(other), other: tags.get(one)}
        kept |= {int(tag): value for tag, value in swapped.items() if value is not None}
    width, height = turn.upright
    changed = {
        Base.ExifImageWidth: Value.long(width),
        Base.ExifImageHeight: Value.long(height),
        Base.ColorSpace: Value.short(SRGB),
    }
    kept |= {int(tag): value for tag, value in changed.items() if tag in kept}
    for tag in SUBJECTS:
        if tag in kept:
            area = turn.pixels(kept[tag].numbers)
            kept[tag] = Value.short(*(min(each, 0xFFFF) for each in area))
    components = kept.get(Base.ComponentsConfiguration)
    if components is not None and 0 in components.data[:3]:
        kept[Base.ComponentsConfiguration] = Value(components.kind, Y_CB_CR)
    return kept


def with_color_space(
    inner: Mapping[int, dict[int, Value]], space: int
) -> dict[int, dict[int, Value]]:
    """The inner directories of EXIF with another ColorSpace, if they state one."""
    found = dict(inner)
    own = found.get(IFD.Exif, {})
    if Base.ColorSpace in own:
        found[IFD.Exif] = {**own, Base.ColorSpace: Value.short(space)}
    index = found.get(IFD.Interop, {}).get(INTEROP_INDEX)
    if index is not None and index.data[:3] == (ADOBE_RGB if space == SRGB else SRGB_INDEX):
        del found[IFD.Interop]
    return found
