"""Train the network without a GPU, on what `tools.semantics.observe` has written down.

    python -m tools.things.observed DATA/photos.csv FOLDER --minutes 40 -o small.safetensors
    python -m tools.things.observed DATA/photos.csv FOLDER --minutes 40 --start small.safetensors \
        -o things.safetensors

The first command trains `small`, the second `fine`, which begins with the weights of the first. The
tokens are those of whole pictures, so pictures are only mirrored. One thread.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from retint.color import lab
from retint.color.resize import average
from retint.colorizers.parts.semantics import GRID
from retint.files import read
from tools.semantics import backbone
from tools.semantics.observe import order
from tools.semantics.store import CELLS, FINE, Store
from tools.semantics.train import HELD_OUT
from tools.things.fine import FineThings
from tools.things.head import LIGHT_SCALE, SCALE
from tools.things.pictures import Views
from tools.things.small import SmallThings
from tools.things.train import (
    WEIGHT_DECAY,
    Clicks,
    Tokens,
    groups,
    losses_of,
    scores_of,
    soft_union,
)

BATCH, CLICKS = 8, 16
RATE, STARTED_RATE, WARMUP, AVERAGED = 2e-3, 1e-3, 40, 100
SAVED = 120.0
"""Seconds between two files."""
JUDGED = 64


class Observed:
    """Rows of the store with their pictures."""

    def __init__(self, table: Path, folder: Path, cell: int) -> None:
        """Parameters: `cell` is the number of pixels to a side of a mask's cell."""
        self._pictures = [table.with_suffix("") / each for each in order(table)]
        self._store = Store.open(folder, len(self._pictures))
        rows = np.arange(self._store.done)
        self.rows, self.held_out = rows[rows % HELD_OUT > 0], rows[rows % HELD_OUT == 0]
        self._cell = cell
        self._mean, self._scale = (torch.from_numpy(each) for each in self._store.scales)

    def batch(self, rows: NDArray[np.int64], mirrored: bool = False) -> tuple[Tokens, Views]:
        tokens = torch.from_numpy(self._store.tokens[rows].astype(np.float32))
        tokens = tokens * self._scale + self._mean
        side = GRID * LIGHT_SCALE
        light = [average(lab.grey(_rgb(self._pictures[row])), (side, side)) for row in rows]
        edges = torch.from_numpy(np.stack(light).astype(np.float32))[:, None] / 255
        chroma = torch.from_numpy(self._store.truth[rows].astype(np.float32)).permute(0, 3, 1, 2)
        if mirrored:
            tokens = tokens.reshape(len(rows), GRID, GRID, -1).flip(2).flatten(1, 2)
            edges, chroma = edges.flip(3), chroma.flip(3)
        assert tokens.shape[1] == CELLS
        whole = torch.zeros(len(rows), 1, tokens.shape[2])  # is not used
        middle, last = torch.split(torch.cat([whole, tokens], dim=1), backbone.WIDTH, 2)
        cells = F.avg_pool2d(edges, self._cell)
        return (middle, last), Views(
            edges, edges, cells, F.avg_pool2d(chroma, self._cell * FINE // side)
        )


def _rgb(path: Path) -> NDArray[np.uint8]:
    return np.asarray(read(path).pixels[..., :3])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--start", type=Path, help="weights of `small`; trains `fine`")
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    things: SmallThings | FineThings = SmallThings()
    if args.start:
        things = FineThings()
        things.start_from({name: each.float() for name, each in load_file(args.start).items()})
    observed = Observed(args.table, args.folder, LIGHT_SCALE // (SCALE if args.start else 1))
    rate = STARTED_RATE if args.start else RATE
    averaged = train(things, observed, args.minutes * 60, args.output, rate)
    things.load_state_dict(averaged)
    judge(things, observed)


def train(
    things: SmallThings | FineThings, observed: Observed, seconds: float, output: Path, rate: float
) -> dict[str, Tensor]:
    """The averaged weights after so many seconds, which are saved, too."""
    chance, clicked = np.random.default_rng(0), torch.Generator().manual_seed(0)
    optimizer = torch.optim.AdamW(
        groups(things), lr=rate, weight_decay=WEIGHT_DECAY, betas=(0.9, 0.98)
    )
    averaged = {name: each.clone() for name, each in things.state_dict().items()}
    began = saved = time.monotonic()
    losses: list[NDArray[np.float32]] = []
    while (share := (time.monotonic() - began) / seconds) < 1:
        for group in optimizer.param_groups:
            cosine = 0.5 * (1 + math.cos(math.pi * share)) + 0.01
            group["lr"] = rate * min(1.0, (len(losses) + 1) / WARMUP) * cosine
        rows = np.sort(chance.choice(observed.rows, BATCH, replace=False))
        tokens, views = observed.batch(rows, chance.random() < 0.5)
        parts = losses_of(things, tokens, views, Clicks(views, clicked, CLICKS))
        optimizer.zero_grad()
        parts.sum().backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(things.parameters(), 1.0)
        optimizer.step()
        losses.append(parts.detach().numpy())
        weight = 1 / min(AVERAGED, 1 + len(losses) // 2)
        for name, each in things.state_dict().items():
            averaged[name].lerp_(each, weight)
        if time.monotonic() - saved > SAVED:
            saved = time.monotonic()
            _save(averaged, output)
        if len(losses) % 20 == 0:
            mean = np.mean(losses[-20:], axis=0).round(3)
            print(f"{len(losses)} {share:.2f} {mean}", flush=True)
    _save(averaged, output)
    print(f"{len(losses)} steps of {BATCH} pictures", flush=True)
    return averaged


def _save(weights: dict[str, Tensor], output: Path) -> None:
    save_file({name: each.half().contiguous() for name, each in weights.items()}, output)


@torch.inference_mode()
def judge(things: SmallThings | FineThings, observed: Observed) -> None:
    """Print the mean intersection over union on held-out pictures."""
    chance = torch.Generator().manual_seed(2)
    found = []
    for rows in np.array_split(observed.held_out[:JUDGED], JUDGED // BATCH):
        tokens, views = observed.batch(rows)
        clicks = Clicks(views, chance, CLICKS)
        scores, _ = scores_of(things, tokens, views, clicks)
        found.append(soft_union((scores[:, :, 0] > 0).float(), clicks.connected))
    print(f"held out: {torch.cat(found).mean().item():.4f}")


if __name__ == "__main__":
    main()
