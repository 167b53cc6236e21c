"""Train the head on what `observe` has written down.

    python -m tools.semantics.train FOLDER --minutes 20 -o head.safetensors

Plain cross-entropy over the 313 colors, soft-encoded in 16 parts of each cell: its answer is the
mean of plausible colors, where an absolute error would give their median, which is grey.
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from retint.colorizers.parts.semantics import GRID
from retint.training.colors313 import COUNT, soft_encoded
from tools.semantics.head import Head
from tools.semantics.store import CELLS, FINE, Store

BATCH = 24
RATE, WEIGHT_DECAY, WARMUP = 1.2e-3, 0.02, 200
AVERAGED = 500
"""Steps over which weights are averaged, as a decaying mean."""
HELD_OUT = 50
"""Every so many pictures one is left out, to be judged by."""


@dataclass(frozen=True)
class Batch:
    """Rows of the store as the head takes them."""

    tokens: Tensor
    whole: Tensor
    light: Tensor
    chroma: Tensor
    truth: NDArray[np.int8]

    @classmethod
    def read(cls, store: Store, rows: NDArray[np.int64], mirrored: NDArray[np.bool_]) -> Self:
        mean, scale = (torch.from_numpy(each) for each in store.scales)
        tokens = torch.from_numpy(store.tokens[rows].astype(np.float32)) * scale + mean
        grids = [tokens.reshape(len(rows), GRID, GRID, -1)]
        grids += [
            torch.from_numpy(each[rows].astype(np.float32)) for each in (store.light, store.base)
        ]
        truth = store.truth[rows]
        flipped = torch.from_numpy(mirrored)
        for each in grids:
            each[flipped] = each[flipped].flip(2)
        truth[mirrored] = truth[mirrored][:, :, ::-1]
        whole = torch.from_numpy(store.whole[rows].astype(np.float32))
        tokens, light, chroma = (each.reshape(len(rows), CELLS, -1) for each in grids)
        return cls(tokens, whole, light, chroma, truth)

    def scores(self, head: Head) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            scores: Tensor = head(self.tokens, self.whole, self.light, self.chroma)
        return scores.float()


class Encoding:
    """True chroma of whole numbers to shares of the 313 colors, from a table."""

    def __init__(self) -> None:
        levels = torch.arange(-127, 128, dtype=torch.float32)
        rows = [
            torch.stack(torch.meshgrid(level[None], levels, indexing="ij"), -1) for level in levels
        ]
        found = [soft_encoded(row[0]) for row in rows]
        self._shares, self._indices = (torch.cat(each) for each in zip(*found, strict=True))

    def __call__(self, truth: NDArray[np.int8]) -> Tensor:
        """a*, b* [N, 64, 64, 2] to shares [N, 256, 313]."""
        parts = FINE // GRID
        levels = torch.from_numpy(truth.astype(np.int64)) + 127
        keys = (levels[..., 0] * 255 + levels[..., 1]).reshape(-1, GRID, parts, GRID, parts)
        keys = keys.transpose(2, 3).reshape(-1, parts**2)
        shares = torch.zeros(len(keys), COUNT)
        shares.scatter_add_(
            1, self._indices[keys].flatten(1), self._shares[keys].flatten(1) / parts**2
        )
        return shares.reshape(-1, CELLS, COUNT)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--pictures", type=int, default=49950, help="rows of the store")
    parser.add_argument("--blocks", type=int, default=1)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    torch.manual_seed(0)
    store = Store.open(args.folder, args.pictures)
    head = Head(args.width, args.blocks)
    standardize(head, store)
    averaged = train(head, store, args.minutes * 60)
    save_file(averaged, args.output)


def standardize(head: Head, store: Store) -> None:
    """Take means and deviations of tokens from some of the pictures."""
    mean, scale = (torch.from_numpy(each) for each in store.scales)
    cells = torch.from_numpy(store.tokens[:64].astype(np.float32)).flatten(0, 1) * scale + mean
    whole = torch.from_numpy(store.whole[: min(2000, store.done)].astype(np.float32))
    for name, values in (("", cells), ("whole_", whole)):
        getattr(head, f"{name}mean").copy_(values.mean(0))
        getattr(head, f"{name}deviation").copy_(values.std(0))


def train(head: Head, store: Store, seconds: float) -> dict[str, Tensor]:
    """The averaged weights after so many seconds."""
    everything = np.arange(store.done)
    rows, held_out = everything[everything % HELD_OUT > 0], everything[::HELD_OUT][:400]
    encoding, chance = Encoding(), np.random.default_rng(0)
    optimizer = torch.optim.AdamW(
        head.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY, betas=(0.9, 0.98)
    )
    averaged = {name: each.clone() for name, each in head.state_dict().items()}
    began, step, losses = time.monotonic(), 0, []
    left: list[NDArray[np.int64]] = []
    while (share := (time.monotonic() - began) / seconds) < 1:
        for group in optimizer.param_groups:
            cosine = 0.5 * (1 + math.cos(math.pi * share)) + 0.01
            group["lr"] = RATE * min(1.0, (step + 1) / WARMUP) * cosine
        if not left:
            mixed = chance.permutation(rows)
            left = np.array_split(mixed, max(1, len(mixed) // BATCH))
        some = np.sort(left.pop())
        batch = Batch.read(store, some, chance.random(len(some)) < 0.5)
        loss = _loss(head, batch, encoding)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
        step += 1
        losses.append(loss.item())
        weight = 1 - 1 / min(AVERAGED, step + 1)
        for name, each in head.state_dict().items():
            averaged[name].mul_(weight).add_(each, alpha=1 - weight)
        if step % 200 == 0:
            pace = step * BATCH / (time.monotonic() - began)
            print(f"{step} {share:.2f} {np.mean(losses[-200:]):.4f} {pace:.0f}/s", flush=True)
    head.load_state_dict(averaged)
    judged = _held_out(head, store, held_out, encoding)
    print(f"{step} steps, {len(rows)} pictures; held out: {judged:.4f}")
    return averaged


def _loss(head: Head, batch: Batch, encoding: Encoding) -> Tensor:
    logarithms = F.log_softmax(batch.scores(head), dim=-1)
    return -(encoding(batch.truth) * logarithms).sum(-1).mean()


@torch.inference_mode()
def _held_out(head: Head, store: Store, rows: NDArray[np.int64], encoding: Encoding) -> float:
    head.eval()
    parts = np.array_split(rows, max(1, len(rows) // BATCH))
    batches = (Batch.read(store, each, np.zeros(len(each), np.bool_)) for each in parts)
    return float(np.mean([float(_loss(head, each, encoding)) for each in batches]))


if __name__ == "__main__":
    main()
