"""Made damage on grey pictures, batch by batch on the device.

What is damage and what is not is known exactly, unlike on real scans. Stains, strips of tape and
uneven light are drawn too, but are not called damage: nothing could be painted in their place.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from tools.repair.chance import Chance
from tools.repair.marks import FINER, drawn, lines, specks

MOST_LINES, MOST_SPECKS = 10, 40
LEAST_COVER, FULL_COVER = 0.05, 0.35
"""Pixels that a mark covers less than that are sound, more than that damaged; others count as
neither.
"""
UNSEEN, SEEN = 0.025, 0.05
"""Changes of grey below and above which damage counts as sound or as damaged on an even ground."""
HIDDEN = 0.6
"""Share of the ground's deviation nearby by which a change must be larger to be seen."""
UNTOUCHED = 0.25
"""Share of pictures without damage."""


@dataclass(frozen=True)
class Damaged:
    """Pictures [N, 1, S, S] in [0, 1], where they are damaged, and how much a pixel counts."""

    grey: Tensor
    mask: Tensor
    weight: Tensor


@dataclass(frozen=True)
class Layers:
    """Damage before it is laid over pictures, each part [N, 1, S, S]."""

    shade: Tensor
    """What is added to grey: stains, tape, the slopes of folds."""
    kept: Tensor
    """Share of the grey that stays."""
    paint: Tensor
    """Grey of the damage times its opacity, which is added then."""
    cover: Tensor
    """Share of the pixel that is damaged."""


def damaged(grey: Tensor, chance: Chance) -> Damaged:
    """Damage pictures [N, 1, S, S] in [0, 1]."""
    return laid_over(grey, layers(chance, len(grey), grey.shape[-1]))


def layers(chance: Chance, count: int, side: int) -> Layers:
    """Damage for so many pictures; `UNTOUCHED` of them get none."""
    shade = _stains(chance, count, side) + _tape(chance, count, side)
    alpha, tone, cover = _marks(chance, count, side)
    patch, patch_tone = _patches(chance, count, side)
    crease, crease_tone, slope = _crease(chance, count, side)
    hurt = 1 - chance.happens(UNTOUCHED, count, 1, 1, 1).float()
    kept, paint = torch.ones_like(alpha), torch.zeros_like(alpha)
    for a, t in ((alpha, tone), (patch, patch_tone), (crease, crease_tone)):
        kept, paint = kept * (1 - hurt * a), paint * (1 - hurt * a) + hurt * a * t
    cover = torch.maximum(cover, torch.maximum((patch > 0.15).float(), (crease > 0.15).float()))
    return Layers(shade + hurt * slope, kept, paint, hurt * cover)


def laid_over(grey: Tensor, layers: Layers) -> Damaged:
    """Pictures [N, 1, S, S] in [0, 1] with this damage."""
    ground = (grey + layers.shade).clamp(0, 1)
    spoiled = ground * layers.kept + layers.paint
    change, cover = (spoiled - ground).abs(), layers.cover
    seen = (change > SEEN + HIDDEN * _deviation(ground)) & (cover > FULL_COVER)
    sound = (cover < LEAST_COVER) | (change < UNSEEN)
    return Damaged(spoiled, seen.float(), (seen | sound).float())


def _marks(chance: Chance, count: int, side: int) -> tuple[Tensor, Tensor, Tensor]:
    """Opacity, tone and cover [N, 1, S, S] of lines and specks."""
    number = drawn(
        [lines(chance, count, MOST_LINES, side), specks(chance, count, MOST_SPECKS, side)], side
    )
    few = chance.uniform(0, 1, count, 2) ** 2
    there = torch.cat(
        (
            chance.uniform(0, 1, count, MOST_LINES) < few[:, :1],
            chance.uniform(0, 1, count, MOST_SPECKS) < few[:, 1:],
        ),
        1,
    )
    shape = (count, MOST_LINES + MOST_SPECKS)
    tones = _tones(chance, shape)
    opacity = there * (0.12 + 0.88 * chance.uniform(0, 1, *shape) ** 0.8)
    none = torch.zeros(count, 1, device=chance.device)
    tones, opacity = (torch.cat((none, each), 1) for each in (tones, opacity))
    index = number.flatten(1)
    cells = FINER * side
    tone, alpha = (each.gather(1, index).view(count, 1, cells, cells) for each in (tones, opacity))
    cover = F.avg_pool2d((alpha > 0).float(), FINER)
    tone, alpha = F.avg_pool2d(alpha * tone, FINER), F.avg_pool2d(alpha, FINER)
    uneven = (0.8 + 0.35 * chance.field(count, 12, side)).clamp(0, 1)
    soft = chance.uniform(0, 1, count, 1, 1, 1)
    tone, alpha = (uneven * (each + soft * (_blurred(each) - each)) for each in (tone, alpha))
    return alpha, tone / alpha.clamp(min=1e-4), cover


def _tones(chance: Chance, shape: tuple[int, int]) -> Tensor:
    """Grey of marks: in most pictures nearly all of them are bright, or nearly all dark."""
    bright_share = torch.round(chance.uniform(-0.2, 1.2, shape[0], 1).clamp(0, 1) * 4) / 4
    bright = chance.uniform(0, 1, *shape) < bright_share
    return torch.where(bright, 1 - 0.35 * chance.uniform(0, 1, *shape) ** 2,
                       0.4 * chance.uniform(0, 1, *shape) ** 2)  # fmt: skip


def _patches(chance: Chance, count: int, side: int) -> tuple[Tensor, Tensor]:
    """Opacity and tone of places where the emulsion has come off."""
    center = chance.uniform(0, 1, count, 2) * side
    y, x = _grid(side, chance)
    far = ((x - center[:, 0, None, None]) ** 2 + (y - center[:, 1, None, None]) ** 2).sqrt()
    radius = chance.uniform(3, 16, count, 1, 1, 1)
    rough = 0.45 * chance.field(count, 14, side) + 0.2 * chance.field(count, 40, side)
    inside = torch.sigmoid((1 - far[:, None] / radius + rough) * 12)
    there = chance.happens(0.2, count, 1, 1, 1)
    near = (far[:, None] < 2.2 * radius).float()
    opacity = chance.uniform(0.5, 1, count, 1, 1, 1)
    bright = chance.happens(0.7, count, 1, 1, 1)
    tone = torch.where(bright, chance.uniform(0.72, 1, count, 1, 1, 1),
                       chance.uniform(0, 0.22, count, 1, 1, 1))  # fmt: skip
    tone = tone + 0.02 * chance.field(count, 40, side)
    return there * near * opacity * (inside * (inside > 0.1)), tone


def _crease(chance: Chance, count: int, side: int) -> tuple[Tensor, Tensor, Tensor]:
    """Opacity and tone of the broken line of a fold, and the shading beside it."""
    angle = chance.uniform(0, torch.pi, count, 1, 1, 1)
    shift = chance.uniform(0.1, 0.9, count, 2) * side
    y, x = _grid(side, chance)
    off = (x - shift[:, 0, None, None])[:, None] * torch.sin(angle) - (y - shift[:, 1, None, None])[
        :, None
    ] * torch.cos(angle)
    off = off + 1.2 * chance.field(count, 6, side) + 0.5 * chance.field(count, 40, side)
    there = chance.happens(0.12, count, 1, 1, 1)
    width = chance.uniform(0.5, 2.2, count, 1, 1, 1)
    flaked = torch.sigmoid(
        6 * (chance.field(count, 24, side) + chance.uniform(-0.5, 1.5, count, 1, 1, 1))
    )
    core = torch.sigmoid((width - off.abs()) * 3) * flaked * (off.abs() < width + 2)
    tone = torch.where(chance.happens(0.75, count, 1, 1, 1), 0.92, 0.1)
    opacity = chance.uniform(0.3, 1, count, 1, 1, 1)
    reach = chance.uniform(2, 14, count, 1, 1, 1)
    shading = 0.09 * chance.normal(count, 1, 1, 1) * torch.exp(-off.abs() / reach)
    shading = shading * torch.where(chance.happens(0.5, count, 1, 1, 1), torch.sign(off), 1.0)
    return there * opacity * core, tone, there * shading


def _stains(chance: Chance, count: int, side: int) -> Tensor:
    """What soft stains add."""
    cells = 4
    blob = torch.sigmoid(4 * chance.field(count, cells, side) - 3)
    there = chance.happens(0.25, count, 1, 1, 1)
    return there * 0.12 * chance.normal(count, 1, 1, 1) * blob


def _tape(chance: Chance, count: int, side: int) -> Tensor:
    """What a strip of tape adds."""
    angle = chance.uniform(0, torch.pi, count, 1, 1, 1)
    y, x = _grid(side, chance)
    middle = chance.uniform(0, side, count, 2)
    x, y = ((g - middle[:, k, None, None])[:, None] for k, g in enumerate((x, y)))
    across = x * torch.sin(angle) - y * torch.cos(angle)
    inside = torch.sigmoid((chance.uniform(6, 24, count, 1, 1, 1) - across.abs()) * 2)
    there = chance.happens(0.06, count, 1, 1, 1)
    return there * 0.1 * chance.normal(count, 1, 1, 1) * inside


def _grid(side: int, chance: Chance) -> tuple[Tensor, Tensor]:
    steps = torch.arange(side, device=chance.device) + 0.5
    return steps[:, None].expand(side, side), steps[None].expand(side, side)


def _deviation(grey: Tensor) -> Tensor:
    """Standard deviation within 7 x 7 pixels."""
    mean, square = (
        F.avg_pool2d(F.pad(each, (3, 3, 3, 3), "reflect"), 7, 1) for each in (grey, grey**2)
    )
    return (square - mean**2).clamp(min=0).sqrt()


def _blurred(plane: Tensor) -> Tensor:
    kernel = torch.tensor([1.0, 4, 6, 4, 1], device=plane.device) / 16
    for each in (kernel.view(1, 1, 1, 5), kernel.view(1, 1, 5, 1)):
        above, beside = each.shape[2] // 2, each.shape[3] // 2
        plane = F.conv2d(plane, each, padding=(above, beside))
    return plane
