"""Train the network on the color regions of packed pictures.

    python -m tools.things.train PACK BACKBONE --seconds 60 -o things.safetensors

BACKBONE holds the weights of `tools.semantics.vit.ViT`, or is the shipped `semantics.onnx`, which
is the faster one on a CPU. PACK is what `tools.packed` has written. Every picture gets some random
clicks, whose colors are known. The loss is cross-entropy, and one minus the intersection over union
of soft masks (Rahman & Wang 2016).
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from retint.colorizers.parts.semantics import GREY, LAYERS
from tools.packed.read import split, unpack
from tools.semantics.vit import ViT
from tools.things.clicks import Clicks
from tools.things.head import Things, maps
from tools.things.pictures import Views

RATE, WEIGHT_DECAY, WARMUP = 2e-3, 0.02, 60
AVERAGED = 200
"""Steps over which weights are averaged, as a decaying mean."""
JUDGED = 512
"""Held-out pictures that the result is judged by."""
THRESHOLDS = (0.3, 0.4, 0.5)
SAVED = 120.0
"""Seconds between two files."""
REPORTED = 5.0
"""Seconds between lines about progress."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("backbone", type=Path)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--pictures", type=int, default=0, help="train on so many; 0 for all")
    parser.add_argument("--judged", type=int, default=JUDGED)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    began = time.monotonic()
    torch.manual_seed(0)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    backbone = load_backbone(args.backbone, device)
    rows, held_out = split(args.pack)
    pixels = unpack(args.pack, args.threads)
    pictures = _on(device, pixels, rows[: args.pictures] if args.pictures else rows)
    judged = _on(device, pixels, held_out[: args.judged])
    things = Things().to(device)
    print(
        f"{len(pictures)} pictures on {device} after {time.monotonic() - began:.0f} s", flush=True
    )
    args.output.parent.mkdir(parents=True, exist_ok=True)
    averaged = train(things, backbone, pictures, args.seconds, args.batch, args.output)
    things.load_state_dict(averaged)
    judge(things, backbone, judged, min(args.batch, 64))


Tokens = tuple[Tensor, Tensor]
"""Outputs of the backbone's middle and last block, [N, 257, 384] each."""
Backbone = Callable[[Tensor], Tokens]
"""Tokens of grey pictures [N, 1, 224, 224]."""


def load_backbone(path: Path, device: torch.device) -> Backbone:
    if path.suffix == ".onnx":
        return Shipped(path)
    backbone = ViT()
    backbone.load_state_dict({name: each.float() for name, each in load_file(path).items()})
    found: Backbone = backbone.to(device).eval().requires_grad_(False)
    return found


class Shipped:
    """The backbone of the shipped file, which multiplies in 8 bits."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(path, options)

    def __call__(self, grey: Tensor) -> Tokens:
        found = [self._session.run(LAYERS, {GREY: each[None].numpy()}) for each in grey]
        middle, last = (torch.from_numpy(np.concatenate(each)) for each in zip(*found, strict=True))
        return middle, last


def _on(device: torch.device, pixels: NDArray[np.uint8], rows: NDArray[np.int64]) -> Tensor:
    """The pictures of these rows on the device, [N, 160, 160, 3]."""
    found = torch.empty((len(rows), *pixels.shape[1:]), dtype=torch.uint8, device=device)
    for first in range(0, len(rows), 4096):
        some = rows[first : first + 4096]
        found[first : first + len(some)] = torch.from_numpy(np.ascontiguousarray(pixels[some])).to(
            device
        )
    return found


def train(
    things: Things, backbone: Backbone, pictures: Tensor, seconds: float, batch: int, output: Path
) -> dict[str, Tensor]:
    """The averaged weights after so many seconds; they are also saved."""
    device = pictures.device
    chance = torch.Generator(device).manual_seed(1)
    optimizer = torch.optim.AdamW(
        groups(things), lr=RATE, weight_decay=WEIGHT_DECAY, betas=(0.9, 0.98)
    )
    averaged = {name: each.detach().clone() for name, each in things.state_dict().items()}
    began = shown = saved = time.monotonic()
    step, losses = 0, torch.zeros(4, device=device)
    counted = 0
    left = torch.empty(0, dtype=torch.long, device=device)
    while (share := (time.monotonic() - began) / seconds) < 1:
        for group in optimizer.param_groups:
            cosine = 0.5 * (1 + math.cos(math.pi * share)) + 0.005
            group["lr"] = RATE * min(1.0, (step + 1) / WARMUP) * cosine
        if len(left) < batch:
            left = torch.randperm(len(pictures), generator=chance, device=device)
        some, left = left[:batch], left[batch:]
        views = Views.of(pictures[some], chance)
        parts = losses_of(things, tokens_of(backbone, views), views, Clicks(views, chance))
        optimizer.zero_grad(set_to_none=True)
        parts.sum().backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(things.parameters(), 1.0)
        optimizer.step()
        step += 1
        weight = 1 / min(AVERAGED, step)
        for name, each in things.state_dict().items():
            averaged[name].lerp_(each, weight)
        losses[:3] += parts.detach()
        counted += 1
        if device.type == "cuda":
            torch.cuda.synchronize()  # otherwise the schedule runs ahead of the work
        if time.monotonic() - shown > REPORTED:
            shown = time.monotonic()
            mean = " ".join(f"{each:.4f}" for each in (losses[:3] / counted).tolist())
            pace = step * len(some) / (shown - began)
            print(f"{step} {share:.2f} {mean} {pace:.0f}/s", flush=True)
            losses.zero_()
            counted = 0
        if time.monotonic() - saved > SAVED:
            saved = time.monotonic()
            _save(averaged, output)
    print(f"{step} steps", flush=True)
    _save(averaged, output)
    return averaged


def _save(weights: dict[str, Tensor], output: Path) -> None:
    save_file({name: each.half().cpu().contiguous() for name, each in weights.items()}, output)


def groups(things: nn.Module) -> list[dict[str, object]]:
    """Matrices decay, other parameters do not."""
    kinds: dict[bool, list[nn.Parameter]] = {True: [], False: []}
    for each in things.parameters():
        kinds[each.ndim > 1].append(each)
    return [{"params": kinds[True]}, {"params": kinds[False], "weight_decay": 0.0}]


@torch.no_grad()
def tokens_of(backbone: Backbone, views: Views) -> Tokens:
    """What the backbone sees in pictures."""
    with _autocast(views.grey.device):
        middle, last = backbone(views.grey)
    return middle, last


def _autocast(device: torch.device) -> torch.autocast:
    return torch.autocast(device.type, torch.bfloat16)


def scores_of(
    things: Things, tokens: Tokens, views: Views, clicks: Clicks
) -> tuple[Tensor, Tensor]:
    """Scores [N, K, 2, 64, 64] of masks, and of alikeness alone [N, K, 64, 64]."""
    n, count = clicks.rows.shape
    with _autocast(views.light.device):
        embedded = things.embedder(*map(maps, tokens), views.edges)
        scores, first = things.decoder(embedded, views.light, clicks.of(embedded, views.light))
    return scores.float().reshape(n, count, *scores.shape[1:]), first.float().reshape(
        clicks.alike.shape
    )


def losses_of(things: Things, tokens: Tokens, views: Views, clicks: Clicks) -> Tensor:
    """Losses of the clicked thing, of alike colors, and of the embeddings alone, [3]."""
    scores, first = scores_of(things, tokens, views, clicks)
    mine, alike = scores.unbind(2)
    belongs = _entropy(mine, clicks.connected, clicks.certain)
    union = 1 - soft_union(torch.sigmoid(mine), clicks.connected).mean()
    return torch.stack([
        belongs + union,
        0.5 * _entropy(alike, clicks.alike, clicks.certain),
        0.25 * _entropy(first, clicks.alike, clicks.certain),
    ])  # fmt: skip


def _entropy(scores: Tensor, truth: Tensor, certain: Tensor) -> Tensor:
    found = F.binary_cross_entropy_with_logits(scores, truth, reduction="none")
    return (found * certain).mean() / certain.mean()


def soft_union(one: Tensor, other: Tensor) -> Tensor:
    """Intersection over union of soft masks [N, K, h, w]: [N, K]."""
    both = (one * other).sum((2, 3))
    return both / (one.sum((2, 3)) + other.sum((2, 3)) - both + 1e-6)


@torch.inference_mode()
def judge(things: Things, backbone: Backbone, pictures: Tensor, batch: int) -> None:
    """Print mean intersections over unions on held-out pictures."""
    chance = torch.Generator(pictures.device).manual_seed(2)
    names = ("thing", "embedding", "distance")
    found: dict[tuple[str, float], list[Tensor]] = {}
    for some in torch.split(pictures, batch):
        views = Views.of(some)
        clicks = Clicks(views, chance)
        scores, first = scores_of(things, tokens_of(backbone, views), views, clicks)
        shares = (scores[:, :, 0].sigmoid(), first.sigmoid(), _near(clicks))
        for name, share in zip(names, shares, strict=True):
            for threshold in THRESHOLDS:
                union = soft_union((share > threshold).float(), clicks.connected)
                found.setdefault((name, threshold), []).append(union.flatten())
    for (name, threshold), each in found.items():
        print(f"held out: {name} above {threshold}: {torch.cat(each).mean().item():.4f}")


def _near(clicks: Clicks) -> Tensor:
    """1 near clicks, falling to 0 over half the picture."""
    height, width = clicks.alike.shape[2:]
    device = clicks.rows.device
    dy = (torch.arange(height, device=device)[:, None] - clicks.rows[..., None, None]) / height
    dx = (torch.arange(width, device=device) - clicks.columns[..., None, None]) / width
    return (1 - 2 * torch.hypot(dy + 0 * dx, dx + 0 * dy)).clamp(min=0)


if __name__ == "__main__":
    main()
