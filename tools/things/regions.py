"""Colour regions of photographs: what a click in a grey picture should find."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

NEAR = 8.0
"""Difference in a*b* within which places belong together."""
BORDER = 4.0
"""Differences in a*b* that are not far from it count less, and less the nearer."""
STEPS, CHECKED = 192, 16
"""Most cells along a path through a region, and after how many it is looked whether it grows."""


def regions(chroma: Tensor, rows: Tensor, columns: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where places belong to clicks, where they have their color, and how much that is certain.

    Parameters
    ----------
    chroma
        a*, b* [N, 2, h, w].
    rows, columns
        Places of clicks [N, K].

    Returns
    -------
    Three of [N, K, h, w], in [0, 1].
    """
    count = rows.shape[1]
    height, width = chroma.shape[2:]
    flat = chroma.flatten(2)
    places = rows * width + columns
    clicked = flat.gather(2, places[:, None].expand(-1, 2, -1))  # [N, 2, K]
    differing = (flat[:, :, None] - clicked[..., None]).square().sum(1).sqrt()
    alike = (differing < NEAR).to(torch.bfloat16)
    shape = (-1, count, height, width)
    if chroma.device.type == "cpu":
        connected = _connected_by_opencv(alike.reshape(shape), rows, columns)
    else:
        grown = torch.zeros_like(alike).scatter_(2, places[..., None], 1)
        planes = (-1, 1, height, width)
        connected = _connected(grown.reshape(planes), alike.reshape(planes))
    certain = ((differing - NEAR).abs() / BORDER).clamp(0.2, 1)
    return connected.reshape(shape).float(), alike.reshape(shape).float(), certain.reshape(shape)


def _connected_by_opencv(alike: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """The parts of masks [N, K, h, w] in which clicks [N, K] lie."""
    masks = alike.to(torch.uint8).numpy()
    found = torch.empty(alike.shape)
    for n, k in np.ndindex(masks.shape[:2]):
        _, labels = cv2.connectedComponents(masks[n, k])
        found[n, k] = torch.from_numpy(labels == labels[rows[n, k], columns[n, k]])
    return found


def _connected(grown: Tensor, within: Tensor) -> Tensor:
    """Seeds [N, 1, h, w] grown as far as `within` allows."""
    before = grown.float().sum()
    for _ in range(STEPS // CHECKED):
        for _ in range(CHECKED):
            grown = F.max_pool2d(grown, 3, 1, 1) * within
        after = grown.float().sum()
        if after == before:
            break
        before = after
    return grown
