"""Tries what can fail before a film is coloured: it may take hours."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from retint.errors import PhotoError, cannot_write, reason
from retint.film.joining import Joining
from retint.film.opening import PART, needed, opened, written
from retint.film.planes import with_chroma
from retint.film.scan import Shot, no_frames
from retint.film.source import Source
from retint.film.writing import Encoder, unwritable

if TYPE_CHECKING:
    import av

SAMPLED_SHOTS = 3
"""Shots that are encoded without colour to estimate the size of the film."""
SAMPLED_FRAMES = 6
"""Frames of each."""
KEY_FRAMES_EVERY = 250
"""Maximum frames between key frames; the default of the encoders."""
COPIES = 2
"""The finished shots and the joined film are on the disk at the same time."""


def check_folder(target: Path) -> None:
    """Raise PhotoError if a file of that name cannot be created."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_symlink():
            target.stat()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise cannot_write(target, error) from error
    try:
        with tempfile.TemporaryFile(dir=target.parent):
            pass
    except OSError as error:
        raise PhotoError(f"cannot write to {target.parent}: {reason(error)}") from error


def try_out(source: Source, encoder: Encoder, joining: Joining) -> Joining:
    """Encode one frame and write the beginning of the film to memory; reports what is lost.

    Returns the joining with the options that suit the film. Raises PhotoError.
    """
    with source.frames() as frames:
        first = next(iter(frames), None)
    if first is None:
        raise no_frames(source.stated_length)
    return joining.tried(_encoded([first], encoder, source))


def check_room(target: Path, source: Source, encoder: Encoder, shots: list[Shot]) -> None:
    """Raise PhotoError if the disk has no room for the film and its shots, by an estimate."""
    free = shutil.disk_usage(target.parent).free
    needed_bytes = COPIES * _estimate(source, encoder, shots)
    if free < needed_bytes:
        raise PhotoError(
            f"the disk of {target} has {_size(free)} left; the film and its shots need about "
            f"{_size(needed_bytes)}"
        )


def _estimate(source: Source, encoder: Encoder, shots: list[Shot]) -> int:
    """Bytes of the encoded film, from some frames in the middle of some shots."""
    places = np.linspace(0, len(shots) - 1, min(SAMPLED_SHOTS, len(shots))).astype(int)
    keys, others = [], []
    for shot in (shots[place] for place in places):
        with source.part(shot.middle, source.span[1]).frames() as frames:
            some = [frame for frame, _ in zip(frames, range(SAMPLED_FRAMES), strict=False)]
        # A broken film may have no frames where its times say.
        sizes = _sizes(_encoded(some, encoder, source)) if some else []
        keys += sizes[:1]
        others += sizes[1:]
    key = float(np.mean(keys)) if keys else 0.0
    other = float(np.mean(others)) if others else key
    total = 0.0
    for shot in shots:
        count = shot.stop - shot.start
        first = -(-count // KEY_FRAMES_EVERY)
        total += first * key + (count - first) * other
    return int(total)


def _encoded(frames: Iterable[av.VideoFrame], encoder: Encoder, source: Source) -> io.BytesIO:
    """Frames without colour as a part in memory."""
    layout = source.layout
    grey: Any = np.full(layout.chroma_size, 1 << (layout.bits - 1), layout.dtype)
    memory = io.BytesIO()
    try:
        with written(memory, PART) as out:
            for _ in encoder.encode((with_chroma(e, layout, (grey, grey)) for e in frames), out):
                pass
    except (needed().FFmpegError, OSError, ValueError) as error:
        raise unwritable(error) from error
    return memory


def _sizes(part: io.BytesIO) -> list[int]:
    """Bytes of each packet of a part."""
    part.seek(0)
    with opened(part, (PART,)) as found:
        return [packet.size for packet in found.demux(video=0) if packet.size]


def _size(count: float) -> str:
    """A number of bytes in a unit in which small films and full disks do not read as 0."""
    if count >= 1e9:
        return f"{count / 1e9:.1f} GB"
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"
