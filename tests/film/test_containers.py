"""Films of all containers are read, in folders too; the type is judged by name and content."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest

from retint.film.containers import ENDINGS, SHARED, is_film
from retint.film.signatures import begins_like_a_film

from ..cli.test_main import run
from .clips import lumas, moving, packets, times, write

MEAN = ("--method", "mean", "--threads", 1)
FRAMES = 10


@dataclass(frozen=True)
class Kind:
    """How FFmpeg's program writes a small film."""

    video: str
    sound: str
    size: str = "96x64"
    format: str = ""
    rate: str = "25"


KINDS = {
    ".vob": Kind("-c:v mpeg2video -q:v 3 -bf 2", "ac3", format="vob"),
    ".mpg": Kind("-c:v mpeg1video -q:v 3", "mp2", format="mpeg"),
    ".m2v": Kind("-c:v mpeg2video -q:v 3 -bf 0", "", format="mpeg2video"),
    ".ts": Kind("-c:v mpeg2video -q:v 3 -bf 2", "mp2", format="mpegts"),
    ".m2ts": Kind("-c:v libx264 -bf 2", "pcm_bluray", format="mpegts -mpegts_m2ts_mode 1"),
    ".mts": Kind("-c:v libx264 -bf 2", "aac", format="mpegts"),
    ".dv": Kind("-c:v dvvideo -pix_fmt yuv411p", "pcm_s16le", "720x480", "dv", "30000/1001"),
    ".mxf": Kind("-c:v mpeg2video -q:v 3", "pcm_s16le", format="mxf"),
    ".wmv": Kind("-c:v wmv2 -q:v 3", "wmav2", format="asf"),
    ".ogv": Kind("-c:v libtheora -q:v 8", "libvorbis", format="ogg"),
    ".flv": Kind("-c:v flv -q:v 3", "libmp3lame", format="flv"),
    ".f4v": Kind("-c:v libx264", "aac", format="f4v"),
    ".3gp": Kind("-c:v h263 -q:v 3", "aac", "128x96", "3gp"),
    ".qt": Kind("-c:v mjpeg -q:v 3 -pix_fmt yuvj420p", "pcm_s16le", format="mov"),
    ".m4v": Kind("-c:v libx264", "aac", format="mp4"),
    ".divx": Kind("-c:v mpeg4 -q:v 3 -bf 2", "libmp3lame", format="avi"),
    ".y4m": Kind("-c:v wrapped_avframe", "", format="yuv4mpegpipe"),
}
"""By ending."""


def made(path: Path, kind: Kind) -> Path:
    """A grey film of a tenth of a second for each of four shades."""
    picture = f"testsrc2=s={kind.size}:r={kind.rate},format=gray,format=yuv420p"
    call = f"ffmpeg -v error -f lavfi -i {picture}".split()
    if kind.sound:
        call += "-f lavfi -i sine=sample_rate=48000".split()
    call += kind.video.split() + ["-frames:v", str(FRAMES), "-t", "0.4"]
    if kind.sound:
        call += f"-c:a {kind.sound} -ac 2".split()
    subprocess.run(
        [*call, "-f", *kind.format.split(), str(path)], check=True, stdin=subprocess.DEVNULL
    )
    return path


def decoded(path: Path) -> bytes:
    """Luma of all frames, by FFmpeg's program."""
    call = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v:0", "-fps_mode", "passthrough",
            "-vf", "extractplanes=y", "-f", "rawvideo", "-"]  # fmt: skip
    return subprocess.run(call, capture_output=True, check=True, stdin=subprocess.DEVNULL).stdout


@pytest.mark.parametrize("ending", KINDS)
def test_films_of_all_containers_are_coloured(tmp_path: Path, ending: str) -> None:
    source = made(tmp_path / f"a{ending}", KINDS[ending])
    assert is_film(source)
    assert run(source, "--lossless", *MEAN, *(("--deinterlace",) if ending == ".dv" else ())) == 0
    target = tmp_path / "a.retint.mkv"
    if ending != ".dv":  # its fields are joined
        assert decoded(target) == decoded(source)
    assert len(times(target)) == len(times(source)) > FRAMES // 2
    with av.open(str(target)) as film:
        assert len(film.streams.audio) == bool(KINDS[ending].sound)
