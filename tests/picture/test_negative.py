from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import retint
from retint import files
from retint.color import lab
from retint.errors import PhotoError, UsageError
from retint.files import Photo, xmp
from retint.picture.finish import Finish
from retint.picture.negative import inverted

from ..cli.test_main import run


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_white_becomes_black(dtype: type) -> None:
    white = 1 if dtype is np.float32 else np.iinfo(dtype).max
    grey: NDArray[Any] = np.linspace(0, white, 30).astype(dtype).reshape(5, 6)
    page = Photo(grey.copy())
    found = inverted(Photo(grey, alpha=grey, pages=(page,)))
    np.testing.assert_array_equal(found.pixels, white - grey)
    np.testing.assert_array_equal(found.pages[0].pixels, white - grey)
    np.testing.assert_array_equal(found.alpha, grey)
    np.testing.assert_allclose(inverted(found).pixels, grey, atol=1e-6)


def test_the_base_of_the_film_has_no_effect() -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    orange = np.stack([grey, grey // 2, grey // 3], -1)
    np.testing.assert_array_equal(inverted(Photo(orange)).pixels, 255 - lab.grey(orange))


def test_the_result_is_a_positive_that_says_so(
    tmp_path: Path, grey: NDArray[np.uint8], capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("jpeglib")
    source, result = tmp_path / "a.jpg", tmp_path / "a.retint.jpg"
    Image.fromarray(255 - grey).save(source, quality=95)
    assert run(source, "--quiet", "--negative", "--method", "mean") == 0
    assert "lightness was recompressed: --negative changes lightness" in capsys.readouterr().err
    found = files.read(result)
    assert np.abs(lab.grey(found.pixels).astype(int) - grey).mean() < 2
    said = xmp.provenance(found.metadata.xmp)
    assert said is not None
    assert said["Options"]["negative"] is True
    with pytest.raises(PhotoError, match="inverted"):
        retint.restore(result)


def test_exact_lightness_does_not_fit(
    tmp_path: Path, grey: NDArray[np.uint8], capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "a.jpg"
    Image.fromarray(grey).save(source)
    options = ("--negative", "--lightness", "exact", "--method", "mean")
    assert run(source, "--quiet", *options) == 1
    assert "--negative changes lightness" in capsys.readouterr().err


def test_python_inverts_once(tmp_path: Path, grey: NDArray[np.uint8]) -> None:
    negative = 255 - grey
    session = retint.open(negative, "mean", negative=True)
    assert np.abs(lab.grey(session.colorize()).astype(int) - grey).max() <= 1
    session.save(tmp_path / "a.png")
    saved = files.read(tmp_path / "a.png").pixels
    assert np.abs(lab.grey(saved).astype(int) - grey).max() <= 1


def test_negatives_of_a_folder_are_not_skipped_for_their_color(
    tmp_path: Path, coffee: NDArray[np.uint8]
) -> None:
    for name in ("a", "b"):
        Image.fromarray(coffee).save(tmp_path / f"{name}.png")
    assert run(tmp_path, "--quiet", "--negative", "--method", "mean") == 0
    assert (tmp_path / "a.retint.png").exists()


def test_films_are_refused() -> None:
    from retint.film.coloring import check

    finish: Any = Finish(negative=True)
    with pytest.raises(UsageError, match="`negative` would change lightness"):
        check(None, finish)  # type: ignore[arg-type]
