"""Saved pictures have the displayed colours, for all methods."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
import skimage.data
from fastapi.testclient import TestClient
from PIL import Image

from retint.color import lab
from retint.colorizers import method_class, method_names, takes_hints
from retint.files import Photo
from retint.server.api.pictures import jpeg

SIZE = (2000, 1500)
"""Width and height: three megapixels, of which the page shows one."""
CLOSE = 0.3
"""Mean distance in a*b* that shrinking may make."""
ROUNDED = 9
"""Pixels over which rounding to 8 bits is averaged out."""
HINTS = {"version": 1, "size": [2000, 1500], "points": [{"x": 600, "y": 900, "color": "#b03a2e"}]}
BASELINES = ("gray", "mean")  # they do not look at the picture
METHODS = [n for n in method_names() if method_class(n).shipped and n not in BASELINES]


@pytest.fixture(scope="module")
def photograph() -> bytes:
    """A grey PNG of 16 bits, so made that few levels more or less are another picture to a method
    that draws its noise by a coarse look at lightness.
    """
    picture = Image.fromarray(skimage.data.astronaut()).convert("L")  # type: ignore[no-untyped-call]
    fine = lab.lightness(np.asarray(picture.resize(SIZE, Image.Resampling.BICUBIC)))
    coarse = cv2.resize(fine, (8, 8), interpolation=cv2.INTER_AREA)
    between = np.floor(coarse / 4) * 4 + 2 - coarse
    moved = fine + cv2.resize(between, SIZE, interpolation=cv2.INTER_NEAREST)
    buffer = io.BytesIO()
    Image.fromarray(lab.grey_of(moved.clip(0, 100), np.dtype(np.uint16))).save(buffer, "PNG")
    return buffer.getvalue()


def chroma(content: bytes, width: int) -> Any:
    """a*, b* of a coloured picture, as it is shown at a width."""
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    size = (width, round(picture.height * width / picture.width))
    shown = jpeg(Photo(np.asarray(picture.resize(size, Image.Resampling.LANCZOS))))
    found = lab.rgb_to_lab(np.asarray(Image.open(io.BytesIO(shown))))[..., 1:]
    return cv2.blur(found, (ROUNDED, ROUNDED))


@pytest.mark.parametrize("size", ["pixels", "file"])
@pytest.mark.parametrize("method", METHODS)
def test_what_is_saved_is_what_was_shown(
    client_of: Callable[..., TestClient], photograph: bytes, method: str, size: str
) -> None:
    with client_of() as client:
        kept = client.post("/v1/sessions", content=photograph).json()
        hints = HINTS if takes_hints(method_class(method)) else None
        wish = {"method": method, "hints": hints}
        where = f"/v1/sessions/{kept['id']}/colorize"
        shown = client.post(where, json=wish)
        saved = client.post(where, json={**wish, "size": size})
    assert (shown.status_code, saved.status_code) == (200, 200)
    width = Image.open(io.BytesIO(shown.content)).width
    assert width < SIZE[0]
    pair = [chroma(each.content, width) for each in (shown, saved)]
    assert np.linalg.norm(pair[0] - pair[1], axis=-1).mean() < CLOSE
