"""Scratches, hairs, cracks, tears and specks as sets of points, drawn many at once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from tools.repair.chance import Chance

STEPS, ACROSS = 512, 11
"""Points along and across a line."""
ANGLES, RINGS = 48, 9
"""Points of a speck."""
FINER = 2
"""Points fall into cells so many times smaller than pixels."""


@dataclass(frozen=True)
class Kind:
    """A kind of line, lengths in pixels: ranges, or the size of deviations in radians."""

    share: float
    length: tuple[float, float]
    width: tuple[float, float]
    bend: float
    curl: float
    ragged: float
    """How far the line jumps from side to side, in pixels."""
    gaps: float
    """Share of lines that are broken."""
    upright: float
    """Share of lines that are nearly vertical or horizontal."""


LINES = (
    Kind(0.30, (60, 260), (0.7, 2.2), 0.06, 0.03, 0.15, 0.5, 0.7),  # scratches of transport
    Kind(0.28, (6, 70), (0.7, 2.4), 0.3, 0.2, 0.15, 0.3, 0.1),  # short scratches
    Kind(0.24, (16, 110), (0.7, 2.2), 2.2, 2.2, 0.0, 0.0, 0.0),  # hairs, fibres
    Kind(0.12, (40, 260), (0.9, 4.0), 0.2, 0.25, 0.9, 0.4, 0.3),  # cracks
    Kind(0.06, (30, 160), (2.0, 5.5), 0.3, 0.4, 1.3, 0.0, 0.2),  # tears
)


def lines(chance: Chance, count: int, each: int, side: int) -> Tensor:
    """Points x, y [count, each, STEPS * ACROSS, 2] in pixels; those of gaps are far outside."""
    shape = (count, each)
    shares = torch.tensor([kind.share for kind in LINES], device=chance.device)
    kind = torch.multinomial(shares, count * each, replacement=True).view(shape)

    def of(*values: float) -> Tensor:
        return torch.tensor(values, device=chance.device)[kind]

    def ranged(name: str, power: float = 1.0) -> Tensor:
        low, high = zip(*(getattr(kind, name) for kind in LINES), strict=True)
        return of(*low) + (of(*high) - of(*low)) * chance.uniform(0, 1, *shape) ** power

    length, width = ranged("length", 1.5), ranged("width", 1.7)
    along = torch.linspace(-0.5, 0.5, STEPS, device=chance.device)
    upright = chance.uniform(0, 1, *shape) < of(*(kind.upright for kind in LINES))
    aligned = math.pi / 2 * chance.whole(2, *shape) + 0.04 * chance.normal(*shape)
    heading = torch.where(upright, aligned, chance.uniform(0, math.pi, *shape))[..., None]
    heading = (
        heading + (of(*(kind.bend for kind in LINES)) * chance.normal(*shape))[..., None] * along
    )
    heading = heading + of(*(kind.curl for kind in LINES))[..., None] * _waves(chance, shape, along)
    pace = (length / STEPS)[..., None]
    x, y = (torch.cumsum(f(heading) * pace, -1) for f in (torch.cos, torch.sin))
    ragged = of(*(kind.ragged for kind in LINES))[..., None] * _jumps(chance, shape, STEPS // 6)
    x, y = x - ragged * torch.sin(heading), y + ragged * torch.cos(heading)
    x, y = (
        line - line[..., STEPS // 2, None] + chance.uniform(0, side, *shape, 1) for line in (x, y)
    )
    thickness = width[..., None] * (1 + 0.35 * _jumps(chance, shape, 20)).clamp(0.2, 2)
    thickness = thickness * (1 - (2 * along.abs()) ** 6)
    broken = chance.uniform(0, 1, *shape) < of(*(kind.gaps for kind in LINES))
    gone = broken[..., None] & (_jumps(chance, shape, 12) > chance.uniform(-0.7, 1, *shape, 1))
    x = torch.where(gone, -1e4, x)
    offsets = thickness[..., None] * torch.linspace(-0.5, 0.5, ACROSS, device=chance.device)
    x = x[..., None] - offsets * torch.sin(heading)[..., None]
    y = y[..., None] + offsets * torch.cos(heading)[..., None]
    return torch.stack((x.flatten(2), y.flatten(2)), -1)


def specks(chance: Chance, count: int, each: int, side: int) -> Tensor:
    """Points x, y [count, each, ANGLES * RINGS, 2] of irregular dust in pixels."""
    shape = (count, each)
    angle = torch.arange(ANGLES, device=chance.device) * (2 * math.pi / ANGLES)
    radius = 0.5 * 10 ** chance.uniform(0, 1, *shape) ** 1.6
    outline = torch.ones(*shape, ANGLES, device=chance.device)
    for k in (2, 3, 4):
        lobe = torch.sin(k * angle + chance.uniform(0, 2 * math.pi, *shape, 1))
        outline += 0.5 / (k - 1) * chance.uniform(0, 1, *shape, 1) * lobe
    rings = torch.linspace(0.05, 1, RINGS, device=chance.device)
    far = (radius[..., None] * outline.clamp(0.2))[..., None] * rings
    x, y = (far * f(angle)[:, None] for f in (torch.cos, torch.sin))
    stretched = 2 ** chance.uniform(-0.6, 0.6, *shape, 1)
    x = x.flatten(2) * stretched + chance.uniform(0, side, *shape, 1)
    y = y.flatten(2) / stretched + chance.uniform(0, side, *shape, 1)
    return torch.stack((x, y), -1)


def drawn(groups: list[Tensor], side: int) -> Tensor:
    """Number of the mark in each cell [N, FINER * side, FINER * side], 0 where there is none.

    Groups [N, each, P, 2] are numbered on from one to the next.
    """
    count, cells = len(groups[0]), FINER * side
    canvas = groups[0].new_zeros(count * cells * cells + 1, dtype=torch.long)
    first = 1
    for points in groups:
        place = (points * FINER).floor().long().flatten(2)
        column, row = place[..., ::2], place[..., 1::2]
        inside = (column >= 0) & (column < cells) & (row >= 0) & (row < cells)
        picture = torch.arange(count, device=points.device)[:, None, None]
        index = torch.where(inside, (picture * cells + row) * cells + column, len(canvas) - 1)
        numbers = torch.arange(first, first + points.shape[1], device=points.device)
        canvas[index.flatten()] = numbers[None, :, None].expand_as(index).flatten()
        first += points.shape[1]
    return canvas[:-1].view(count, cells, cells)


def _waves(chance: Chance, shape: tuple[int, int], along: Tensor) -> Tensor:
    """Smooth noise along lines [*shape, STEPS]: three waves."""
    total = torch.zeros(*shape, len(along), device=chance.device)
    for _ in range(3):
        often = chance.uniform(0.5, 3.5, *shape, 1)
        start = chance.uniform(0, 2 * math.pi, *shape, 1)
        size = 0.6 * chance.normal(*shape, 1)
        total += size * torch.sin(2 * math.pi * often * along + start)
    return total


def _jumps(chance: Chance, shape: tuple[int, int], knots: int) -> Tensor:
    """Noise along lines [*shape, STEPS], linear between so many random values."""
    values = chance.normal(shape[0] * shape[1], 1, knots)
    return F.interpolate(values, STEPS, mode="linear", align_corners=True).view(*shape, STEPS)
