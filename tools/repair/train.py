"""Train the network on made damage.

    python -m tools.repair.train PACK BACKBONE --seconds 60 -o damage.safetensors

PACK is a folder of `tools.packed`; with `--sharp`, that of `tools.repair.sharp` too. BACKBONE is
not used: lightness alone tells damage. Prints precision at a recall of 0.7 on held-out pictures.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F

from tools.packed.read import SIDE, split, unpack
from tools.repair.chance import Chance
from tools.repair.damage import Damaged, damaged
from tools.repair.drawings import drawings
from tools.repair.network import DamageNet
from tools.repair.pool import Pool
from tools.repair.scenes import Scenes, grey_of, scanned

Source = Callable[[int], Damaged]
"""Makes so many damaged pictures."""
RATE, WEIGHT_DECAY, WARMUP = 2.5e-3, 0.01, 100
AVERAGED = 0.995
"""Decay of the averaged weights for each step, less in the beginning."""
FALSE_ALARM = (0.4, 2.5)
"""Weight of sound pixels in the cross-entropy at first and in the end; damaged ones count 1."""
STRICT = (0.4, 0.7)
"""Share of the Tversky loss's penalty for false alarms at first and in the end."""
STRICT_FROM = 0.5
"""Share of the time after which the last values hold."""
RECALL = 0.7
DRAWINGS = 384


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("backbone", type=Path, nargs="?", help="not used")
    parser.add_argument("--sharp", type=Path, help="a second pack, of pictures at their own size")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--batch", type=int, default=0, help="default: 256 on a GPU, 8 without")
    parser.add_argument("--pool", type=int, default=0, help="pictures made beforehand, 0 for none")
    parser.add_argument("--side", type=int, default=128, help="side of cuts from the pool")
    parser.add_argument("--bf16", action="store_true", help="also without a GPU")
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--judged", type=int, default=1024, help="held-out pictures")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(args.seed)
    torch.backends.cudnn.benchmark = True
    chance = Chance(device)
    known, held_out = scenes(args.pack, args.sharp, chance)
    network = DamageNet().to(device)
    if args.start:
        network.load_state_dict({k: v.float() for k, v in load_file(args.start).items()})
    batch = args.batch or (256 if device.type == "cuda" else 8)
    source = Pool(known, chance, args.pool, args.side) if args.pool else fresh(known, chance)
    half = args.bf16 or device.type == "cuda"
    averaged = train(network, source, chance, args.seconds, batch, args.rate, half)
    args.output.parent.mkdir(parents=True, exist_ok=True)
    save_file({k: v.half().cpu().contiguous() for k, v in averaged.items()}, args.output)
    network.load_state_dict(averaged)
    torch.manual_seed(1)
    print(
        judged(network, fresh(held_out, chance), chance, args.judged, min(batch, 128)), flush=True
    )


def scenes(pack: Path, sharp: Path | None, chance: Chance) -> tuple[Scenes, Scenes]:
    """Pictures to train on, and held-out ones."""
    soft = _greys(pack, chance.device)
    fine = _greys(sharp, chance.device) if sharp else soft
    ink = torch.from_numpy(drawings(DRAWINGS, SIDE)).to(chance.device)
    parts = (ink[: DRAWINGS * 3 // 4], ink[DRAWINGS * 3 // 4 :])
    known, held_out = (Scenes(*each, chance) for each in zip(soft, fine, parts, strict=True))
    return known, held_out


def _greys(folder: Path, device: torch.device) -> tuple[Tensor, Tensor]:
    pixels = unpack(folder, 16 if device.type == "cuda" else 2)

    def loaded(rows: NDArray[np.int64]) -> Tensor:
        parts = np.array_split(rows, max(1, len(rows) // 4096))
        return torch.cat([grey_of(torch.from_numpy(pixels[part]).to(device)) for part in parts])

    rows, held_out = split(folder)
    return loaded(rows), loaded(held_out)


def fresh(pictures: Scenes, chance: Chance) -> Source:
    """Makes every picture and its damage anew."""
    return lambda count: damaged(pictures(count), chance)


def examples(source: Source, chance: Chance, count: int) -> Damaged:
    """Damaged pictures as a scanner shows them."""
    found = source(count)
    return Damaged(scanned(found.grey, chance), found.mask, found.weight)


def train(
    network: DamageNet,
    source: Source,
    chance: Chance,
    seconds: float,
    batch: int,
    rate: float,
    half: bool,
) -> dict[str, Tensor]:
    """The averaged weights after so many seconds; the last ones stay in the network."""
    device = chance.device.type
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=WEIGHT_DECAY)
    averaged = {name: each.detach().clone() for name, each in network.state_dict().items()}
    network.train()
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    began = told = time.monotonic()
    step = 0
    losses: list[Tensor] = []
    while (share := (time.monotonic() - began) / seconds) < 1:
        for group in optimizer.param_groups:
            cosine = 0.5 * (1 + math.cos(math.pi * share)) + 0.005
            group["lr"] = rate * min(1.0, (step + 1) / WARMUP) * cosine
        with torch.no_grad():
            each = examples(source, chance, batch)
        with torch.autocast(device, torch.bfloat16, enabled=half):
            answer = network(each.grey)
        value = loss(answer.float(), each, min(1.0, share / STRICT_FROM))
        optimizer.zero_grad(set_to_none=True)
        value.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        step += 1
        keep = min(AVERAGED, step / (step + 10))
        with torch.no_grad():
            for name, now in network.state_dict().items():
                if now.is_floating_point():
                    averaged[name].lerp_(now, 1 - keep)
                else:
                    averaged[name].copy_(now)
        losses.append(value.detach())
        if time.monotonic() - told > 5:
            told = time.monotonic()
            pace = step * batch / (told - began)
            mean = torch.stack(losses).mean().item()
            print(f"{share:.2f} step {step} loss {mean:.4f} {pace:.0f}/s", flush=True)
            losses.clear()
    return averaged


def loss(answer: Tensor, truth: Damaged, strictness: float) -> Tensor:
    """Cross-entropy and a Tversky loss (Salehi et al. 2017).

    `strictness` grows from 0 to 1: a network that is punished for false alarms from the first step
    on learns for long only to find nothing.
    """
    alarm, strict = (low + (high - low) * strictness for low, high in (FALSE_ALARM, STRICT))
    mask, weight = truth.mask, truth.weight
    importance = weight * torch.where(mask > 0, 1.0, alarm)
    entropy = F.binary_cross_entropy_with_logits(answer, mask, importance, reduction="sum")
    entropy = entropy / importance.sum()
    odds = torch.sigmoid(answer) * weight
    hit = (odds * mask).sum()
    alarms, missed = (odds * (1 - mask)).sum(), ((1 - odds) * mask).sum()
    shared = hit / (hit + strict * alarms + (1 - strict) * missed + 1)
    return 4 * entropy + 0.5 * (1 - shared)


@torch.inference_mode()
def judged(network: DamageNet, source: Source, chance: Chance, count: int, batch: int) -> str:
    """Figures on new damage on so many pictures."""
    network.eval()
    bins = 1000
    right, wrong = (torch.zeros(bins + 1, device=chance.device) for _ in range(2))
    for _ in range(max(1, count // batch)):
        each = examples(source, chance, batch)
        odds = torch.sigmoid(network(each.grey).float())
        level = (odds * bins).round().long().flatten()
        weight = each.weight.flatten()
        for total, chosen in ((right, each.mask), (wrong, 1 - each.mask)):
            total += torch.bincount(level, weight * chosen.flatten(), bins + 1)
    hits, alarms = (total.flip(0).cumsum(0).flip(0).cpu() for total in (right, wrong))
    recall, precision = hits / hits[0], hits / (hits + alarms).clamp(min=1)
    at = int((recall >= RECALL).sum()) - 1
    lines = [
        f"held out: precision {precision[at]:.3f} at recall {recall[at]:.3f}, "
        f"threshold {at / bins:.2f}"
    ]
    lines += [
        f"threshold {t:.1f}: precision {precision[round(t * bins)]:.3f} "
        f"recall {recall[round(t * bins)]:.3f} touched wrongly "
        f"{100 * alarms[round(t * bins)] / alarms[0]:.3f} %"
        for t in (0.3, 0.5, 0.7, 0.9)
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
