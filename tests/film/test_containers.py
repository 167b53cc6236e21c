"""Films of all containers are read, in folders too; the type is judged by name and content."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from retint.film.containers import ENDINGS, SHARED, is_film
from retint.film.signatures import begins_like_a_film
from tests.programs import program

from ..cli.test_main import run
from .clips import lumas, packets, times

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
    ".264": Kind("-c:v libx264 -bf 2", "", format="h264"),
    ".hevc": Kind("-c:v libx265 -x265-params log-level=none", "", format="hevc"),
    ".ivf": Kind("-c:v libvpx-vp9", "", format="ivf"),
    ".y4m": Kind("-c:v wrapped_avframe", "", format="yuv4mpegpipe"),
}
"""By ending."""


def made(path: Path, kind: Kind) -> Path:
    """A grey film of a tenth of a second for each of four shades."""
    picture = f"testsrc2=s={kind.size}:r={kind.rate},format=gray,format=yuv420p"
    call = f"ffmpeg -v error -f lavfi -i {picture}".split()
    if kind.sound:
        call += ["-f", "lavfi", "-i", "sine=sample_rate=48000"]
    call += [*kind.video.split(), "-frames:v", str(FRAMES), "-t", "0.4"]
    if kind.sound:
        call += f"-c:a {kind.sound} -ac 2".split()
    subprocess.run(
        [*call, "-f", *kind.format.split(), str(path)], check=True, stdin=subprocess.DEVNULL
    )
    return path


def decoded(path: Path) -> bytes:
    """Luma of all frames, by FFmpeg's program."""
    call = [program("ffmpeg"), "-v", "error", "-i", str(path), "-map", "0:v:0", "-vf",
            "extractplanes=y", "-fps_mode", "passthrough", "-f", "rawvideo", "-"]  # fmt: skip
    return subprocess.run(call, capture_output=True, check=True, stdin=subprocess.DEVNULL).stdout


@pytest.mark.parametrize("ending", KINDS)
def test_films_of_all_containers_are_coloured(tmp_path: Path, ending: str) -> None:
    source = made(tmp_path / f"a{ending}", KINDS[ending])
    assert is_film(source)
    assert run(source, "--lossless", *MEAN, *(("--deinterlace",) if ending == ".dv" else ())) == 0
    target = tmp_path / "a.retint.mkv"
    if ending != ".dv":  # its fields are joined
        assert decoded(target) == decoded(source)
    shown = times(target)
    assert len(shown) == len(lumas(source)) > FRAMES // 2  # some have frames without times
    rate = float(Fraction(KINDS[ending].rate))
    np.testing.assert_allclose(np.diff(shown), 1 / rate, atol=0.0021)
    with av.open(str(target)) as film:
        assert len(film.streams.audio) == bool(KINDS[ending].sound)


@pytest.mark.parametrize("name", ["film", "film.dat", "film.bin", "FILM.MPG", "film.avi"])
@pytest.mark.parametrize("kind", [".vob", ".ts", ".flv", ".wmv", ".ogv", ".mxf", ".dv", ".m4v"])
def test_the_content_decides_where_the_name_does_not(
    kind: str, name: str, whole: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / name
    shutil.copy(whole[kind], path)
    assert begins_like_a_film(path)
    assert is_film(path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A film of each kind."""
    folder = tmp_path_factory.mktemp("whole")
    return {ending: made(folder / f"a{ending}", kind) for ending, kind in KINDS.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_beginnings_of_films_are_recognized(kind: str, whole: dict[str, Path]) -> None:
    assert begins_like_a_film(whole[kind])


def test_films_of_other_names_are_coloured(tmp_path: Path, whole: dict[str, Path]) -> None:
    for name in ("reel", "AVSEQ01.DAT", "film.jpg.vob"):
        shutil.copy(whole[".vob"], tmp_path / name)
        assert run(tmp_path / name, *MEAN) == 0
        assert len(lumas(tmp_path / f"{Path(name).stem}.retint.mkv")) > FRAMES // 2
        assert run("inspect", tmp_path / f"{Path(name).stem}.retint.mkv") == 0


def test_a_transport_stream_may_begin_within_a_packet(whole: dict[str, Path]) -> None:
    path = whole[".ts"].with_name("late.ts")
    path.write_bytes(whole[".ts"].read_bytes()[100:])
    assert begins_like_a_film(path)


def test_other_files_with_endings_of_films_are_not_films(
    tmp_path: Path, whole: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """TypeScript has that of transport streams."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "index.ts").write_text("export const frames = 25;\n" * 200)
    (folder / "song.mod").write_bytes(b"Lake" + bytes(2000))
    (folder / "data.dat").write_bytes(b"")
    for ending in (".ts", ".mts", ".vob", ".wmv"):
        shutil.copy(whole[ending], folder / f"{ending[1:]}{ending}")
    shutil.copy(whole[".vob"], folder / "camera.mod")
    assert run(folder, "-o", tmp_path / "out", "--recolor", *MEAN) == 0
    made_here = sorted(each.name for each in (tmp_path / "out").glob("*.mkv"))
    assert made_here == ["camera.mkv", "mts.mkv", "ts.mkv", "vob.mkv", "wmv.mkv"]
    assert "3 files of other types were ignored" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xd8\xff\xe0" + bytes(99), b"\0\0\0\x1cftypheic" + bytes(99), b"G" * 150,
     b"\0\0\0\x20ftypavif" + bytes(99), b"\0\0\0\x18ftypcrx " + bytes(99), b"RIFF\0\0\0\0WEBP",
     b"II*\0" + bytes(99)],
)  # fmt: skip
def test_other_files_do_not_begin_like_films(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    assert not begins_like_a_film(path)


def test_shared_endings_are_among_those_of_films() -> None:
    assert set(SHARED) < set(ENDINGS)
    assert all(ending == ending.lower() and ending[0] == "." for ending in ENDINGS)


def test_sound_stays_in_sync_with_a_late_clock(tmp_path: Path, whole: dict[str, Path]) -> None:
    """Transport streams begin at 1.4 s."""
    assert run(whole[".ts"], "-o", tmp_path / "b.mkv", *MEAN) == 0
    assert packets(tmp_path / "b.mkv", "audio") == packets(whole[".ts"], "audio")
    for kind in ("video", "audio"):
        starts: list[Any] = []
        for path in (whole[".ts"], tmp_path / "b.mkv"):
            with av.open(str(path)) as film:
                found: Any = film.decode(**{kind: 0})
                starts.append([each.time for each in found][:3])
        np.testing.assert_allclose(starts[0], starts[1], atol=2e-3)


def test_streams_that_begin_late_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As if the beginning in which FFmpeg looks for them were shorter than 5 MB."""
    first = made(tmp_path / "a.mpg", dataclasses.replace(KINDS[".m2v"], format="mpeg"))
    second = made(tmp_path / "b.mpg", KINDS[".mpg"])
    source = tmp_path / "c.mpg"
    source.write_bytes(first.read_bytes() * 8 + second.read_bytes())
    own: Any = av.open

    def opened(*arguments: object, **options: object) -> object:
        if "container_options" in options and arguments[1] == "r":
            options["options"] = {"probesize": "4096", "analyzeduration": "1"}
        found: object = own(*arguments, **options)
        return found

    monkeypatch.setattr(av, "open", opened)
    assert run(source, *MEAN) == 1
    assert "begins late, and is left out" in capsys.readouterr().err
