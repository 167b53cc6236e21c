"""Regions of masks as hints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from retint.errors import UsageError
from retint.hints.regions import regions


def overlap(mask: NDArray[Any], drawn: NDArray[Any]) -> float:
    """Intersection over union."""
    both = (mask > 0) & (drawn > 0)
    return float(both.sum() / ((mask > 0) | (drawn > 0)).sum())


def masks() -> dict[str, NDArray[np.bool_]]:
    y, x = np.mgrid[:120, :160]
    disc = np.hypot(x - 70, y - 60) < 50
    ring = disc & (np.hypot(x - 70, y - 60) > 25)
    two_holes = disc & (np.hypot(x - 50, y - 60) > 10) & (np.hypot(x - 92, y - 55) > 10)
    apart = (np.hypot(x - 30, y - 30) < 15) | (np.hypot(x - 120, y - 80) < 20)
    return {
        "disc": disc, "ring": ring, "two holes": two_holes, "apart": apart,
        "everything": np.ones((120, 160), bool), "row": (y == 7) & (x > 10) & (x < 40),
    }  # fmt: skip


@pytest.mark.parametrize("name", masks())
def test_hints_cover_what_the_mask_covers(name: str) -> None:
    mask = masks()[name]
    drawn = regions(mask, "navy").mask(mask.shape)
    assert overlap(mask, drawn) > 0.96


def test_holes_stay_without_a_hint() -> None:
    drawn = regions(masks()["ring"], "navy").mask((120, 160))
    assert drawn[60, 60:80].sum() <= 1  # one line leads to the hole


def test_a_mask_of_another_size_covers_the_same_share_of_the_picture() -> None:
    mask = masks()["two holes"]
    drawn = regions(mask, "navy").mask((360, 480))
    assert overlap(mask.repeat(3, 0).repeat(3, 1), drawn) > 0.93


@pytest.mark.parametrize("scale", [1, 40])
def test_one_pixel_is_a_hint(scale: int) -> None:
    mask = np.zeros((50 * scale, 60 * scale), np.float32)
    mask[20 * scale, 30 * scale] = 1
    assert np.argwhere(regions(mask, "navy").mask((50, 60))).tolist() == [[20, 30]]


def test_a_large_mask_is_outlined_by_few_points() -> None:
    mask = masks()["disc"].repeat(20, 0).repeat(20, 1)
    (polygon,) = regions(mask, "navy").polygons
    assert len(polygon.points) < 500


@pytest.mark.parametrize(
    ("mask", "color", "message"),
    [
        (np.zeros((4, 5)), "navy", "the mask is empty"),
        (np.full((4, 5), np.nan), "navy", "the mask is empty"),
        (np.ones((4, 5, 3)), "navy", r"a mask must be \[H, W\], not \[4, 5, 3\]"),
        (np.ones((4, 5)), "no such color", "no such color"),
        (np.indices((300, 300)).prod(0) % 2, "navy", "22500 hints are too many"),
    ],
    ids=["empty", "nan", "dimensions", "color", "specks"],
)  # fmt: skip
def test_bad_masks_are_refused_in_one_line(mask: NDArray[Any], color: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as found:
        regions(mask, color)
    assert "\n" not in str(found.value)
