"""What a film contains besides pictures and sound is kept, or named as lost."""

from __future__ import annotations

import re
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from retint.film.containers import CONTAINERS
from retint.film.joining import read_provenance
from retint.film.tags import with_provenance
from tests.programs import program

from ..cli.test_main import run
from .clips import lumas, moving, write

MEAN = ("--method", "mean", "--threads", 1)
COMMENT = "Filmed by Großmutter at the lake"


def ffmpeg(*arguments: object) -> None:
    call = [program("ffmpeg"), "-v", "error", *map(str, arguments)]
    subprocess.run(call, check=True, stdin=subprocess.DEVNULL)


def probed(path: Path, entries: str) -> str:
    """What FFmpeg's other program says."""
    call = [
        program("ffprobe"),
        "-v",
        "error",
        "-show_entries",
        entries,
        "-of",
        "compact",
        str(path),
    ]
    return subprocess.run(call, capture_output=True, check=True, text=True).stdout


def tags_of(path: Path) -> dict[str, str]:
    with av.open(str(path)) as film:
        return {name.lower(): value for name, value in film.metadata.items()}


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".mov", ".webm"])
def test_a_films_own_comment_is_kept(tmp_path: Path, ending: str) -> None:
    codec = "libvpx-vp9" if ending == ".webm" else "libx264"
    source = write(tmp_path / f"a{ending}", moving(6), codec=codec, metadata={"comment": COMMENT})
    target, again = tmp_path / f"b{ending}", tmp_path / f"c{ending}"
    assert run(source, "-o", target, *MEAN) == 0
    assert run(target, "-o", again, "--method", "mean", "--vividness", 0.5, "--threads", 1) == 0
    for path, vividness in ((target, None), (again, 0.5)):
        assert tags_of(path)["comment"].splitlines()[0] == COMMENT
        said = read_provenance(path)
        assert said is not None
        assert said["method"] == "mean"
        assert said["options"].get("vividness") == vividness
        assert sum(value.count('{"retint"') for value in tags_of(path).values()) == 1
    if ending != ".mov":
        assert tags_of(target)["comment"] == COMMENT


def test_all_places_of_provenance_can_be_taken() -> None:
    tags = {"comment": "one", "synopsis": "two\nthree"}
    found = with_provenance(tags, {"method": "mean"}, CONTAINERS["mp4"])
    assert found["synopsis"] == tags["synopsis"]
    assert found["comment"].splitlines() == ["one", '{"retint": {"method": "mean"}}']
    assert with_provenance(found, {"method": "mean"}, CONTAINERS["mp4"]) == found


@pytest.mark.parametrize("ending", [".mov", ".mp4"])
def test_unusual_tags_are_kept(tmp_path: Path, ending: str) -> None:
    """Such as those of telephones."""
    plain = write(tmp_path / "plain.mp4", moving(6))
    source = tmp_path / f"a{ending}"
    own = {"com.apple.quicktime.make": "Apple", "archive_number": "NL-7", "title": "Lake"}
    tags = [word for name, value in own.items() for word in ("-metadata", f"{name}={value}")]
    ffmpeg("-i", plain, "-c", "copy", "-movflags", "use_metadata_tags", *tags, source)
    assert run(source, *MEAN) == 0
    found = tags_of(tmp_path / f"a.retint{ending}")
    assert own.items() <= found.items()


def test_a_time_that_streams_repeat_is_not_named_as_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As cameras and telephones state it; Matroska has one for the film."""
    recorded = "1999-01-02T03:04:05.000000Z"
    source = write(tmp_path / "a.mp4", moving(6), metadata={"creation_time": recorded})
    with av.open(str(source)) as film:
        assert film.streams.video[0].metadata["creation_time"] == recorded
    target = tmp_path / "b.mkv"
    assert run(source, "-o", target, *MEAN, "--quiet") == 0
    assert capsys.readouterr().err == ""
    assert tags_of(target)["creation_time"] == recorded


def test_a_second_pixel_aspect_ratio_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As recorded television has it where an advertisement begins."""
    source = tmp_path / "a.ts"
    with source.open("wb") as whole:
        for width, height in ((16, 15), (64, 45)):
            part, aspect = tmp_path / "part.ts", Fraction(width, height)
            write(part, moving(8), aspect=aspect)
            whole.write(part.read_bytes())
    target = tmp_path / "b.mkv"
    assert run(source, "-o", target, *MEAN, "--quiet") == 1
    said = capsys.readouterr().err
    assert said.count("its pixel aspect ratio changes from 16/15 to 64/45; the first one is") == 1
    assert "sample_aspect_ratio=16:15" in probed(target, "stream=sample_aspect_ratio")


def test_tags_that_a_container_does_not_support_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from .test_odd import with_cover

    source = with_cover(tmp_path / "a.mkv", {"archive_number": "NL-7", "title": "Lake"})
    assert run(source, "-o", tmp_path / "b.mp4", *MEAN) == 1
    said = capsys.readouterr().err
    assert "mp4 does not support its tags" in said
    assert "archive_number" in said.lower()
    assert "title" not in said.lower()
    assert run(source, "-o", tmp_path / "b.mkv", *MEAN) == 0


def with_font(path: Path) -> Path:
    """A film with subtitles and the font that they need."""
    font = path.with_name("own.ttf")
    font.write_bytes(b"\0\1\0\0" + bytes(range(256)) * 4)
    clip = write(path.with_name("clip.mkv"), moving(12))
    ffmpeg("-i", clip, "-c", "copy", "-attach", font, "-metadata:s:t", "mimetype=font/ttf", path)
    return path


def test_attached_fonts_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = with_font(tmp_path / "a.mkv")
    assert run(source, *MEAN) == 0
    found = []
    for path in (source, tmp_path / "a.retint.mkv"):
        out = path.with_suffix(".ttf")
        call = [program("ffmpeg"), "-v", "quiet", "-dump_attachment:t", str(out), "-i", str(path)]
        subprocess.run(call, check=False, stdin=subprocess.DEVNULL)
        found.append(out.read_bytes())
    assert found[0] == found[1] == (tmp_path / "own.ttf").read_bytes()
    assert run(source, "-o", tmp_path / "b.mp4", *MEAN) == 1
    assert "mp4 does not support its attached file own.ttf" in capsys.readouterr().err


def test_dispositions_and_languages_are_kept(tmp_path: Path) -> None:
    clip = write(tmp_path / "c.mkv", moving(12), sound=True)
    source = tmp_path / "a.mkv"
    ffmpeg(
        "-i", clip, "-i", clip, "-map", "0:v", "-map", "0:a", "-map", "1:a", "-c", "copy",
        "-disposition:v:0", "default", "-disposition:a:0", "comment",
        "-disposition:a:1", "default+hearing_impaired", "-metadata:s:a:0", "language=deu",
        "-metadata:s:a:1", "language=fra", "-metadata:s:a:1", "title=Sous-titres", source,
    )  # fmt: skip
    assert run(source, *MEAN) == 0
    entries = (
        "stream=codec_type:stream_disposition=default,comment,hearing_impaired:"
        "stream_tags=language,title"
    )
    assert probed(tmp_path / "a.retint.mkv", entries) == probed(source, entries)


@pytest.mark.parametrize("lossless", [False, True])
def test_colour_tags_are_kept(tmp_path: Path, lossless: bool) -> None:
    plain = write(tmp_path / "c.mkv", moving(6))
    source = tmp_path / "a.mkv"
    ffmpeg(
        "-i", plain, "-c:v", "libx264", "-color_primaries", "bt470bg", "-color_trc", "smpte170m",
        "-colorspace", "bt470bg", "-color_range", "tv", source,
    )  # fmt: skip
    assert run(source, *MEAN, *(("--lossless",) if lossless else ())) == 0
    entries = "stream=color_primaries,color_transfer,color_space,color_range"
    said = probed(tmp_path / "a.retint.mkv", entries)
    assert said == probed(source, entries)
    assert "bt470bg" in said


def hdr(path: Path) -> Path:
    """A film of 10 bits with metadata of its mastering display."""
    display = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
    params = f"log-level=none:master-display={display}:max-cll=1000,400"
    return write(
        path, moving(6), codec="libx265", pix_fmt="yuv420p10le", options={"x265-params": params}
    )


def mastering(path: Path) -> list[str]:
    said = probed(path, "frame=pict_type:frame_side_data")
    return sorted(set(re.findall(r"(?:red|green|blue|white|min|max)_\w+=[\d/]+", said)))


def test_the_mastering_display_is_kept_or_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = hdr(tmp_path / "a.mkv")
    assert len(mastering(source)) >= 11
    assert run(source, *MEAN) == 0
    assert mastering(tmp_path / "a.retint.mkv") == mastering(source)
    assert run(source, "-o", tmp_path / "b.mkv", "--lossless", *MEAN) == 1
    assert "ffv1 does not write the metadata of its mastering display" in capsys.readouterr().err


def captioned(path: Path) -> Path:
    """MPEG-2 with closed captions in the user data of each picture, as television has them."""
    plain = path.with_name("plain.m2v")
    ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=s=96x64:r=25,format=yuv420p", "-frames:v", 8, "-c:v",
        "mpeg2video", "-bf", 0, plain,
    )  # fmt: skip
    data = b"\0\0\1\xb2GA94\x03\x41\xff\xfc\x94\x20\xff"
    content = plain.read_bytes()
    path.write_bytes(content.replace(b"\0\0\1\1", data + b"\0\0\1\1"))
    return path


def captions(path: Path) -> list[bytes]:
    with av.open(str(path)) as film:
        beside: list[Any] = [each for frame in film.decode(video=0) for each in frame.side_data]
        return [bytes(each) for each in beside if each.type.name == "A53_CC"]


def test_closed_captions_are_kept_or_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = captioned(tmp_path / "a.m2v")
    assert captions(source) == [b"\xfc\x94\x20"] * 8
    assert run(source, *MEAN) == 0
    assert captions(tmp_path / "a.retint.mkv") == captions(source)
    assert run(source, "-o", tmp_path / "b.mkv", "--lossless", *MEAN) == 1
    assert "ffv1 does not write the closed captions" in capsys.readouterr().err
    with av.open(str(source)) as film:
        assert len(lumas(tmp_path / "b.mkv")) == len(list(film.decode(video=0)))


def test_data_streams_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "a.ts"
    with av.open(str(source), "w", format="mpegts") as out:
        stream: Any = out.add_stream("mpeg2video", rate=25)
        stream.height, stream.width, stream.pix_fmt = 64, 96, "yuv420p"
        data = out.add_data_stream("klv")
        for k, levels in enumerate(moving(10)):
            frame = av.VideoFrame.from_ndarray(levels.astype(np.uint8), "gray")
            frame.pts, frame.time_base = k, Fraction(1, 25)
            out.mux(stream.encode(frame.reformat(format="yuv420p")))
            packet = av.Packet(b"\x06\x0e\x2b\x34" + bytes(16))
            packet.stream, packet.time_base = data, Fraction(1, 25)
            packet.pts = packet.dts = k
            out.mux(packet)
        out.mux(stream.encode(None))
    assert run(source, *MEAN) == 1
    assert "mkv does not support its data (klv)" in capsys.readouterr().err
    assert len(lumas(tmp_path / "a.retint.mkv")) == 10
