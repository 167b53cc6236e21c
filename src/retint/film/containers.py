"""Which files are films, and what they become. Nothing here needs PyAV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from retint.errors import UsageError


@dataclass(frozen=True)
class Container:
    """A kind of file that films are kept in."""

    name: str
    format: str
    """FFmpeg's name of what writes it."""
    endings: tuple[str, ...]
    encoder: str = "libx264"
    deep_encoder: str = "libx265"
    """Of more than 8 bits."""
    variable: bool = True
    """Whether each frame can have a time of its own."""


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
"""What holds every time, every stream, and FFV1."""


def is_film(path: Path) -> bool:
    """Whether a file's name is that of a film."""
    return path.suffix.lower() in ENDINGS


def ending_of(source: Path, *, lossless: bool) -> str:
    """The ending of what a film becomes: its own, or that of `EXACT` where it must be another."""
    own = ENDINGS[source.suffix.lower()]
    if lossless and own is not EXACT:
        return EXACT.endings[0]
    return source.suffix if own.variable else EXACT.endings[0]


def container_of(target: Path, *, lossless: bool) -> Container:
    """What a film is written as; raises UsageError where its name says something impossible."""
    found = ENDINGS.get(target.suffix.lower())
    if found is None or not found.variable:
        writable = [name for name, each in CONTAINERS.items() if each.variable]
        raise UsageError(f"{target}: a film is written as {', '.join(writable)}")
    if lossless and found is not EXACT:
        raise UsageError(f"{target}: `lossless` writes FFV1, which goes into {EXACT.endings[0]}")
    return found
