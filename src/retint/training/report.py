"""Output of a run: a CSV log, a loss curve, a sheet of samples."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset

from retint.files import atomic
from retint.files.atomic import partials
from retint.training.data.crops import Sample
from retint.training.networks.base import Guesser


class Log:
    """A CSV file with a row per epoch; rows of epochs that will be repeated are dropped."""

    def __init__(self, path: Path, keep_epochs: int) -> None:
        self.path = path
        self.rows: list[dict[str, object]] = []
        if keep_epochs and path.exists():
            with path.open(newline="") as file:
                self.rows = [dict(row) for row in csv.DictReader(file)][:keep_epochs]

    def add(self, **row: float) -> None:
        self.rows.append({name: f"{value:.6g}" for name, value in row.items()})
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, self.rows[0])
        writer.writeheader()
        writer.writerows(self.rows)
        atomic.write(self.path, text.getvalue())


def draw_curve(log: Path, target: Path) -> None:
    """Plot training and validation loss against the number of pictures."""
    from matplotlib.figure import Figure

    with log.open(newline="") as file:
        rows = list(csv.DictReader(file))
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    pictures = [float(row["pictures"]) for row in rows]
    for name in ("train_loss", "validation_loss"):
        losses = [float(row[name]) for row in rows]
        axes.plot(pictures, losses, marker=".", label=name.replace("_", " "))
    axes.set(xlabel="pictures seen", ylabel="loss", yscale="log")
    axes.legend()
    with partials([target]) as (partial,):
        figure.savefig(partial, dpi=120, format="png")


@torch.inference_mode()
def draw_samples(
    network: Guesser,
    squares: Dataset[Sample],
    count: int,
    target: Path,
    device: torch.device,
) -> None:
    """One row per picture: lightness in grey, the network's RGB, the original.

    Networks that only imitate another one have no samples.
    """
    network.eval()
    rows = []
    for index in range(min(count, len(squares))):  # type: ignore[arg-type]
        lightness, rgb, hints = squares[index]
        guess = network.guess(lightness[None].to(device), hints[None].to(device))
        if guess.features:
            return
        painted = guess.rgb[0].cpu()
        rows.append(torch.cat([lightness.expand(3, -1, -1), painted, rgb], dim=2))
    sheet = (torch.cat(rows, dim=1) * 255).round().clamp(0, 255).to(torch.uint8)
    with partials([target]) as (partial,):
        Image.fromarray(np.ascontiguousarray(sheet.permute(1, 2, 0).numpy())).save(partial, "PNG")
