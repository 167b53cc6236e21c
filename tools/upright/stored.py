"""Train the head from stored tokens, where there is no GPU to run the backbone in training.

    python -m tools.upright.stored UPRIGHT LYING FIRST --seconds 300 -o upright.safetensors

UPRIGHT is a folder of `tools.semantics.observe`, LYING one of `tools.upright.observe`, begun at row
FIRST. The last of the lying photographs, and the same upright ones, are held out.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retint.colorizers.parts.semantics import GRID
from tools.semantics.backbone import WIDTH
from tools.semantics.store import Store
from tools.upright.head import TURNS, Head
from tools.upright.observe import turn_of
from tools.upright.train import Batch, calibrate, save, train

PICTURES = 49950
UPRIGHT_SHARE = 0.3
HELD_OUT = 0.1
"""Share of the lying photographs by which the head is judged."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("upright", type=Path)
    parser.add_argument("lying", type=Path)
    parser.add_argument("first", type=int)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--blocks", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    torch.manual_seed(0)
    upright, lying = Store.open(args.upright, PICTURES), Store.open(args.lying, PICTURES)
    last = round(lying.done - HELD_OUT * (lying.done - args.first))
    known = np.r_[args.first : last, lying.done : upright.done]
    drawn = draw(upright, lying, known, np.arange(args.first, last))
    head = Head(args.width, args.blocks)
    cast = torch.autocast("cpu", torch.bfloat16)
    averaged = train(head, drawn, args.seconds, args.batch, cast)
    save(averaged, args.output)
    head.load_state_dict(averaged)
    found = judged(head.eval(), upright, lying, np.arange(last, lying.done))
    calibrate(averaged, *found, args.output)


def draw(
    upright: Store, lying: Store, known: NDArray[np.int64], fallen: NDArray[np.int64]
) -> Callable[[int], Batch]:
    """Returns what draws so many stored views, also mirrored ones, from these rows."""
    chance = np.random.default_rng(0)

    def drawn(count: int) -> Batch:
        standing = round(UPRIGHT_SHARE * count)
        rows = chance.choice(known, standing), chance.choice(fallen, count - standing)
        tokens = torch.cat([read(upright, rows[0]), read(lying, rows[1])])
        turns = torch.tensor([0] * standing + [turn_of(row) for row in rows[1]])
        flip = torch.from_numpy(chance.random(count) < 0.5)
        cells = tokens[:, 1:].reshape(count, GRID, GRID, -1)
        cells[flip] = cells[flip].flip(2)
        turns[flip] = -turns[flip] % TURNS
        return tokens[..., :WIDTH], tokens[..., WIDTH:], turns

    return drawn


def read(store: Store, rows: NDArray[np.int64]) -> Tensor:
    """Outputs of blocks 8 and 12 [N, 257, 768]: of the whole picture, then of each cell."""
    mean, scale = store.scales
    cells = store.tokens[rows].astype(np.float32) * scale + mean
    whole = store.whole[rows].astype(np.float32)[:, None]
    return torch.from_numpy(np.concatenate([whole, cells], axis=1))


@torch.no_grad()
def judged(
    head: Head, upright: Store, lying: Store, rows: NDArray[np.int64]
) -> tuple[Tensor, Tensor]:
    """Scores [2 N, 4] of photographs upright, and lying in one of the other turns, and turns."""
    found = []
    for store in (upright, lying):
        for some in np.array_split(rows, max(1, len(rows) // 32)):
            tokens = read(store, some)
            found.append(head(tokens[..., :WIDTH], tokens[..., WIDTH:]))
    turns = [0] * len(rows) + [turn_of(row) for row in rows]
    return torch.cat(found), torch.tensor(turns)


if __name__ == "__main__":
    main()
