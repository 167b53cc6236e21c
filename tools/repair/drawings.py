"""Thin things that belong into pictures: text, grids, fences, hatching, twigs, lace, eyelashes."""

from __future__ import annotations

import math
import random
import string

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
BLACK = 0


def drawings(count: int, side: int, seed: int = 5) -> Picture:
    """Dark drawings on white [count, side, side]."""
    chance = random.Random(seed)
    made = []
    for k in range(count):
        paper = np.full((side, side), 255, np.uint8)
        KINDS[k % len(KINDS)](paper, chance)
        made.append(paper)
    return np.stack(made)


def text(paper: Picture, chance: random.Random) -> None:
    side = len(paper)
    fonts = (
        cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_DUPLEX,
        cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_PLAIN,
    )  # fmt: skip
    font, scale = chance.choice(fonts), chance.uniform(0.3, 1.1)
    thickness = chance.choice((1, 1, 2))
    for y in range(chance.randint(8, 20), side, int(26 * scale) + chance.randint(3, 14)):
        words = "".join(
            chance.choice(string.ascii_letters + string.digits + "  ,.") for _ in range(40)
        )
        cv2.putText(
            paper, words, (chance.randint(-9, 30), y), font, scale, BLACK, thickness, cv2.LINE_AA
        )


def parallel(paper: Picture, chance: random.Random) -> None:
    """Stripes, fences, grids and hatching."""
    side = len(paper)
    for _ in range(chance.choice((1, 2))):
        angle, step = chance.uniform(0, math.pi), chance.uniform(3, 16)
        thickness = chance.choice((1, 1, 2))
        x, y = math.cos(angle), math.sin(angle)
        for k in range(int(-side / step), int(side / step) + 1):
            middle = side / 2 + k * step * y, side / 2 - k * step * x
            first, last = (
                _fixed((middle[0] + s * side * x, middle[1] + s * side * y)) for s in (-1, 1)
            )
            cv2.line(paper, first, last, BLACK, thickness, cv2.LINE_AA, 4)


def twigs(paper: Picture, chance: random.Random) -> None:
    def grow(x: float, y: float, angle: float, length: float, thickness: int) -> None:
        if length < 5:
            return
        end = x + length * math.cos(angle), y + length * math.sin(angle)
        cv2.line(paper, _fixed((x, y)), _fixed(end), BLACK, thickness, cv2.LINE_AA, 4)
        for _ in range(chance.choice((2, 2, 3))):
            grow(*end, angle + chance.gauss(0, 0.5), length * chance.uniform(0.6, 0.85),
                 max(1, thickness - 1))  # fmt: skip

    for _ in range(chance.randint(1, 3)):
        side = len(paper)
        grow(chance.uniform(0, side), side, -math.pi / 2 + chance.gauss(0, 0.4),
             chance.uniform(20, 50), chance.randint(2, 5))  # fmt: skip


def strands(paper: Picture, chance: random.Random) -> None:
    """Hair or grass: many lines beside one another."""
    side = len(paper)
    bend, angle = chance.uniform(-2, 2), chance.uniform(0, 2 * math.pi)
    start = chance.uniform(0, side), chance.uniform(0, side)
    t = np.linspace(0, 1, 24)
    for _ in range(chance.randint(20, 70)):
        length = chance.uniform(30, 120)
        heading = angle + chance.gauss(0, 0.15) + (bend + chance.gauss(0, 0.3)) * t
        way = np.stack((np.cos(heading), np.sin(heading)), 1).cumsum(0) * length / len(t)
        way += [place + chance.gauss(0, 20) for place in start]
        cv2.polylines(paper, [(way * 16).astype(np.int32)], False, BLACK, 1, cv2.LINE_AA, 4)


def lace(paper: Picture, chance: random.Random) -> None:
    """A small pattern again and again: lace, print on cloth, tiles, leaves, gravel."""
    cell = chance.randint(9, 32)
    tile = np.full((cell, cell), 255, np.uint8)
    for _ in range(chance.randint(1, 4)):
        spot = chance.randrange(cell), chance.randrange(cell)
        if chance.random() < 0.5:
            cv2.circle(tile, spot, chance.randint(1, max(1, cell // 4)), BLACK,
                       chance.choice((-1, 1)), cv2.LINE_AA)  # fmt: skip
        else:
            cv2.line(
                tile, spot, (chance.randrange(cell), chance.randrange(cell)), BLACK, 1, cv2.LINE_AA
            )
    if chance.random() < 0.5:
        tile = np.minimum(tile, tile[:, ::-1])
    times = -(-len(paper) // cell)
    paper[:] = np.tile(tile, (times, times))[: len(paper), : len(paper)]


def eyes(paper: Picture, chance: random.Random) -> None:
    """Pupils with a glint, lids, buttons, beads: small round things with bright middles."""
    side = len(paper)
    for _ in range(chance.randint(2, 8)):
        middle = chance.uniform(0, side), chance.uniform(0, side)
        wide = chance.uniform(3, 14)
        cv2.circle(paper, _fixed(middle), int(wide * 8), BLACK, -1, cv2.LINE_AA, 4)
        glint = middle[0] + wide * chance.uniform(-0.2, 0.2), middle[1] - wide * 0.15
        cv2.circle(paper, _fixed(glint), int(wide * chance.uniform(1, 3)), 255, -1, cv2.LINE_AA, 4)
        for height in (1.0, 1.4):
            axes = int(wide * 32), int(wide * height * 12)
            cv2.ellipse(paper, _fixed(middle), axes, 0, 180, 360, BLACK, 1, cv2.LINE_AA, 4)


KINDS = (text, parallel, twigs, strands, lace, eyes)


def _fixed(place: tuple[float, float]) -> tuple[int, int]:
    """x and y in sixteenths of a pixel."""
    return round(place[0] * 16), round(place[1] * 16)
