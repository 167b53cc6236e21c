"""Estimates whether caching the frozen encoder's features of each picture in memory is worthwhile.

    python benchmarks/speed/feature_cache.py [--size 96] [--batch 32] [--threads 2]

Prints pictures per second of a training step with a frozen encoder, with the features computed, and
with the same features read from a half-precision store of at most 8 GB.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from retint.training.networks.resnet_unet import ResNetUNet, ResNetUNetConfig

LIMIT = 8e9
"""Maximum bytes of the store."""
SECONDS = 10.0
"""Duration of each measurement."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    network = ResNetUNet(ResNetUNetConfig())
    network.encoder.train_last(0)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in stubs
    network.train()
    lightness = torch.rand(args.batch, 1, args.size, args.size)
    truth = torch.zeros(args.batch, 2, args.size, args.size)
    with torch.no_grad():
        store = [each.half() for each in network.encoder(lightness)]
    each_picture = sum(m[0].numel() * 2 for m in store)
    print(f"{each_picture / 1e3:.0f} KB per picture: {LIMIT / each_picture:,.0f} pictures in 8 GB")

    def step(maps: tuple[Tensor, ...]) -> None:
        F.l1_loss(network.decode(maps, lightness), truth).backward()  # type: ignore[no-untyped-call]
        network.zero_grad()

    def computed() -> None:
        step(network.encoder(lightness))

    def read() -> None:
        step(tuple(m.float() for m in store))

    for name, run in (("computed", computed), ("read", read)):
        print(f"features {name}: {args.batch * rate(run):.0f} pictures/s")


def rate(run: Callable[[], None]) -> float:
    """Runs per second."""
    run()
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        run()
        count += 1
    return count / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
