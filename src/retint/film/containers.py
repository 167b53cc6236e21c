"""File types of films, for input and output. Does not need PyAV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from retint.errors import UsageError


@dataclass(frozen=True)
class Container:
    """A container format."""

    name: str
    format: str
    """FFmpeg's name of its muxer."""
    endings: tuple[str, ...]
    encoder: str = "libx264"
    deep_encoder: str = "libx265"
    """Encoder for more than 8 bits."""
    variable: bool = True
    """Whether each frame can have its own time."""


CONTAINERS = {
    each.name: each
    for each in (
        Container("mp4", "mp4", (".mp4", ".m4v")),
        Container("mkv", "matroska", (".mkv",)),
        Container("mov", "mov", (".mov",)),
        Container("webm", "webm", (".webm",), "libvpx-vp9", "libsvtav1"),
        Container("avi", "avi", (".avi",), variable=False),
    )
}
ENDINGS = {ending: each for each in CONTAINERS.values() for ending in each.endings}
EXACT = CONTAINERS["mkv"]
"""The container that supports all times, all streams, and FFV1."""


def is_film(path: Path) -> bool:
    """Whether a file name is that of a film."""
    return path.suffix.lower() in ENDINGS


def ending_of(source: Path, *, lossless: bool) -> str:
    """The suffix of the coloured film: that of the source, or of `EXACT` if the source's cannot be
    written.
    """
    own = ENDINGS[source.suffix.lower()]
    if lossless and own is not EXACT:
        return EXACT.endings[0]
    return source.suffix if own.variable else EXACT.endings[0]


def container_of(target: Path, *, lossless: bool) -> Container:
    """The container for a target; raises UsageError if its name does not allow one."""
    found = ENDINGS.get(target.suffix.lower())
    if found is None or not found.variable:
        writable = [name for name, each in CONTAINERS.items() if each.variable]
        raise UsageError(f"{target}: films can be written as {', '.join(writable)}")
    if lossless and found is not EXACT:
        raise UsageError(f"{target}: `lossless` writes FFV1, which requires {EXACT.endings[0]}")
    return found
