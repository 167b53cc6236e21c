"""Which tags of TIFF and EXIF a coloured picture keeps."""

from __future__ import annotations

from PIL.ExifTags import IFD, Base

from retint.files.deep import tiff_directory
from retint.files.deep.tiff_directory import Tags

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


def of_tiff(tags: Tags) -> dict[int, tiff_directory.Value]:
    """The tags of a TIFF page that are kept."""
    return {tag: tags[tag] for tag in tags if tag in KEPT}


def of_exif(tags: Tags) -> dict[int, tiff_directory.Value]:
    """The tags of EXIF that are kept: numbers below XMP's belong to TIFF, and most of them describe
    pixels; those above are private, and unknown ones are kept.
    """
    return {
        tag: value
        for tag, value in tags.items()
        if tag in KEPT or (tag > Base.XMLPacket and tag not in REPLACED | POINTERS)
        if value.kind != tiff_directory.IFD  # the directory that it points to is not kept
    }
