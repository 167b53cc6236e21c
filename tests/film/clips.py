"""Small generated films with motion, cuts and sound."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

SIZE = (64, 96)
RATE = 24
Frames = list[NDArray[Any]]


def moving(count: int = 12, size: tuple[int, int] = SIZE, seed: int = 0) -> Frames:
    """A textured ground with a bright square that goes to the right; luma in 0 to 255."""
    rng = np.random.default_rng(seed)
    height, width = size
    coarse = rng.integers(40, 100, (height // 8, width // 8)).astype(np.float32)
    ground = np.kron(coarse, np.ones((8, 8), np.float32))[:height, :width]
    frames = []
    for k in range(count):
        frame = ground.copy()
        left = 8 + 2 * k
        frame[height // 3 : height // 3 + 16, left : left + 16] = 150
        frames.append(frame)
    return frames


def write(
    path: Path,
    frames: Frames,
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    times: list[int] | None = None,
    sound: bool = False,
    aspect: Fraction | None = None,
    rotation: int = 0,
    chroma: int | NDArray[np.uint8] = 128,
    full: bool = False,
    options: dict[str, str] | None = None,
    metadata: dict[str, str] | None = None,
) -> Path:
    """Frames [H, W] of luma as a film, its chroma, a level or [h, w], neutral unless said."""
    deep = pix_fmt.endswith("10le")
    with av.open(str(path), "w") as out:
        out.metadata.update(metadata or {})
        stream: Any = out.add_stream(codec, rate=RATE)
        stream.height, stream.width = frames[0].shape
        stream.pix_fmt = pix_fmt
        stream.time_base = stream.codec_context.time_base = Fraction(1, 12288)
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if full:
            stream.codec_context.color_range = 2
        stream.codec_context.options = options or {}
        if rotation:
            stream.set_display_rotation(rotation)
        audio: Any = out.add_stream("aac", rate=8000, layout="mono") if sound else None
        for k, levels in enumerate(frames):
            frame = av.VideoFrame(stream.width, stream.height, pix_fmt)
            for index, plane in enumerate(frame.planes):
                dtype = np.uint16 if deep else np.uint8
                memory: Any = plane
                lines = np.frombuffer(memory, dtype).reshape(
                    plane.height, plane.line_size // np.dtype(dtype).itemsize
                )
                value = (
                    levels if index == 0 else np.broadcast_to(chroma, (plane.height, plane.width))
                )
                lines[:, : plane.width] = value.astype(np.float32) * (4 if deep else 1)
            frame.pts = times[k] if times else k * 512
            frame.time_base = Fraction(1, 12288)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if audio is not None:
            _sound(out, audio, len(frames) / RATE)
    return path


def _sound(out: Any, stream: Any, seconds: float) -> None:
    tone = np.sin(np.arange(int(8000 * seconds)) * 0.2).astype(np.float32)
    for k in range(0, len(tone), 1024):
        frame = av.AudioFrame.from_ndarray(tone[None, k : k + 1024], "fltp", "mono")
        frame.sample_rate, frame.pts = 8000, k
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def lumas(path: Path) -> list[NDArray[Any]]:
    """Luma of each frame."""
    from retint.film.planes import luma_of

    with av.open(str(path)) as film:
        return [luma_of(frame).copy() for frame in film.decode(video=0)]


def times(path: Path) -> list[float]:
    with av.open(str(path)) as film:
        return [float(frame.pts * frame.time_base) for frame in film.decode(video=0)]  # type: ignore[operator]


def colorfulness(path: Path) -> list[float]:
    """Mean distance from grey of each frame, in levels."""
    with av.open(str(path)) as film:
        pictures = [frame.to_ndarray(format="rgb24").astype(int) for frame in film.decode(video=0)]
    return [float(np.ptp(each, axis=-1).mean()) for each in pictures]


def packets(path: Path, kind: str) -> list[bytes]:
    with av.open(str(path)) as film:
        return [bytes(each) for each in film.demux(**{kind: 0}) if each.size]
