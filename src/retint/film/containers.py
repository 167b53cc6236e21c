"""File types of films, for input and output. Does not need PyAV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from retint.errors import UsageError
from retint.files.formats import READABLE
from retint.film.signatures import begins_like_a_film


@dataclass(frozen=True)
class Container:
    """A container format that can be written."""

    name: str
    format: str
    """FFmpeg's name of its muxer."""
    endings: tuple[str, ...]
    media_type: str
    provenance: str
    """Tag with the provenance of a film whose comment is its owner's; empty if there is none."""
    encoder: str = "libx264"
    deep_encoder: str = "libx265"
    """Encoder for more than 8 bits."""
    sound: str = "flac"
    """Encoder, without loss, for sound that it does not support; empty if there is none."""
    text: str = "mov_text"
    """Codec of subtitles to which others of text are converted."""
    has_xmp: bool = False
    """Whether it has a place for an XMP packet."""
    all_tags: tuple[tuple[str, str], ...] = ()
    """Options of the muxer with which it stores all tags, in a way that fewer programs read."""


APPLE_TAGS = (("movflags", "use_metadata_tags"),)
CONTAINERS = {
    each.name: each
    for each in (
        Container(
            "mp4", "mp4", (".mp4", ".m4v"), "video/mp4", "synopsis",
            has_xmp=True, all_tags=APPLE_TAGS,
        ),
        Container(
            "mkv", "matroska", (".mkv", ".mk3d"), "video/x-matroska", "retint", text="subrip"
        ),
        Container(
            "mov", "mov", (".mov", ".qt"), "video/quicktime", "",
            sound="alac", has_xmp=True, all_tags=APPLE_TAGS,
        ),
        Container(
            "webm", "webm", (".webm",), "video/webm", "retint", "libvpx-vp9", "libsvtav1",
            sound="", text="webvtt",
        ),
    )
}  # fmt: skip
WRITTEN = {ending: each for each in CONTAINERS.values() for ending in each.endings}
EXACT = CONTAINERS["mkv"]
"""The container that supports all times, nearly all streams, and FFV1."""
READ_ONLY = (
    ".avi", ".divx", ".mpg", ".mpeg", ".mpe", ".m1v", ".m2v", ".mpv", ".m2p", ".vob", ".vro",
    ".ts", ".m2ts", ".mts", ".m2t", ".tp", ".mod", ".tod", ".dat", ".dv", ".dif", ".mxf", ".gxf",
    ".wmv", ".asf", ".dvr-ms", ".wtv", ".ogv", ".ogm", ".ogx", ".flv", ".f4v", ".3gp", ".3g2",
    ".mj2", ".rm", ".rmvb", ".nut", ".y4m", ".h264", ".264", ".avc", ".h265", ".265", ".hevc",
    ".ivf",
)  # fmt: skip
"""Suffixes of containers that are read, and become `EXACT`."""
ENDINGS = WRITTEN | dict.fromkeys(READ_ONLY, EXACT)
"""The containers of the results, by the source's suffix."""
SHARED = (".ts", ".tp", ".mod", ".dat", ".dif")
"""Suffixes that other types of files have too, such as source code; the content decides."""
STANDARD_INPUT = "-"


def has_film_ending(path: Path) -> bool:
    """Whether a file of a folder is a film: by its suffix, and by its content if others have it."""
    ending = path.suffix.lower()
    return ending in ENDINGS and (ending not in SHARED or begins_like_a_film(path))


def is_film(path: Path) -> bool:
    """Whether a file is a film: by its suffix, or its content if the suffix does not tell."""
    ending = path.suffix.lower()
    if ending in ENDINGS or ending in READABLE or str(path) == STANDARD_INPUT:
        return has_film_ending(path)
    return begins_like_a_film(path)


def ending_of(source: Path, *, lossless: bool) -> str:
    """The suffix of the coloured film: that of the source, or of `EXACT` if the source's cannot be
    written.
    """
    own = WRITTEN.get(source.suffix.lower())
    if own is None or (lossless and own is not EXACT):
        return EXACT.endings[0]
    return source.suffix


def media_type(path: Path) -> str:
    """The media type of a film, or its suffix if that says as much."""
    own = WRITTEN.get(path.suffix.lower())
    return path.suffix.lower().removeprefix(".") if own is None else own.media_type


def container_of(target: Path, *, lossless: bool) -> Container:
    """The container for a target; raises UsageError if its name does not allow one."""
    found = WRITTEN.get(target.suffix.lower())
    if found is None:
        raise UsageError(f"{target}: films can be written as {', '.join(CONTAINERS)}")
    if lossless and found is not EXACT:
        raise UsageError(f"{target}: `lossless` writes FFV1, which requires {EXACT.endings[0]}")
    return found
