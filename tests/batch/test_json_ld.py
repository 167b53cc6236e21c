"""JSON-LD for web pages that show coloured pictures."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_main import run

RAMP = np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))


class Scripts(HTMLParser):
    """The contents of the elements of JSON-LD in a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Any] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and ("type", "application/ld+json") in attrs

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found.append(json.loads(data))

    def handle_endtag(self, _tag: str) -> None:
        self._inside = False


def colored(path: Path, *options: str) -> Path:
    source = path.with_name("scan.png")
    Image.fromarray(RAMP).save(source)
    assert run(source, "-o", path, "--method", "mean", "--quiet", *options) == 0
    source.unlink()
    return path


def test_a_colored_picture_states_its_source_in_terms_of_schema_org(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = colored(tmp_path / "our house.webp")
    assert run("inspect", "--json-ld", "--url", "https://example.org/album/", path) == 0
    (found,) = Scripts(capsys.readouterr().out).found
    assert found["@context"] == "https://schema.org"
    assert found["@type"] == "ImageObject"
    assert found["contentUrl"] == "https://example.org/album/our%20house.webp"
    assert found["encodingFormat"] == "image/webp"
    assert (found["width"], found["height"]) == (64, 48)
    term = "CompositeWithTrainedAlgorithmicMediaDigitalSource"
    assert found["digitalSourceType"] == f"https://schema.org/{term}"
    assert re.fullmatch(
        r"Black-and-white .* a guess by retint \S+, not documented\.", found["caption"]
    )
    assert "description" not in found


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_a_colored_film_is_a_video_object(
    tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("av")
    from tests.film import clips

    tags = {"description": "The harbour"}
    source = clips.write(tmp_path / f"grey.{ending}", clips.moving(24), metadata=tags, rotation=90)
    path = tmp_path / f"a.{ending}"
    call = (source, "-o", path, "--method", "mean", "--quiet", "--caption", "append")
    assert run(*call) == 0
    assert run("inspect", "--json-ld", "--url", "https://example.org", path) == 0
    (found,) = Scripts(capsys.readouterr().out).found
    assert found["@type"] == "VideoObject"
    assert found["contentUrl"] == f"https://example.org/a.{ending}"
    kind = {"mp4": "video/mp4", "mkv": "video/x-matroska"}[ending]
    assert found["encodingFormat"] == kind
    assert (found["width"], found["height"]) == (64, 96)
    assert re.fullmatch(r"PT1\.0\d\dS", found["duration"])
    assert found["description"].removesuffix(".") == "The harbour"
    assert found["caption"].startswith("Black-and-white film; the colors are a guess by retint")
    assert found["digitalSourceType"].startswith("https://schema.org/")


def test_a_description_cannot_end_the_element(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "a.png"
    text = "</script><script>alert(1)</script> Köln"
    packet = (
        "<x:xmpmeta xmlns:x='adobe:ns:meta/' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description "
        "dc:description='&lt;/script>&lt;script>alert(1)&lt;/script> Köln'/></rdf:RDF></x:xmpmeta>"
    )
    Image.fromarray(RAMP).save(tmp_path / "in.jpg", xmp=packet.encode())
    assert run(tmp_path / "in.jpg", "-o", source, "--method", "mean", "--quiet") == 0
    assert run("inspect", "--json-ld", source) == 0
    (found,) = Scripts(capsys.readouterr().out.strip().splitlines()[-1]).found
    assert found["description"] == text
    assert found["contentUrl"] == "./a.png"


def test_pictures_of_subfolders_have_their_path_and_others_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "deep").mkdir()
    colored(tmp_path / "deep" / "one.jpg")
    Image.fromarray(RAMP).save(tmp_path / "grey.png")
    capsys.readouterr()
    call = ("inspect", "--json-ld", "--url", "http://example.org", "--recursive", tmp_path)
    assert run(*call) == 0
    shown = capsys.readouterr()
    (found,) = Scripts(shown.out).found
    assert found["contentUrl"] == "http://example.org/deep/one.jpg"
    assert "grey.png: no record that retint colored it" in shown.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--json-ld", "--url", "example.org"), "is not a web address"),
        (("--url", "https://example.org"), "--url requires --json-ld"),
        (("--json", "--json-ld"), "exclude each other"),
    ],
)
def test_wrong_calls_are_refused_in_one_line(
    tmp_path: Path, options: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = colored(tmp_path / "a.png")
    capsys.readouterr()
    assert run("inspect", path, *options) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert len(shown.err.splitlines()) == 1
    assert not shown.out
