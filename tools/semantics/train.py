"""Train the head on what `observe` has written down.

    python -m tools.semantics.train FOLDER --minutes 20 -o head.safetensors

Plain cross-entropy over the 313 colors, soft-encoded in 4 places of each of a cell's 4 parts: the
answer is the mean of plausible colors, where an absolute error would give their median, which is
grey. The backbone stays as it is: that is all that a CPU can do; `finetune` needs a GPU.
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

from retint.colorizers.parts.semantics import GRID
from tools.semantics.head import Head
from tools.semantics.store import Store
from tools.semantics.targets import Targets

BATCH = 24
RATE, WEIGHT_DECAY, WARMUP = 1.2e-3, 0.02, 200
AVERAGED = 500
"""Steps over which weights are averaged, as a decaying mean."""
HELD_OUT = 50
"""Every so many pictures one is left out, to be judged by."""


@dataclass(frozen=True)
class Batch:
    """Rows of the store as the head takes them: what the two blocks gave, and a*, b*."""

    middle: Tensor
    last: Tensor
    chroma: Tensor

    @classmethod
    def read(cls, store: Store, rows: NDArray[np.int64], mirrored: NDArray[np.bool_]) -> Self:
        mean, scale = (torch.from_numpy(each) for each in store.scales)
        cells = torch.from_numpy(store.tokens[rows]).float().mul_(scale).add_(mean)
        chroma = torch.from_numpy(store.truth[rows].astype(np.float32)).permute(0, 3, 1, 2)
        grid = cells.reshape(len(rows), GRID, GRID, -1)
        flipped = torch.from_numpy(mirrored)
        for planes, axis in ((grid, 2), (chroma, 3)):
            planes[flipped] = planes[flipped].flip(axis)
        whole = torch.from_numpy(store.whole[rows].astype(np.float32))[:, None]
        tokens = torch.cat([whole, grid.flatten(1, 2)], dim=1)
        middle, last = tokens.chunk(2, dim=-1)
        return cls(middle, last, chroma)

    def scores(self, head: Head) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            scores: Tensor = head(self.middle, self.last)
        return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--pictures", type=int, default=49950, help="rows of the store")
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    torch.manual_seed(0)
    store = Store.open(args.folder, args.pictures)
    head = Head()
    averaged = train(head, store, args.minutes * 60)
    save_file(averaged, args.output)


def train(head: Head, store: Store, seconds: float) -> dict[str, Tensor]:
    """The averaged weights after so many seconds."""
    everything = np.arange(store.done)
    rows, held_out = everything[everything % HELD_OUT > 0], everything[::HELD_OUT][:400]
    targets, chance = Targets(torch.device("cpu")), np.random.default_rng(0)
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
        loss = targets.loss(batch.scores(head), batch.chroma)
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
    entropy, error = judge(head, store, held_out, targets)
    print(f"{step} steps, {len(rows)} pictures; held out: {entropy:.4f}, error {error:.3f}")
    return averaged


@torch.inference_mode()
def judge(
    head: Head, store: Store, rows: NDArray[np.int64], targets: Targets
) -> tuple[float, float]:
    """Cross-entropy, and root of the mean squared error of the cells' a*, b*."""
    head.eval()
    losses, errors = [], []
    for some in np.array_split(rows, max(1, len(rows) // BATCH)):
        batch = Batch.read(store, some, np.zeros(len(some), np.bool_))
        scores = batch.scores(head)
        losses.append(targets.loss(scores, batch.chroma).item())
        errors.append(targets.error(scores, batch.chroma))
    return float(np.mean(losses)), float(np.mean(errors)) ** 0.5


if __name__ == "__main__":
    main()
