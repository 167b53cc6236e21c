"""Train the head that says which way is up, on the outputs of a frozen backbone.

    python -m tools.upright.train PACK BACKBONE --seconds 60 -o upright.safetensors

PACK is a folder of `tools.packed.write`, BACKBONE holds weights of `tools.semantics.vit.ViT`.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from tools.packed.read import split, unpack
from tools.semantics.vit import ViT
from tools.upright import views
from tools.upright.head import TURNS, Head

RATE, WEIGHT_DECAY, WARMUP = 1.0e-3, 0.05, 100
AVERAGED = 150
"""Steps over which weights are averaged, as a decaying mean."""
NOISE = 0.05
"""Deviation of the noise on tokens: at run time the backbone is stored with 8 bits."""


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
    averaged = train(head, seen, _on(device, pixels, rows), args.seconds, args.batch)
    save(averaged, args.output)
    head.load_state_dict(averaged)
    scores = judged(head, seen, _on(device, pixels, held), args.batch)
    averaged["temperature"].fill_(temperature(scores))
    save(averaged, args.output)
    report(scores / averaged["temperature"])


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


def train(
    head: Head, seen: Seen, pictures: Tensor, seconds: float, batch: int
) -> dict[str, Tensor]:
    """The averaged weights after so many seconds on upright pictures [N, H, W, 3]."""
    some = views.grey(pictures[torch.randperm(len(pictures))[:512].to(seen.device)])
    parts = [
        seen(views.varied(each, _turns(len(each), seen.device))) for each in torch.split(some, 64)
    ]
    head.standardize(*(torch.cat(each) for each in zip(*parts, strict=True)))
    optimizer = torch.optim.AdamW(
        head.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY, betas=(0.9, 0.98)
    )
    averaged = {name: each.detach().clone() for name, each in head.state_dict().items()}
    head.train()
    began = told = time.monotonic()
    step, losses, order = 0, [], torch.empty(0, dtype=torch.int64)
    while (share := (time.monotonic() - began) / seconds) < 1:
        for group in optimizer.param_groups:
            cosine = 0.5 * (1 + math.cos(math.pi * share)) + 0.005
            group["lr"] = RATE * min(1.0, (step + 1) / WARMUP) * cosine
        if len(order) < batch:
            order = torch.randperm(len(pictures), device=seen.device)
        chosen, order = order[:batch], order[batch:]
        turns = _turns(len(chosen), seen.device)
        with torch.no_grad():
            layers = seen(views.varied(views.grey(pictures[chosen]), turns))
            noisy = [
                each + NOISE * each.std(dim=(0, 1)) * torch.randn_like(each) for each in layers
            ]
        with seen.cast():
            scores = head(*noisy)
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
    print(f"{step} steps on {len(pictures)} pictures: {np.mean(losses[-50:]):.4f}", flush=True)
    return averaged


@torch.no_grad()
def judged(head: Head, seen: Seen, pictures: Tensor, batch: int) -> Tensor:
    """Scores [4, N, 4] of pictures [N, H, W, 3] shown in each of the four turns."""
    head.eval()
    found = []
    for turn in range(TURNS):
        scores = []
        for some in torch.split(pictures, batch):
            turns = torch.full((len(some),), turn, device=seen.device)
            with seen.cast():
                scores.append(head(*seen(views.plain(views.grey(some), turns))))
        found.append(torch.cat(scores))
    return torch.stack(found).float()


def temperature(scores: Tensor) -> float:
    """By what scores [4, N, 4] are to be divided, so that probabilities are right (Guo 2017)."""
    turns = torch.arange(TURNS, device=scores.device).repeat_interleave(scores.shape[1])
    tried = torch.logspace(-0.5, 0.7, 49).tolist()
    losses = [float(F.cross_entropy(scores.flatten(0, 1) / each, turns)) for each in tried]
    return float(tried[int(np.argmin(losses))])


def report(scores: Tensor) -> None:
    """Print how often the head is sure and right, for several thresholds and odds of upright."""
    truth = torch.arange(TURNS, device=scores.device)[:, None]
    right = (scores.argmax(-1) == truth).float()
    print("right by turn:", " ".join(f"{each:.4f}" for each in right.mean(1).tolist()))
    print("odds  threshold  turned: sure  right of sure  upright: turned")
    for odds in (1, 10, 100):
        favoured = scores.clone()
        favoured[..., 0] += math.log(odds)
        sure, found = torch.softmax(favoured, dim=-1).max(-1)
        for threshold in (0.8, 0.9, 0.95, 0.98, 0.99):
            turns = (sure > threshold) & (found > 0)
            of_turned, wrong = turns[1:], (turns & (found != truth))[1:]
            correct = 1 - wrong.sum() / of_turned.sum().clamp(min=1)
            print(
                f"{odds:4d}  {threshold:9.2f}  {of_turned.float().mean():12.4f}"
                f"  {correct:13.4f}  {turns[0].float().mean():15.4f}"
            )


def save(weights: dict[str, Tensor], path: Path) -> None:
    """Write the weights in half precision; the file appears when it is complete."""
    unfinished = path.with_suffix(".part")
    save_file({name: each.half().cpu().contiguous() for name, each in weights.items()}, unfinished)
    unfinished.replace(path)


def _turns(count: int, device: torch.device) -> Tensor:
    return torch.randint(TURNS, (count,), device=device)


def _on(device: torch.device, pixels: np.ndarray, rows: np.ndarray) -> Tensor:
    """Pictures of the memory map, in memory of the device."""
    return torch.from_numpy(pixels[rows]).to(device)


if __name__ == "__main__":
    main()
