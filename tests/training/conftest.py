"""A tiny data set and a tiny recipe."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

RECIPE = """
network = "unet"
options = {{ option = {option} }}
seed = 7
epoch_pictures = 16

[data]
held_out = 0.25
crop = 0.7

[optimizer]
batch = 4
average = {average}

[schedule]
kind = "{schedule}"

[[stages]]
size = {first}
epochs = 2

[[stages]]
size = {second}
epochs = 1
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """24 pictures whose colour depends on their lightness: something can be learnt."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for k in range(24):
        grey = np.asarray(Image.fromarray(rng.uniform(0, 255, (4, 5))).resize((50, 40)))
        rgb = np.stack([grey, grey * 0.7, 255 - grey], axis=-1).clip(0, 255).astype(np.uint8)
        Image.fromarray(rgb).save(folder / f"{k:02d}.png")
    return folder


def write_recipe(
    folder: Path,
    option: int = 3,
    schedule: str = "cosine",
    average: float = 0.9,
    sizes: tuple[int, int] = (16, 32),
) -> Path:
    path = folder / "tiny.toml"
    first, second = sizes
    path.write_text(
        RECIPE.format(option=option, schedule=schedule, average=average, first=first, second=second)
    )
    return path
