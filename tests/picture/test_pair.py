"""Files that show a photograph before and after it was coloured."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from retint.files import FORMATS, Photo, xmp
from retint.picture.pair import HELD_AFTER, HELD_BEFORE, MOST, STEP, STEPS, Layout, Pair

JPEG, PNG = FORMATS["JPEG"], FORMATS["PNG"]


@pytest.fixture
def pair() -> Pair:
    grey = np.tile(np.linspace(40, 200, 120, dtype=np.uint8), (80, 1))
    rgb = np.stack([grey, grey // 2, grey // 3], axis=-1)
    return Pair(Photo(grey), Photo(rgb), {"Method": "mean"})


def pixels(content: bytes) -> NDArray[np.int_]:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)


def test_pictures_are_side_by_side_and_say_how_they_were_made(pair: Pair) -> None:
    file = pair.encoded(Layout.SIDE_BY_SIDE, PNG)
    assert file.media_type == "image/png"
    shown = pixels(file.content)
    assert shown.shape == (80, 2 * 120 + 2, 3)
    assert np.ptp(shown[:, :120], axis=-1).max() == 0
    assert (shown[:, 120:122] == 255).all()
    assert (shown[:, 122:] == pair.after.pixels).all()
    packet = Image.open(io.BytesIO(file.content)).info["xmp"]
    assert xmp.provenance(packet) == {"Method": "mean"}


def test_a_smaller_quality_gives_a_smaller_file(pair: Pair) -> None:
    for layout in Layout:
        small, usual = (len(pair.encoded(layout, JPEG, each).content) for each in (20, 0))
        assert small < usual


def test_a_fade_begins_grey_and_ends_in_colour(pair: Pair) -> None:
    file = pair.encoded(Layout.FADE, JPEG)
    assert file.media_type == "image/webp"
    picture = Image.open(io.BytesIO(file.content))
    spreads, durations = [], []
    for k in range(getattr(picture, "n_frames", 1)):
        picture.seek(k)
        picture.load()
        durations.append(picture.info["duration"])
        spreads.append(np.ptp(np.asarray(picture.convert("RGB")).astype(int), axis=-1).mean())
    assert len(durations) == STEPS + 2
    assert durations == [HELD_BEFORE, *[STEP] * STEPS, HELD_AFTER]
    assert spreads[0] < 3
    assert spreads[-1] > 40
    assert (np.diff(spreads) > 0).all()
    assert picture.info["loop"] == 0


def test_a_slider_contains_both_pictures_and_asks_for_nothing(pair: Pair) -> None:
    file = pair.encoded(Layout.SLIDER, PNG, title='<b>"Anna" & Otto</b>')
    assert file.media_type == "text/html"
    text = file.content.decode()
    assert "<title>&lt;b&gt;&quot;Anna&quot; &amp; Otto&lt;/b&gt;</title>" in text
    addresses = re.findall(r'src="([^"]+)"', text)
    assert len(addresses) == 2
    assert "http" not in text.replace("http-equiv", "")
    after, before = (pixels(base64.b64decode(each.split(",")[1])) for each in addresses)
    assert before.shape == after.shape == (80, 120, 3)
    assert np.ptp(before, axis=-1).max() < 3
    assert np.ptp(after, axis=-1).mean() > 40


def test_a_pair_of_large_pictures_is_reduced() -> None:
    long = MOST[Layout.FADE] + 400
    grey = np.full((20, long), 90, np.uint8)
    pair = Pair(Photo(grey), Photo(np.stack([grey, grey, grey // 2], axis=-1)))
    with Image.open(io.BytesIO(pair.encoded(Layout.FADE, JPEG).content)) as picture:
        assert picture.size == (MOST[Layout.FADE], round(20 * MOST[Layout.FADE] / long))


def test_transparent_parts_are_white() -> None:
    grey, alpha = np.zeros((8, 8), np.uint8), np.zeros((8, 8), np.uint8)
    rgb = np.zeros((8, 8, 3), np.uint8)
    pair = Pair(Photo(grey, alpha), Photo(rgb, alpha))
    assert (pixels(pair.encoded(Layout.SIDE_BY_SIDE, PNG).content) == 255).all()
