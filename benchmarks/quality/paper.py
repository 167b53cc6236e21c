"""The course project's own metric: mean squared error of a U-Net's raw RGB on held-out landscapes.

    python benchmarks/quality/paper.py DIR RUN... [--side 224]

DIR is the training data of the runs; a fifth of it (seed 42) was held out. Its landscapes are
measured as whole pictures, cropped to squares of the given side.
"""

from __future__ import annotations

import argparse
from pathlib import Path, PurePosixPath

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

from retint.evaluation.metrics import psnr
from retint.training.data.crops import CentreSquares
from retint.training.data.photographs import Photographs
from retint.training.networks.registry import build_network
from retint.training.recipe import read_recipe

LANDSCAPES = {"intel", "weather", "sun"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--threads", type=int, default=0)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    photographs = Photographs(args.data)
    print("| run | pictures | side | MSE | PSNR of the mean MSE | mean PSNR |")
    print("|---|---|---|---|---|---|")
    for run in args.runs:
        recipe = read_recipe(run / "recipe.toml")
        network = build_network(recipe).eval()
        network.load_state_dict(load_file(run / "weights.safetensors"))
        _, held_out = photographs.split(recipe.data.held_out, recipe.seed)
        names = [name for name in held_out if PurePosixPath(name).parts[0] in LANDSCAPES]
        side = network.size.padded(args.side)
        errors = squared_errors(network, CentreSquares(photographs, names, side))
        mse = errors.mean().item()
        mean = torch.tensor([psnr(error) for error in errors.tolist()]).mean().item()
        print(f"| {run.name} | {len(names)} | {side} | {mse:.4f} | {psnr(mse):.2f} | {mean:.2f} |")


@torch.inference_mode()
def squared_errors(network: nn.Module, squares: CentreSquares) -> torch.Tensor:
    """Mean squared error of RGB in [0, 1] for each picture."""
    return torch.cat(
        [
            F.mse_loss(network(lightness), rgb, reduction="none").mean((1, 2, 3))
            for lightness, rgb in DataLoader(squares, batch_size=32)
        ]
    )


if __name__ == "__main__":
    main()
