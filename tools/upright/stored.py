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

from tools.semantics.store import Store
from tools.upright.head import Head, pooled
from tools.upright.observe import turn_of
from tools.upright.train import Batch, calibrate, save, train

PICTURES = 49950
UPRIGHT_SHARE = 0.3
HELD_OUT = 0.1
"""Share of the lying photographs by which the head is judged."""
AT_ONCE = 32
"""Photographs that are pooled at once."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("upright", type=Path)
    parser.add_argument("lying", type=Path)
    parser.add_argument("first", type=int)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--blocks", type=int, default=1)
    parser.add_argument("--pool", type=int, default=2)
    parser.add_argument("--more", type=int, default=2000, help="further upright photographs")
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    torch.manual_seed(0)
    upright, lying = Store.open(args.upright, PICTURES), Store.open(args.lying, PICTURES)
    rows = np.arange(args.first, lying.done)
    more = np.arange(lying.done, min(upright.done, lying.done + args.more))
    known = read(upright, np.r_[rows, more], args.pool)
    fallen = read(lying, rows, args.pool)
    turns = torch.tensor([turn_of(row) for row in rows])
    last = round((1 - HELD_OUT) * len(rows))
    kept = torch.cat([known[:last], known[len(rows) :]])
    head = Head(args.width, args.blocks, args.pool)
    cast = torch.autocast("cpu", enabled=False)
    drawn = draw(kept, fallen[:last], turns[:last])
    averaged = train(head, drawn, args.seconds, args.batch, cast)
    save(averaged, args.output)
    head.load_state_dict(averaged)
    with torch.no_grad():
        scores = head.eval().judge(torch.cat([known[last : len(rows)], fallen[last:]]))
    truth = torch.cat([torch.zeros_like(turns[last:]), turns[last:]])
    calibrate(averaged, scores, truth, args.output)


def draw(upright: Tensor, lying: Tensor, turns: Tensor) -> Callable[[int], Batch]:
    """Returns what draws so many stored views [N, cells, 768]."""

    def drawn(count: int) -> Batch:
        standing = round(UPRIGHT_SHARE * count)
        stand = torch.randint(len(upright), (standing,))
        fall = torch.randint(len(lying), (count - standing,))
        tokens = torch.cat([upright[stand], lying[fall]]).float()
        return tokens, torch.cat([torch.zeros_like(stand), turns[fall]])

    return drawn


def read(store: Store, rows: NDArray[np.int64], pool: int) -> Tensor:
    """Pooled tokens [N, 1 + cells, 768] in half precision."""
    mean, scale = store.scales
    parts = []
    for some in np.array_split(rows, max(1, len(rows) // AT_ONCE)):
        cells = store.tokens[some].astype(np.float32) * scale + mean
        whole = store.whole[some].astype(np.float32)[:, None]
        layers = torch.from_numpy(np.concatenate([whole, cells], axis=1))
        parts.append(pooled(layers, pool).half())
    return torch.cat(parts)


if __name__ == "__main__":
    main()
