"""Train backbone and head together on the packed pictures.

    python -m tools.semantics.finetune PACKED BACKBONE.safetensors --seconds 300 -o FILE.safetensors

Plain cross-entropy over the 313 colors, soft-encoded in 4 places of each of a cell's 4 parts: the
answer is the mean of plausible colors, where an absolute error would give their median, which is
grey. Lower blocks learn at lower rates. Takes five minutes on a GPU; with `--batch 4` it also runs
on a CPU, to be tried.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

from retint.colorizers.parts.semantics import SIDE
from retint.training.color import rgb_to_lab
from tools.packed.read import split, unpack
from tools.packed.views import LUMA, aged, cropped, random_corners, random_grey
from tools.semantics.head import Head
from tools.semantics.targets import FINE, Targets
from tools.semantics.vit import BLOCKS, Block, ViT

HEAD_RATE, RATE, DECAY = 1e-3, 3e-4, 0.8
"""Learning rates of the head and of the last block, and the ratio from block to block."""
WEIGHT_DECAY, WARMUP = 0.05, 300
DROP_PATH = 0.15
"""Share of left out branches in the last block; in proportion to their depth in the others."""
DROPOUT = 0.1
SMALLEST = 0.5
"""Smallest side of a crop, as a share of the picture's."""
AVERAGED = 1500
"""Steps over which weights are averaged, as a decaying mean."""
JUDGED = 5
"""How often the averaged weights are judged by held-out pictures."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packed", type=Path)
    parser.add_argument("backbone", type=Path)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    torch.manual_seed(0)
    torch.set_float32_matmul_precision("high")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    pixels = unpack(args.packed, args.threads)
    trained, held_out = split(args.packed)
    trainer = Trainer(start(args.backbone).to(device), args.rate)
    if device.type == "cuda":
        stored = torch.from_numpy(np.array(pixels)).to(device)
    else:
        stored = torch.from_numpy(np.array(pixels[:2000]))
        trained, held_out = trained[trained < 2000], held_out[held_out < 2000][:16]
    print(f"{len(trained)} pictures on {device}", flush=True)
    rows, others = (torch.from_numpy(each).to(device) for each in (trained, held_out))
    train(trainer, stored, rows, others, args.batch, args.seconds)
    save_file(trainer.best, args.output)


class Recognizer(nn.Module):
    """Backbone and head: sRGB grey [N, 1, 224, 224] in [0, 1] to scores [N, 256, 4, 313]."""

    def __init__(self, backbone: ViT) -> None:
        super().__init__()
        self.backbone, self.head = backbone, Head(DROPOUT)

    def forward(self, grey: Tensor) -> Tensor:
        scores: Tensor = self.head(*self.backbone(grey))
        return scores


def start(path: Path) -> Recognizer:
    """The known backbone and a new head."""
    backbone = ViT()
    backbone.load_state_dict({name: each.float() for name, each in load_file(path).items()})
    for number, block in enumerate(backbone.blocks, 1):
        assert isinstance(block, Block)
        block.drop_path = DROP_PATH * number / BLOCKS
    return Recognizer(backbone)


class Trainer:
    """A network, its optimizer and the mean of its weights."""

    def __init__(self, network: Recognizer, rate: float) -> None:
        self.network = network.train()
        self.device = network.backbone.whole.device
        self.run = torch.compile(network) if self.device.type == "cuda" else network
        self.optimizer = torch.optim.AdamW(
            list(groups(network, rate)), betas=(0.9, 0.99), fused=self.device.type == "cuda"
        )
        self._averaged = [each.detach().clone() for each in network.parameters()]
        self.targets = Targets(self.device)
        self.steps = 0
        self._lowest = math.inf
        self.best: dict[str, Tensor] = {}
        """The averaged weights, as they were when judged best."""

    def step(self, rgb: Tensor, share: float) -> Tensor:
        """Learn from sRGB uint8 [N, 160, 160, 3], at this share of the time."""
        grey, chroma = views(rgb)
        scale = min(1.0, (self.steps + 1) / WARMUP) * (0.5 + 0.5 * math.cos(math.pi * share))
        for group in self.optimizer.param_groups:
            group["lr"] = group["highest"] * scale
        loss = self.targets.loss(self.scores(aged(grey)), chroma)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.steps += 1
        weight = 1 / min(AVERAGED, self.steps / 4 + 1)
        with torch.no_grad():
            torch._foreach_lerp_(self._averaged, list(self.network.parameters()), weight)
        return loss.detach()

    def scores(self, grey: Tensor) -> Tensor:
        with self._precision():
            scores: Tensor = self.run(grey)
        return scores

    @torch.inference_mode()
    def judge(self, rgb: Tensor, batch: int) -> str:
        """Judge the averaged weights by held-out sRGB uint8 [N, H, W, 3]; keep the best."""
        self.network.eval()
        names = (name for name, _ in self.network.named_parameters())
        averaged = dict(zip(names, self._averaged, strict=True))
        losses, errors = [], []
        for first in range(0, len(rgb), batch):
            grey, chroma = plain(rgb[first : first + batch])
            with self._precision():
                scores = functional_call(self.network, averaged, (grey,)).float()
            losses.append(self.targets.loss(scores, chroma).item())
            errors.append(self.targets.error(scores, chroma))
        self.network.train()
        loss = float(np.mean(losses))
        if loss < self._lowest:
            self._lowest = loss
            self.best = {name: each.half().cpu() for name, each in averaged.items()}
        return f"held out: cross-entropy {loss:.4f}, error of a*b* {np.mean(errors) ** 0.5:.3f}"

    def _precision(self) -> torch.autocast:
        on_gpu = self.device.type == "cuda"
        return torch.autocast(self.device.type, torch.bfloat16, on_gpu)


def groups(network: Recognizer, rate: float) -> Iterator[dict[str, object]]:
    """The parameters of the head, of each block and of the first layer, with their rates."""
    backbone = network.backbone
    first = [*backbone.patch.parameters(), backbone.whole, backbone.positions]
    parts: list[tuple[float, list[nn.Parameter]]] = [(HEAD_RATE, list(network.head.parameters()))]
    parts += [
        (rate * DECAY ** (BLOCKS - number), list(block.parameters()))
        for number, block in enumerate(backbone.blocks, 1)
    ]
    parts.append((rate * DECAY**BLOCKS, first))
    for highest, parameters in parts:
        for decayed in (True, False):
            chosen = [each for each in parameters if (each.ndim == 2) == decayed]
            decay = WEIGHT_DECAY if decayed else 0.0
            if chosen:
                yield {"params": chosen, "lr": 0.0, "highest": highest, "weight_decay": decay}


def views(rgb: Tensor) -> tuple[Tensor, Tensor]:
    """Grey [N, 1, 224, 224] and a*, b* [N, 2, 64, 64] of a part of each sRGB [N, H, W, 3]."""
    planes = rgb.permute(0, 3, 1, 2).float() / 255
    corners = random_corners(len(rgb), SMALLEST, rgb.device)
    grey = cropped(random_grey(planes), SIDE, corners)
    chroma = cropped(rgb_to_lab(planes)[:, 1:], 2 * FINE, corners)
    return grey, F.avg_pool2d(chroma, 2)


def plain(rgb: Tensor) -> tuple[Tensor, Tensor]:
    """Grey [N, 1, 224, 224] and a*, b* [N, 2, 64, 64] of whole pictures sRGB [N, H, W, 3]."""
    planes = rgb.permute(0, 3, 1, 2).float() / 255
    luma = torch.tensor(LUMA, device=rgb.device).view(1, 3, 1, 1)
    grey = F.interpolate(
        (planes * luma).sum(1, keepdim=True), (SIDE, SIDE), mode="bicubic", antialias=True
    )
    chroma = F.interpolate(rgb_to_lab(planes)[:, 1:], (FINE, FINE), mode="bilinear", antialias=True)
    return grey.clamp(0, 1), chroma


def train(
    trainer: Trainer, stored: Tensor, rows: Tensor, held_out: Tensor, batch: int, seconds: float
) -> None:
    """Learn from random batches for so long; compilation does not count."""
    trainer.step(stored[rows[:batch]], 0.0)
    began, told, losses = time.monotonic(), 0.0, []
    order, judged = rows[:0], 0
    while (passed := time.monotonic() - began) < seconds:
        if len(order) < batch:
            order = rows[torch.randperm(len(rows), device=rows.device)]
        some, order = order[:batch], order[batch:]
        losses.append(trainer.step(stored[some], passed / seconds))
        if len(losses) % 10 == 0:
            losses[-1].item()  # waits: otherwise the schedule runs ahead of the work
        if passed - told > 5:
            told = passed
            mean = torch.stack(losses[-100:]).mean().item()
            print(f"{passed:.0f} s, step {trainer.steps}: {mean:.4f}", flush=True)
        if int(passed / seconds * JUDGED) > judged:
            judged += 1
            print(trainer.judge(stored[held_out], batch), flush=True)
    print(trainer.judge(stored[held_out], batch))


if __name__ == "__main__":
    main()
