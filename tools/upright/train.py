"""Train the head that says which way is up, on the outputs of a frozen backbone.

    python -m tools.upright.train PACK BACKBONE --seconds 60 -o upright.safetensors

PACK is a folder of `tools.packed.write`, BACKBONE holds weights of `tools.semantics.vit.ViT`.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from tools.packed.read import split, unpack
from tools.semantics.vit import ViT
from tools.upright import views
from tools.upright.head import TURNS, Head, pooled

RATE, WEIGHT_DECAY, WARMUP = 1.0e-3, 0.05, 100
AVERAGED = 150
"""Steps over which weights are averaged, as a decaying mean."""
SURVEYED, SURVEYS = 64, 8
"""Views, and how many times, from which the scales of the tokens are taken."""
NOISE = 0.05
"""Deviation of the noise on tokens: at run time the backbone is stored with 8 bits."""


Batch = tuple[Tensor, Tensor]
"""Pooled tokens of views, and quarter turns clockwise that make them upright."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("backbone", type=Path)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--batch", type=int, default=384)
    parser.add_argument("--pictures", type=int, default=0, help="train on the first only; 0: all")
    parser.add_argument("--held-out", type=int, default=2000, help="pictures to be judged by")
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    torch.manual_seed(0)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    pixels = unpack(args.pack, torch.get_num_threads())
    rows, held = split(args.pack)
    rows, held = rows[: args.pictures or None], held[: args.held_out]
    seen = Seen(args.backbone, device)
    head = Head().to(device)
    drawn = draw(seen, _on(device, pixels, rows), head.pool)
    averaged = train(head, drawn, args.seconds, args.batch, seen.cast())
    save(averaged, args.output)
    head.load_state_dict(averaged)
    calibrate(averaged, *judged(head, seen, _on(device, pixels, held), args.batch), args.output)


class Seen:
    """What the backbone sees in pictures: the outputs of blocks 8 and 12."""

    def __init__(self, path: Path, device: torch.device) -> None:
        self._network = ViT()
        self._network.load_state_dict(
            {name: each.float() for name, each in load_file(path).items()}
        )
        self._network.eval().requires_grad_(False).to(device)
        self.device = device

    def cast(self) -> torch.autocast:
        """The precision of all networks: bfloat16 on a GPU, else float32."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda")

    @torch.no_grad()
    def __call__(self, grey: Tensor) -> tuple[Tensor, Tensor]:
        with self.cast():
            middle, last = self._network(grey)
        return middle.float(), last.float()


def draw(seen: Seen, pictures: Tensor, pool: int) -> Callable[[int], Batch]:
    """Returns what shows so many upright pictures [N, H, W, 3] in random turns to the backbone."""
    left = [torch.empty(0, dtype=torch.int64, device=seen.device)]

    def drawn(count: int) -> Batch:
        if len(left[0]) < count:
            left[0] = torch.randperm(len(pictures), device=seen.device)
        chosen, left[0] = left[0][:count], left[0][count:]
        turns = torch.randint(TURNS, (len(chosen),), device=seen.device)
        with torch.no_grad():
            layers = torch.cat(seen(views.varied(views.grey(pictures[chosen]), turns)), dim=-1)
        return pooled(layers, pool), turns

    return drawn


def train(
    head: Head, drawn: Callable[[int], Batch], seconds: float, batch: int, cast: torch.autocast
) -> dict[str, Tensor]:
    """The averaged weights after so many seconds on batches of so many views."""
    head.standardize(torch.cat([drawn(SURVEYED)[0] for _ in range(SURVEYS)]))
    optimizer = torch.optim.AdamW(
        head.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY, betas=(0.9, 0.98)
    )
    averaged = {name: each.detach().clone() for name, each in head.state_dict().items()}
    head.train()
    began = told = time.monotonic()
    step, losses = 0, []
    while (share := (time.monotonic() - began) / seconds) < 1:
        for group in optimizer.param_groups:
            cosine = 0.5 * (1 + math.cos(math.pi * share)) + 0.005
            group["lr"] = RATE * min(1.0, (step + 1) / WARMUP) * cosine
        tokens, turns = drawn(batch)
        tokens = tokens + NOISE * tokens.std(dim=(0, 1)) * torch.randn_like(tokens)
        with cast:
            scores = head.judge(tokens)
        loss = F.cross_entropy(scores, turns)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
        step += 1
        losses.append(loss.item())
        weight = 1 - 1 / min(AVERAGED, step + 1)
        with torch.no_grad():
            for name, each in head.state_dict().items():
                averaged[name].mul_(weight).add_(each, alpha=1 - weight)
        if time.monotonic() - told > 5:
            told = time.monotonic()
            pace = step * batch / (told - began)
            print(f"{step} {share:.2f} {np.mean(losses[-50:]):.4f} {pace:.0f}/s", flush=True)
    print(f"{step} steps of {batch} views: {np.mean(losses[-50:]):.4f}", flush=True)
    return averaged


@torch.no_grad()
def judged(head: Head, seen: Seen, pictures: Tensor, batch: int) -> tuple[Tensor, Tensor]:
    """Scores [4 N, 4] of pictures [N, H, W, 3] shown in each of the four turns, and the turns."""
    head.eval()
    scores, truth = [], []
    for turn in range(TURNS):
        for some in torch.split(pictures, batch):
            turns = torch.full((len(some),), turn, device=seen.device)
            with seen.cast():
                scores.append(head(*seen(views.plain(views.grey(some), turns))))
            truth.append(turns)
    return torch.cat(scores).float(), torch.cat(truth)


def calibrate(weights: dict[str, Tensor], scores: Tensor, truth: Tensor, path: Path) -> None:
    """Add the temperature to the weights, write them, and print how good they are."""
    weights["temperature"].fill_(temperature(scores, truth))
    save(weights, path)
    report(scores / weights["temperature"], truth)


def temperature(scores: Tensor, truth: Tensor) -> float:
    """By what scores [N, 4] are to be divided, so that probabilities are right (Guo 2017)."""
    tried = torch.logspace(-0.5, 0.7, 49).tolist()
    losses = [float(F.cross_entropy(scores / each, truth)) for each in tried]
    return float(tried[int(np.argmin(losses))])


def report(scores: Tensor, truth: Tensor) -> None:
    """Print how often the head is sure and right, for several thresholds and odds of upright."""
    right = (scores.argmax(-1) == truth).float()
    by_turn = [f"{right[truth == turn].mean():.4f}" for turn in range(TURNS)]
    print(f"right by turn: {' '.join(by_turn)} of {len(truth)} views")
    print("odds  threshold  lying: turned  right of turned  upright: turned")
    for odds in (1, 10, 100):
        favoured = scores.clone()
        favoured[:, 0] += math.log(odds)
        sure, found = torch.softmax(favoured, dim=-1).max(-1)
        for threshold in (0.8, 0.9, 0.95, 0.98, 0.99):
            turns, lying = (sure > threshold) & (found > 0), truth > 0
            correct = (found == truth)[turns & lying].float().mean()
            print(
                f"{odds:4d}  {threshold:9.2f}  {turns[lying].float().mean():13.4f}"
                f"  {correct:15.4f}  {turns[~lying].float().mean():15.4f}"
            )


def save(weights: dict[str, Tensor], path: Path) -> None:
    """Write the weights in half precision; the file appears when it is complete."""
    unfinished = path.with_suffix(".part")
    save_file({name: each.half().cpu().contiguous() for name, each in weights.items()}, unfinished)
    unfinished.replace(path)


def _on(device: torch.device, pixels: np.ndarray, rows: np.ndarray) -> Tensor:
    """Pictures of the memory map, in memory of the device."""
    return torch.from_numpy(pixels[rows]).to(device)


if __name__ == "__main__":
    main()
