"""Films of any pixel format are coloured; their luma keeps its levels."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.programs import program

from ..cli.test_main import run
from .clips import colorfulness

MEAN = ("--method", "mean", "--threads", 1)


def gradients(count: int, size: tuple[int, int], bits: int) -> list[NDArray[np.uint16]]:
    """Levels over most of the range, with an edge that moves to the right."""
    height, width = size
    ramp = np.linspace(0.1, 0.9, height * width).reshape(size) * ((1 << bits) - 1)
    frames = []
    for k in range(count):
        frame = ramp.copy()
        frame[:, 4 + k : 8 + k] = frame.max() // 2
        frames.append(frame.astype(np.uint16))
    return frames


def write(path: Path, codec: str, pix_fmt: str, bits: int, size: tuple[int, int]) -> Path:
    """A grey film in any pixel format: packed and planar YUV and RGB are made from 4:4:4 planes."""
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(codec, rate=25)
        stream.height, stream.width, stream.pix_fmt = *size, pix_fmt
        if codec in ("prores_ks", "v210"):
            stream.codec_context.options = {"strict": "unofficial"}
        for k, levels in enumerate(gradients(6, size, bits)):
            grey = levels.astype(np.uint8 if bits == 8 else np.uint16)
            name = {8: "gray", 9: "gray9le", 10: "gray10le", 12: "gray12le", 14: "gray14le"}
            frame = av.VideoFrame(size[1], size[0], name.get(bits, "gray16le"))
            plane: Any = frame.planes[0]
            lines = np.frombuffer(plane, grey.dtype).reshape(size[0], -1)
            lines[:, : size[1]] = grey
            if pix_fmt == "pal8":
                palette = np.full((256, 4), 255, np.uint8)  # alpha, red, green, blue
                palette[:, 1:] = np.arange(255, -1, -1)[:, None]
                both: Any = grey, palette
                frame = av.VideoFrame.from_ndarray(both, "pal8")
            else:
                frame = frame.reformat(format=pix_fmt)
            frame.pts, frame.time_base = k, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def luma(path: Path, pix_fmt: str, *filters: str) -> NDArray[Any]:
    """Luma of all frames, by FFmpeg's program: of the first plane, or of grey RGB any channel."""
    call = [program("ffmpeg"), "-v", "error", "-i", str(path), "-vf", ",".join(filters),
            "-f", "rawvideo", "-pix_fmt", pix_fmt, "-"]  # fmt: skip
    found = subprocess.run(call, capture_output=True, check=True, stdin=subprocess.DEVNULL).stdout
    return np.frombuffer(found, np.uint8 if pix_fmt == "gray" else np.dtype("<u2"))


YUV = {
    "yuv411p": ("ffv1", ".mkv", 8), "yuv410p": ("ffv1", ".mkv", 8), "yuv440p": ("ffv1", ".mkv", 8),
    "yuva420p": ("ffv1", ".mkv", 8), "yuva444p10le": ("ffv1", ".mkv", 10),
    "yuv422p10le": ("v210", ".mov", 10), "yuyv422": ("rawvideo", ".avi", 8),
    "uyvy422": ("rawvideo", ".mov", 8), "yuvj420p": ("mjpeg", ".avi", 8),
    "yuvj422p": ("mjpeg", ".mov", 8), "yuv444p12le": ("ffv1", ".mkv", 12),
    "yuv420p16le": ("ffv1", ".mkv", 16),
    "gray": ("ffv1", ".mkv", 8), "gray10le": ("ffv1", ".mkv", 10),
    "gray12le": ("ffv1", ".mkv", 12), "gray16le": ("ffv1", ".mkv", 16), "ya8": ("ffv1", ".mkv", 8),
}  # fmt: skip
RGB = {
    "bgr0": ("ffv1", ".mkv", 8), "bgra": ("ffv1", ".mkv", 8), "gbrp": ("utvideo", ".avi", 8),
    "rgb24": ("huffyuv", ".avi", 8), "argb": ("qtrle", ".mov", 8), "rgb48be": ("png", ".mov", 16),
    "pal8": ("png", ".mov", 8), "gbrp10le": ("ffv1", ".mkv", 10),
    "gbrp12le": ("ffv1", ".mkv", 12), "gbrp16le": ("ffv1", ".mkv", 16),
    "rgb48le": ("ffv1", ".mkv", 16),
}  # fmt: skip


@pytest.mark.parametrize("pix_fmt", YUV)
def test_luma_of_any_format_keeps_its_levels(tmp_path: Path, pix_fmt: str) -> None:
    codec, ending, bits = YUV[pix_fmt]
    source = write(tmp_path / f"a{ending}", codec, pix_fmt, bits, (48, 64))
    target = tmp_path / "b.mkv"
    assert run(source, "-o", target, "--lossless", *MEAN) == int(
        pix_fmt in ("ya8", "yuva420p", "yuva444p10le")
    )
    plane = "gray" if bits == 8 else "gray16le"
    before, after = luma(source, plane, "extractplanes=y"), luma(target, plane, "extractplanes=y")
    np.testing.assert_array_equal(before, after)
    assert np.unique(after).size > 150
    assert min(colorfulness(target)) > 1


@pytest.mark.parametrize("pix_fmt", RGB)
def test_grey_in_rgb_keeps_its_levels(tmp_path: Path, pix_fmt: str) -> None:
    codec, ending, bits = RGB[pix_fmt]
    source = write(tmp_path / f"a{ending}", codec, pix_fmt, bits, (48, 64))
    target = tmp_path / "b.mkv"
    assert run(source, "-o", target, "--lossless", *MEAN) == int(pix_fmt in ("argb", "bgra"))
    plane = "gray" if bits == 8 else "gray16le"
    before, after = luma(source, plane, "extractplanes=g"), luma(target, plane, "extractplanes=y")
    np.testing.assert_array_equal(before, after)
    with av.open(str(target)) as film:
        assert next(film.decode(video=0)).color_range == 2
    assert min(colorfulness(target)) > 1


@pytest.mark.parametrize(("bits", "written"), [(9, 10), (14, 16)])
def test_depths_that_encoders_lack_are_scaled(tmp_path: Path, bits: int, written: int) -> None:
    source = write(tmp_path / "a.mkv", "ffv1", f"yuv420p{bits}le", bits, (48, 64))
    target = tmp_path / "b.mkv"
    assert run(source, "-o", target, "--lossless", *MEAN) == 0
    before = luma(source, f"gray{bits}le", "extractplanes=y")
    after = luma(target, f"gray{written}le", "extractplanes=y")
    np.testing.assert_array_equal(before << (written - bits), after)


LOSSY = {
    ("yuv420p", 8, (47, 63)): ("yuv444p", "yuv444p", "yuv444p"),
    ("yuv422p", 8, (47, 64)): ("yuv422p", "yuv422p", "yuv422p"),
    ("yuv420p10le", 10, (46, 64)): ("yuv420p10le", "yuv420p10le", "yuv420p10le"),
    ("yuv444p12le", 12, (48, 64)): ("yuv444p12le", "yuv444p12le", "yuv420p10le"),
    ("gray16le", 16, (48, 64)): ("yuv420p12le", "yuv420p12le", "yuv420p10le"),
    ("yuv411p", 8, (48, 64)): ("yuv420p", "yuv420p", "yuv420p"),
}  # fmt: skip
"""What is written to MP4, Matroska and WebM, by pixel format, bits and size."""


@pytest.mark.parametrize(("pix_fmt", "bits", "size"), LOSSY)
def test_encoders_get_formats_that_they_support(
    tmp_path: Path, pix_fmt: str, bits: int, size: tuple[int, int]
) -> None:
    source = write(tmp_path / "a.mkv", "ffv1", pix_fmt, bits, size)
    before = luma(source, "gray16le", "extractplanes=y") / 257
    for ending, wanted in zip((".mp4", ".mkv", ".webm"), LOSSY[pix_fmt, bits, size], strict=True):
        target = tmp_path / f"b{ending}"
        assert run(source, "-o", target, *MEAN) == 0
        with av.open(str(target)) as film:
            context = film.streams.video[0].codec_context
            assert (context.pix_fmt or "").replace("yuvj", "yuv") == wanted
            assert (context.height, context.width) == size
        after = luma(target, "gray16le", "extractplanes=y") / 257
        assert np.abs(before - after).mean() < 2


def test_encoders_print_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path / "a.mkv", "ffv1", "yuv420p10le", 10, (48, 64))
    for ending in (".mkv", ".webm"):
        assert run(source, "-o", tmp_path / f"b{ending}", *MEAN, "--quiet") == 0
    assert capfd.readouterr().err == ""


def test_a_pixel_format_that_changes_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "a.ts"
    with source.open("wb") as file:
        for name in ("yuv420p", "yuv444p"):
            path = write(tmp_path / f"{name}.ts", "libx264", name, 8, (48, 64))
            file.write(path.read_bytes())
    assert run(source, *MEAN) == 1
    said = capsys.readouterr().err
    assert "its pixel format changes" in said
    assert said.count("\n") == 1


def test_conversions_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path / "a.mkv", "ffv1", "yuv411p", 8, (48, 64))
    assert run(source, *MEAN) == 0
    assert "yuv411p is written as yuv420p; luma keeps its levels" in capsys.readouterr().err
    source = write(tmp_path / "b.mkv", "ffv1", "gbrp16le", 16, (48, 64))
    assert run(source, *MEAN) == 0
    said = capsys.readouterr().err
    assert "its RGB pixels (gbrp16le) are written as yuv420p16le of full range" in said
    assert "its 16 bits of luma are written as 12 (libx265)" in said


def test_deinterlacing_keeps_luma_of_any_format(tmp_path: Path) -> None:
    """Frames that are not interlaced pass the filter unchanged."""
    for pix_fmt, codec, ending in (("yuyv422", "rawvideo", ".avi"), ("yuv411p", "ffv1", ".mkv")):
        source = write(tmp_path / f"{codec}{ending}", codec, pix_fmt, 8, (48, 64))
        target = tmp_path / f"{codec}.b.mkv"
        assert run(source, "-o", target, "--lossless", "--deinterlace", *MEAN) == 0
        before, after = (luma(each, "gray", "extractplanes=y") for each in (source, target))
        np.testing.assert_array_equal(before, after)
