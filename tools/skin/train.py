"""Train the network on what `tools.skin.observe` has written down.

    python -m tools.skin.train FOLDER -o skin.safetensors

Skin is what has its colors in pictures of people; nothing is skin in others. About two minutes on
one core.
"""

from __future__ import annotations

import argparse
import math
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F

from retint.evaluation.statistics import area_under_roc
from tools.semantics.backbone import WIDTH
from tools.skin.head import Head
from tools.skin.observe import COLORS, NAMES, PEOPLE, TOKENS

BATCH, STEPS = 24, 1500
RATE, WEIGHT_DECAY, WARMUP = 2e-3, 0.05, 30
HELD_OUT = 20
"""One of so many originals is left out, to be judged by."""
HUES, CHROMA, LIGHTNESS = (25.0, 75.0), (12.0, 38.0), (25.0, 88.0)
"""Colors of skin: hues in degrees, and ranges of chroma and of L*."""
NEARLY, NEARLY_CHROMA, DOUBTFUL = (15.0, 90.0), 8.0, 0.3
"""Hues, and least chroma, of what may be skin in pictures of people, and how much it counts."""
GREY = 6.0
"""Chroma below which a place is grey."""


@dataclass(frozen=True)
class Observed:
    """What was written down."""

    tokens: NDArray[np.float16]
    skin: NDArray[np.bool_]
    weight: NDArray[np.float32]
    grey: NDArray[np.bool_]
    """Places in pictures of people that are grey and as light as skin, [N, 32, 32]."""
    people: NDArray[np.bool_]
    held_out: NDArray[np.bool_]

    @classmethod
    def of(cls, folder: Path) -> Observed:
        colors = np.load(folder / COLORS)
        names = (folder / NAMES).read_text("utf-8").splitlines()
        people = np.array([name.split("|")[0] in PEOPLE for name in names])
        lightness, chroma = colors[..., 0], np.hypot(colors[..., 1], colors[..., 2])
        hue = np.degrees(np.arctan2(colors[..., 2], colors[..., 1]))
        of_people = people[:, None, None]
        as_light = within(lightness, LIGHTNESS)
        skin = of_people & as_light & within(hue, HUES) & within(chroma, CHROMA)
        doubtful = of_people & ~skin & within(hue, NEARLY) & (chroma > NEARLY_CHROMA)
        return cls(
            np.load(folder / TOKENS, mmap_mode="r"), skin,
            np.where(doubtful, DOUBTFUL, 1).astype(np.float32),
            of_people & as_light & (chroma < GREY), people,
            np.array([zlib.crc32(name.split("#")[0].encode()) % HELD_OUT == 0 for name in names]),
        )  # fmt: skip

    def layers(self, rows: NDArray[np.intp]) -> tuple[Tensor, Tensor]:
        """Outputs of both layers [N, 257, 384]; those of whole pictures are not used, and 0."""
        tokens = F.pad(torch.from_numpy(self.tokens[rows].astype(np.float32)), (0, 0, 1, 0))
        middle, last = torch.split(tokens, WIDTH, 2)
        return middle, last


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    observed = Observed.of(args.folder)
    head = Head()
    train(head, observed, args.steps)
    save_file({name: each.contiguous() for name, each in head.state_dict().items()}, args.output)
    print(judged(head, observed))


def train(head: Head, observed: Observed, steps: int) -> None:
    optimizer = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY)
    chance = np.random.default_rng(0)
    known = np.flatnonzero(~observed.held_out)
    for step in range(steps):
        for group in optimizer.param_groups:
            cosine = 0.5 * (1 + math.cos(math.pi * step / steps)) + 0.01
            group["lr"] = RATE * min(1.0, (step + 1) / WARMUP) * cosine
        rows = np.sort(chance.choice(known, min(BATCH, len(known)), replace=False))
        truth, weight = (torch.from_numpy(each[rows]) for each in (observed.skin, observed.weight))
        odds = head(*observed.layers(rows))
        loss = F.binary_cross_entropy_with_logits(odds, truth.float(), weight)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if (step + 1) % 100 == 0:
            print(f"{step + 1} {loss.item():.4f}", flush=True)


@torch.inference_mode()
def judged(head: Head, observed: Observed) -> str:
    """How well skin is told from what is grey in held-out pictures of people, and what is taken for
    skin in others.
    """
    rows = np.flatnonzero(observed.held_out)
    parts = np.array_split(rows, math.ceil(len(rows) / 64))
    found = np.concatenate([torch.sigmoid(head(*observed.layers(part))).numpy() for part in parts])
    skin, grey = (found[each[rows]].astype(np.float64) for each in (observed.skin, observed.grey))
    highest = found[~observed.people[rows]].max((1, 2)).mean()
    return (
        f"held out: separation of skin from grey {area_under_roc(skin, grey):.3f}, "
        f"mean of the highest probabilities without people {highest:.2f}"
    )


def within(values: NDArray[np.float32], limits: tuple[float, float]) -> NDArray[np.bool_]:
    return (values > limits[0]) & (values < limits[1])


if __name__ == "__main__":
    main()
