"""The ways between darktable and retint that docs/editors.md shows, with `darktable-cli`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.conftest import colourfulness
from tests.programs import optional


def test_what_darktable_develops_is_coloured_and_darktable_shows_it_in_colour(
    tmp_path: Path, grey: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    darktable = optional("darktable-cli")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    Image.fromarray(grey[::4, ::4]).convert("RGB").save("scan.png")
    own = ["--core", "--configdir", "configuration", "--library", ":memory:"]

    def developed(source: str, target: str) -> float:
        subprocess.run([darktable, source, target, *own], check=True, capture_output=True)
        with Image.open(target) as picture:
            return colourfulness(np.asarray(picture.convert("RGB")))

    assert developed("scan.png", "scan.jpg") < 0.5
    call = [sys.executable, "-m", "retint", "scan.jpg", "--method", "unet", "--quiet"]
    subprocess.run(call, check=True)
    assert developed("scan.retint.jpg", "shown.jpg") > 2
